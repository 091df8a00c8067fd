"""`mtsession import` and `mtsession export`: sessions from MIDI files, and out of the sealed file again."""

from __future__ import annotations

from pathlib import Path

import click

from mtsession.capture.exports import FORMATS, export
from mtsession.capture.imports import import_midi
from mtsession.cli.keys import open_session
from mtsession.config import DataFolder
from mtsession.wording import say


@click.command("import", epilog="Example: mtsession import client.mid therapist.mid")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def import_command(folder: DataFolder, files: tuple[Path, ...]) -> None:
    """Make a session of MIDI FILES: one file a player (client first), or one file with a track a player."""
    session_id = import_midi(files, folder.make())
    click.echo(say("cli.imported", id=session_id))


@click.command("export", epilog="Example: mtsession export last --format tsv --to exports")
@click.argument("session")
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True)
@click.option("--to", "target", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.pass_obj
def export_command(folder: DataFolder, session: str, kind: str, target: Path) -> None:
    """Write SESSION to files that other programs read: Standard MIDI File, FLAC or TSV. They are not sealed."""
    opened = open_session(folder, session)
    for path in export(opened.path, opened.key, kind, target):
        click.echo(str(path))
    click.echo(say("cli.export_not_sealed"), err=True)
