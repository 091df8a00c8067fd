"""A data folder, a record in it and a note, with Argon2id at its cheapest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mtsession.config import DataFolder
from mtsession.events import Seat
from mtsession.record.keys import KdfLimits, create_record
from mtsession.record.notes.note import Evidence, OwnText, Sentence, SessionNote, Signer
from mtsession.record.store import Record, open_record

CHEAP = KdfLimits(opslimit=1, memlimit_bytes=8192)
PASSPHRASE = "four plain unrelated words"
CLIENT = Seat("client")


@pytest.fixture
def cheap() -> KdfLimits:
    return CHEAP


@pytest.fixture
def passphrase() -> str:
    return PASSPHRASE


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data").make()


@pytest.fixture
def record(folder: DataFolder) -> Iterator[Record]:
    """An opened record with the client K-07."""
    create_record(folder, PASSPHRASE, limits=CHEAP)
    with open_record(folder, PASSPHRASE) as opened:
        opened.add_client("K-07")
        yield opened


@pytest.fixture
def signer() -> Signer:
    return Signer("Example Signer", "HCPC AS00000")


@pytest.fixture
def make_note() -> Callable[..., SessionNote]:
    """A draft of two sentences, the first of them ticked."""

    def note(session_id: str = "s-1", **changes: object) -> SessionNote:
        facts: dict[str, object] = {
            "session_id": session_id,
            "started_at": datetime(2026, 3, 4, 10, 30, 0, 250, tzinfo=UTC),
            "duration_s": 1834.25,
            "simulated": False,
            "clients": {},
            "sentences": (
                Sentence("played", "K-07 played in 3 of 5 minutes.", (Evidence(1.5, 20.25, "00:01"),), 40, ticked=True),
                Sentence("pause", "The longest pause was 11 s.", (Evidence(252.0, 263.0, "04:12"),), 3),
            ),
            "own": OwnText(observed="Sat near the door."),
        }
        return SessionNote(**{**facts, **changes})  # type: ignore[arg-type]

    return note
