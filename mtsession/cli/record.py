"""`mtsession record`: make the case record, look at it, and change its passphrase."""

from __future__ import annotations

import click

from mtsession.cli import keys
from mtsession.config import DataFolder
from mtsession.errors import RecordError
from mtsession.record.audit import verify
from mtsession.record.keys import create_record
from mtsession.wording import say


@click.group("record", epilog="Example: mtsession record make")
def record_command() -> None:
    """Make the encrypted case record, or check it."""


@record_command.command("make", epilog="Example: mtsession record make")
@click.pass_obj
def make_record(folder: DataFolder) -> None:
    """Make the case record. Its passphrase opens it and all sessions; a recovery key is shown once."""
    recovery = create_record(folder.make(), keys.new_passphrase())
    click.echo(say("cli.record_made"))
    click.echo(say("cli.recovery_key", recovery=recovery.text))


@record_command.command("check", epilog="Example: mtsession record check")
@click.pass_obj
def check_record(folder: DataFolder) -> None:
    """Check that nothing in the audit trail was changed or left out."""
    with keys.record(folder) as opened:
        verdict = verify(opened)
    if not verdict.intact:
        raise RecordError(say("cli.audit_broken", faults="; ".join(verdict.faults)), say("cli.audit_broken_next"))
    click.echo(say("cli.audit_whole", n=verdict.n_entries))
