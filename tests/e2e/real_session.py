"""A part of a real duo, played by two real MIDI clients into `mtsession live`, its output recorded."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from mtsession.events import Seat
from mtsession.session import Note, Session
from tests.e2e.heard import Comparison, compare, counter_origin_ns, delays_s
from tests.e2e.kept import newest
from tests.e2e.play_midi import is_note_on
from tests.e2e.processes import Recording, Sent
from tests.e2e.room import Room

CLIENTS = {"therapist": "keys", "client": "drums"}
"""Seats and the JACK clients that play on them."""

FILES = {"keys": "keys_live.mid", "drums": "drums_live.mid"}
RING_OUT_S = 2.0


@dataclass(frozen=True)
class Held:
    """A session that was held and kept, and what went in and came out."""

    room: Room
    session: Session
    sent: list[Sent]
    recording: Recording
    exit_code: int

    def hits(self, seat: str) -> list[Sent]:
        """The note-ons that were sent to a seat."""
        return [m for m in self.sent if m.client == CLIENTS[seat] and is_note_on(m.data)]

    def notes(self, seat: str) -> tuple[Note, ...]:
        """What the session file holds of that seat."""
        return self.session.notes(Seat(seat))

    def delays_ms(self, seat: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """From each note-on sent to its contact in the file."""
        delays: np.ndarray[tuple[int], np.dtype[np.float64]] = 1000 * delays_s(
            self.hits(seat), self.notes(seat), counter_origin_ns(self.session)
        )
        return delays

    @cached_property
    def comparison(self) -> Comparison:
        """The recording beside the offline render."""
        return compare(self.session, self.recording)


def hold_duo(room: Room, duo: Path, start_s: float, end_s: float) -> Held:
    """Play that span of the duo in real time and end with Ctrl-C."""
    player = room.player(**{client: duo / name for client, name in FILES.items()})
    program = room.hold(**CLIENTS)
    recorder = room.recorder()
    sent = player.play(start_s, end_s)
    threading.Event().wait(RING_OUT_S)
    recording = recorder.save()
    code = program.interrupt()
    return Held(room, newest(room.data), sent, recording, code)
