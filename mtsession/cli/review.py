"""`mtsession review`: the review, note desk and case record, in a browser on this machine only."""

from __future__ import annotations

import os
import sys
import time
import webbrowser

import click

from mtsession.capture.library import find
from mtsession.cli import keys
from mtsession.config import DataFolder
from mtsession.record.keys import has_record, unlock
from mtsession.supervisor import DeskAddress, start_desk
from mtsession.wording import say

IDLE_STOP_S = 1800.0
"""A review in the background closes by itself when nobody has asked it for anything for so long."""


@click.command("review", epilog="Example: mtsession review last")
@click.argument("session", required=False)
@click.option("--open/--no-open", "browser", default=True, help="Open the browser where there is a desktop.")
@click.option("--background", is_flag=True, help="Print the address and end; it stops when unused for half an hour.")
@click.pass_obj
def review_command(folder: DataFolder, session: str | None, *, browser: bool, background: bool) -> None:
    """Open the review of SESSION, or the list of sessions, on this machine only."""
    session_id = find(folder, session) if session else None
    passphrase = checked_passphrase(folder) if has_record(folder) else None
    idle_stop_s = IDLE_STOP_S if background else None
    desk = start_desk(
        folder, passphrase=passphrase, open_session=session_id, idle_stop_s=idle_stop_s, detached=background
    )
    show(desk, browser=browser)
    if not background:
        wait_for_interrupt(desk)


def checked_passphrase(folder: DataFolder) -> str:
    """The passphrase, tried here so that a wrong one is told at once; raises PassphraseError."""
    passphrase = keys.passphrase(say("cli.passphrase"))
    unlock(folder, passphrase)
    return passphrase


def show(desk: DeskAddress, *, browser: bool) -> None:
    """Print the address, and open it where there is a desktop."""
    click.echo(say("cli.review_at", url=desk.url))
    if browser and has_desktop():
        webbrowser.open(desk.url)


def has_desktop() -> bool:
    """Whether a browser window can be opened here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def wait_for_interrupt(desk: DeskAddress) -> None:
    """Until Ctrl-C, then stop the desk."""
    click.echo(say("cli.stop_review"))
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        desk.stop()
