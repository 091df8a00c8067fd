"""Sessions and events for the tests of this room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from hypothesis import strategies as st

from mtsession.capture.flac import Frames
from mtsession.capture.keys import folder_opener, folder_sealer, new_session_key, unwrap, wrap
from mtsession.capture.library import new_session_id
from mtsession.capture.schema import EVENT_TABLES, SessionHeader
from mtsession.capture.writer import SessionWriter
from mtsession.config import DataFolder
from mtsession.events import Contact, ContactId, Event, NoteOff, NoteOn, Seat, Sounded
from mtsession.session import Player, Role, Setup, Track

CLIENT, THERAPIST = Seat("client"), Seat("therapist")
KEY = bytes(range(32))
RATE_HZ = 48_000
OUTPUT = Track("output", None, RATE_HZ, 0.0, 0, 0.01)
BEGAN = datetime(2026, 1, 14, 9, 30, 0, 123456, tzinfo=UTC)
NEVER = 3600.0
"""A tick that does not come: what is written is written by `close`."""


def header(session_id: str = "20260114-093000-3fa2", **changes: Any) -> SessionHeader:
    """Two players, with everything in their settings that can be there."""
    players = (
        Player(CLIENT, Role.CLIENT, "pads", "pentatonic", {"hold to play": "250 ms", "ignore repeat": "120 ms"}),
        Player(THERAPIST, Role.THERAPIST, "keyboard", "open-keys"),
    )
    setup = Setup("pentatonic", "D", {"scale palette": "pentatonic"}, {CLIENT: 0.012, THERAPIST: None}, simulated=True)
    return replace(SessionHeader(session_id, BEGAN, players, setup), **changes)


def a_note(number: int, at_s: float, *, pitch: int = 60, seat: Seat = CLIENT, length_s: float = 0.5) -> list[Event]:
    """Everything that tells of one note."""
    contact = ContactId(number)
    return [
        Contact(contact, at_s, seat, "pads", pitch, 64),
        NoteOn(contact, at_s + 0.001, seat, pitch, 64, "kalimba"),
        Sounded(contact, at_s + 0.005, 1, round(at_s * RATE_HZ)),
        NoteOff(contact, at_s + 0.001 + length_s, seat, pitch),
    ]


def write(
    path: Path,
    events: Sequence[Event],
    *,
    duration_s: float = 10.0,
    frames: Frames | None = None,
    key: bytes = KEY,
    head: SessionHeader | None = None,
) -> None:
    """A whole session file, closed."""
    writer = SessionWriter(path, key, header=head or header(), tick_s=NEVER)
    for event in events:
        writer.put(event)
    if frames is not None:
        writer.put_audio(OUTPUT, 0, frames)
    writer.close(duration_s)


def keep(folder: DataFolder, events: Sequence[Event] = (), *, began: datetime = BEGAN, token: str | None = None) -> str:
    """A session in a data folder, its key wrapped as usual; its id."""
    session_id, key = new_session_id(began, token), new_session_key()
    folder.make()
    wrap(folder, session_id, key, folder_sealer(folder))
    write(folder.session_file(session_id), events, key=key, head=header(session_id, started_at=began))
    return session_id


def key_of(folder: DataFolder, session_id: str) -> bytes:
    """A session's key, by the folder's own private half."""
    opener = folder_opener(folder)
    assert opener is not None
    return unwrap(folder, session_id, opener)


def noise(n_frames: int, channels: int = 2, seed: int = 1) -> Frames:
    """Frames (n, channels) that compress badly."""
    return np.random.default_rng(seed).uniform(-1, 1, (n_frames, channels)).astype(np.float32)


def any_event() -> st.SearchStrategy[Event]:
    """Every kind of event with every value that it can have, within 64 bits."""
    return st.one_of([_of_kind(kind) for kind in EVENT_TABLES])


def _of_kind(kind: type[Any]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: _of_hint(hints[field.name]) for field in fields(kind)})


def _of_hint(hint: Any) -> st.SearchStrategy[Any]:
    plain = getattr(hint, "__supertype__", hint)
    if plain is float:
        return st.floats(allow_nan=False)
    if plain is int:
        return st.integers(-(2**63), 2**63 - 1)
    if plain is bool:
        return st.booleans()
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return st.sampled_from(list(plain))
    if plain is str:
        return st.text()
    return st.none() | st.text()
