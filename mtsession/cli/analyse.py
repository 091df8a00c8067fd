"""`mtsession analyse`: what happened in a session, in words or as figures."""

from __future__ import annotations

import click

from mtsession.analysis.encoding import to_json
from mtsession.analysis.summary import SessionMeasures, measure
from mtsession.analysis.words import in_words
from mtsession.cli.keys import open_session, opener
from mtsession.config import DataFolder


@click.command("analyse", epilog="Example: mtsession analyse last --json")
@click.argument("sessions", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON, one object a session.")
@click.pass_obj
def analyse_command(folder: DataFolder, sessions: tuple[str, ...], *, as_json: bool) -> None:
    """Say what happened in SESSIONS ("last", an id, or the beginning of one)."""
    using = opener(folder)
    for wanted in sessions:
        measures = measure(open_session(folder, wanted, using).read())
        click.echo(figures(measures) if as_json else words(measures))


def figures(measures: SessionMeasures) -> str:
    """All measures of one session as one line of JSON."""
    return to_json(measures).decode()


def words(measures: SessionMeasures) -> str:
    """All measures of one session as sentences, one a line."""
    return "\n".join((measures.session_id, *(f"  {line}" for line in in_words(measures))))
