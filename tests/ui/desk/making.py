"""Data folders with real sessions in them, and a real desk process to look at them with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nacl.pwhash import argon2id

from mtsession.capture.keys import folder_sealer, new_session_key, wrap
from mtsession.capture.library import new_session_id
from mtsession.capture.schema import SessionHeader
from mtsession.capture.writer import SessionWriter
from mtsession.config import DataFolder
from mtsession.events import Event, Mark, Seat
from mtsession.record.keys import KdfLimits, create_record
from mtsession.session import Session
from mtsession.simulate.demo import demo_performance

CLIENT, THERAPIST = Seat("client"), Seat("therapist")

STARTED_AT = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)

PASSPHRASE = "four words nobody guesses"

QUICK = KdfLimits(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
"""The least work Argon2id can be asked for: the record's own tests prove the real cost."""

READY_S = 30


def duet(length_s: float = 30.0, seed: int = 7, *more: Event) -> Session:
    """A client and a therapist who play together, with a mark at a third; not marked as simulated."""
    played = demo_performance(seed, length_s).session()
    mark = Mark(length_s / 3, THERAPIST, length_s / 3 - 5, "low note")
    return replace(played, events=(*played.events, mark, *more), setup=replace(played.setup, simulated=False))


def keep(folder: DataFolder, session: Session, *, days_ago: int = 0) -> str:
    """Write a session into the data folder as the instrument does; its id."""
    started_at = STARTED_AT - timedelta(days=days_ago)
    session_id = new_session_id(started_at)
    folder.make()
    key = new_session_key()
    wrap(folder, session_id, key, folder_sealer(folder))
    header = SessionHeader(session_id, started_at, session.players, session.setup)
    writer = SessionWriter(folder.session_file(session_id), key, header=header)
    for event in session.events:
        writer.put(event)
    writer.close(session.duration_s)
    return session_id


def make_record(folder: DataFolder) -> None:
    """A record that opens quickly."""
    create_record(folder.make(), PASSPHRASE, limits=QUICK)


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """A desk that listens."""

    url: str
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        return self.url.split("/enter", maxsplit=1)[0]


@contextmanager
def running_desk(folder: DataFolder, **plan: object) -> Iterator[RunningDesk]:
    """The real process, stopped at the end whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mtsession.ui.desk.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps({"folder": str(folder.root), **plan}) + "\n")
        process.stdin.flush()
        yield RunningDesk(json.loads(process.stdout.readline())["url"], process)
    finally:
        process.terminate()
        process.wait(READY_S)
        process.stdin.close()
        process.stdout.close()
