"""What does keeping a session cost? Processor time and disk of the session file's writer, in real time."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mtsession.capture.keys import new_session_key
from mtsession.capture.schema import SessionHeader
from mtsession.capture.writer import SessionWriter
from mtsession.events import Contact, ContactId, Event, Lift, NoteOff, NoteOn, Released, Seat, Sounded
from mtsession.session import Player, Role, Setup, Track
from tests.bench.table import Cell, Table
from tests.e2e.processes import SAMPLE_RATE_HZ

SECONDS = 20.0
NOTES_PER_S = 20
SEAT = Seat("client")
MICROPHONE = Track("microphone", None, SAMPLE_RATE_HZ, 0.0, 0, 0.0)


def note(number: int, time_s: float) -> Iterator[Event]:
    """All that the file keeps of one note."""
    contact = ContactId(number)
    yield Contact(contact, time_s, SEAT, "midi:keys", 60, 80)
    yield NoteOn(contact, time_s, SEAT, 60, 80, "felt piano")
    yield Sounded(contact, time_s + 0.005, 1, round(time_s * SAMPLE_RATE_HZ))
    yield Lift(contact, time_s + 0.2, SEAT)
    yield NoteOff(contact, time_s + 0.2, SEAT, 60)
    yield Released(contact, time_s + 0.205, 1, round((time_s + 0.2) * SAMPLE_RATE_HZ))


def played_s(writer: SessionWriter, *, heard: np.ndarray[tuple[int], np.dtype[np.float32]] | None) -> float:
    """Put notes (and what a microphone heard) as they come; processor seconds that it took."""
    began_s, numbers = time.perf_counter(), itertools.count(1)
    before_s = time.process_time()
    for tick in range(int(SECONDS * 10)):
        for _ in range(NOTES_PER_S // 10):
            for event in note(next(numbers), tick / 10):
                writer.put(event)
        if heard is not None:
            writer.put_audio(MICROPHONE, tick * len(heard), heard)
        time.sleep(max(0.0, began_s + (tick + 1) / 10 - time.perf_counter()))
    writer.close(SECONDS)
    return time.process_time() - before_s


def row(title: str, folder: Path, *, heard: np.ndarray[tuple[int], np.dtype[np.float32]] | None) -> tuple[Cell, ...]:
    """One session file's cost."""
    path = folder / f"{title}.mts"
    header = SessionHeader(
        "20260131-140500-7f3a", datetime.now(UTC), (Player(SEAT, Role.CLIENT, "keyboard", "open-keys"),), Setup("", "C")
    )
    writer = SessionWriter(path, new_session_key(), header=header)
    cpu_s = played_s(writer, heard=heard)
    return title, 100 * cpu_s / SECONDS, path.stat().st_size / 1e6 * 3600 / SECONDS


def run() -> Table:
    """Twenty notes a second, without and with a microphone."""
    noise = np.random.default_rng(1).normal(0, 0.01, SAMPLE_RATE_HZ // 10).astype(np.float32)
    with tempfile.TemporaryDirectory(prefix="mtsession-bench-") as folder:
        rows = (
            row("20 notes a second", Path(folder), heard=None),
            row("and a microphone in a quiet room", Path(folder), heard=noise),
        )
    return Table("Cost of the session file, committed every 200 ms", ("", "% of a core", "MB an hour"), rows)
