"""`mtsession sessions`: what is kept in the data folder."""

from __future__ import annotations

import json

import click
import msgspec
from rich.console import Console
from rich.table import Table

from mtsession.capture.library import SessionSummary
from mtsession.capture.library import sessions as kept_sessions
from mtsession.cli.keys import opener
from mtsession.config import DataFolder
from mtsession.wording import say


@click.command("sessions", epilog="Example: mtsession sessions")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def sessions_command(folder: DataFolder, *, as_json: bool) -> None:
    """List the sessions that are kept, newest first."""
    found = kept_sessions(folder, opener(folder))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found)))
    elif found:
        Console(highlight=False).print(table(found))
    else:
        click.echo(say("cli.none_kept"))


def table(found: tuple[SessionSummary, ...]) -> Table:
    """One row a session."""
    rows = Table("session", "begun", "length", "players", box=None, pad_edge=False)
    for summary in found:
        if summary.locked:
            rows.add_row(summary.id, "", "", say("cli.locked"))
            continue
        begun = summary.started_at.astimezone().strftime("%d %b %Y %H:%M") if summary.started_at else ""
        rows.add_row(summary.id, begun, clock_text(summary.duration_s or 0.0), ", ".join(summary.seats))
    return rows


def clock_text(seconds: float) -> str:
    """75.2 → "1:15"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
