"""Which key opens the sessions of this data folder, and who is asked for it?"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from mtsession.capture.keys import Opener, folder_opener, unwrap
from mtsession.capture.library import find
from mtsession.capture.reader import read_session
from mtsession.config import DataFolder
from mtsession.errors import PassphraseError, SessionNotFoundError
from mtsession.record.keys import has_record, passphrase_from_file, unlock
from mtsession.record.store import Record, open_record
from mtsession.session import Session
from mtsession.wording import say

FILE_VARIABLE = "MTSESSION_PASSPHRASE_FILE"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that was found, with the key that opens its file."""

    id: str
    path: Path
    key: bytes

    def read(self) -> Session:
        """The whole session; raises SessionFormatError for a damaged file."""
        return read_session(self.path, self.key)


def passphrase(prompt: str) -> str:
    """From the file that the environment names, else asked for at the terminal."""
    return from_file() or typed(prompt)


def new_passphrase() -> str:
    """From the file that the environment names, else typed twice."""
    return from_file() or typed(say("cli.new_passphrase"), twice=True)


def from_file() -> str:
    """What the file that the environment names holds; empty where it names none."""
    named = os.environ.get(FILE_VARIABLE)
    return passphrase_from_file(Path(named)) if named else ""


def typed(prompt: str, *, twice: bool = False) -> str:
    """Typed unseen at the terminal; raises PassphraseError where there is none, instead of waiting for ever."""
    if not sys.stdin.isatty():
        raise PassphraseError(say("cli.no_passphrase"), say("cli.no_passphrase_next"))
    text: str = click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    return text


def record(folder: DataFolder) -> Record:
    """The case record, opened with its passphrase; raises RecordError where none was made."""
    return open_record(folder, passphrase(say("cli.passphrase")))


def opener(folder: DataFolder) -> Opener:
    """What opens session keys here: the record's private key, or the folder's own until there is a record."""
    if has_record(folder):
        return unlock(folder, passphrase(say("cli.passphrase"))).opener
    own = folder_opener(folder)
    if own is None:
        raise SessionNotFoundError(say("cli.no_sessions", folder=folder.root.name), say("cli.no_sessions_next"))
    return own


def open_session(folder: DataFolder, wanted: str, using: Opener | None = None) -> OpenSession:
    """The session of that name ("last", an id or the beginning of one) and its key."""
    session_id = find(folder, wanted)
    key = unwrap(folder, session_id, using or opener(folder))
    return OpenSession(session_id, folder.session_file(session_id), key)
