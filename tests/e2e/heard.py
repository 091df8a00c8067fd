"""Was what came out of the outputs what the session file says? The recording beside the offline render.

Alignment. The session file tells, of each note, the session time at which its first frame left (`Sounded.time_s`) and
the frame of the audio epoch; the recorder tells which row stood at the outputs at each reading of `perf_counter_ns`;
the session's clock is joined to that counter by the wall clock (`ClockPair`). So each note's row in the recording is
foretold from the reported times alone. What is reported is a moment, and rows are whole frames: the row is then looked
for within `SEARCH_FRAMES` of the foretold one, where the rendered first 100 ms fit best. The distance that was found is
returned with each note, so that a test can bound it too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from mtsession.audio.offline import render_session
from numpy.typing import NDArray

from mtsession.events import ClockPair
from mtsession.session import Note, Session
from tests.e2e.processes import Sent

SAMPLE_RATE_HZ = 48_000
FIRST_S = 0.1
"""The stretch of each note that is compared (issue 2)."""

SEARCH_FRAMES = 256
"""Two blocks of the server each way."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One note: how far the recording was from the render, and how far from the foretold place.

    `error_db` is the loudest difference re the loudest rendered frame of the stretch; `shift_frames` found − foretold.
    """

    note: Note
    error_db: float
    shift_frames: int


def counter_origin_ns(session: Session) -> float:
    """The reading of `perf_counter_ns` at session time 0, by the wall clock that both sides can read."""
    pairs = [event for event in session.events if isinstance(event, ClockPair)]
    wall_minus_counter_ns = time.time_ns() - time.perf_counter_ns()
    return float(np.median([pair.wall_ns - wall_minus_counter_ns - pair.time_s * 1e9 for pair in pairs]))


def delays_s(sent: list[Sent], notes: tuple[Note, ...], origin_ns: float) -> NDArray[np.float64]:
    """From each sent note-on to the contact that the file holds of it; both in order of time."""
    times_s = np.array([(message.counter_ns - origin_ns) * 1e-9 for message in sent])
    return np.array([note.contact_s for note in notes]) - times_s


def rendered(session: Session) -> NDArray[np.float32]:
    """The whole session rendered offline, row 0 at session time 0."""
    return np.concatenate(list(render_session(session)))
