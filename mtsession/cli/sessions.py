"""`mtsession sessions`: what is kept in the data folder."""

from __future__ import annotations

import json

import click
import msgspec
from rich.console import Console
from rich.table import Table

from mtsession.capture.library import Access, SessionSummary
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
        begun = summary.started_at.astimezone().strftime("%d %b %Y %H:%M")
        length = "" if summary.duration_s is None else clock_text(summary.duration_s)
        rows.add_row(summary.id, begun, length, who_or_why_not(summary))
    return rows


def who_or_why_not(summary: SessionSummary) -> str:
    """The players, or why the session cannot be opened."""
    if summary.access is not Access.READABLE:
        return say(f"cli.session_{summary.access.value}")
    return ", ".join(player.seat for player in summary.players)


def clock_text(seconds: float) -> str:
    """75.2 → "1:15"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
