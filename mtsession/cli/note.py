"""`mtsession note`: the draft note of a session, or the signed one, as text."""

from __future__ import annotations

import click

from mtsession.analysis.summary import measure
from mtsession.cli.keys import open_session, record
from mtsession.config import DataFolder
from mtsession.record.notes.draft import draft_note
from mtsession.record.notes.page import as_text


@click.command("note", epilog="Example: mtsession note last")
@click.argument("session")
@click.pass_obj
def note_command(folder: DataFolder, session: str) -> None:
    """Print SESSION's note: the signed one, or a draft made now. Ticking and signing is done in the review."""
    with record(folder) as opened:
        kept = open_session(folder, session, opened.opener).read()
        notes = opened.notes(kept.id) or (draft_note(kept, measure(kept), opened.session_clients(kept.id)),)
    for note in notes:
        click.echo(as_text(note))
