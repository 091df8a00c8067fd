"""Was what came out of the outputs what the session file says? The recording beside the offline render.

Alignment. The session file tells, of each note, the session time at which its first frame left (`Sounded.time_s`); less
the output latency of its audio epoch, that is when its block was asked for. The recorder tells which row it was given
at each reading of `perf_counter_ns`; the session's clock is joined to that counter by the wall clock (`ClockPair`). So
each note's row in the recording is foretold from the reported times alone. A reported moment is no whole frame: the
row is then looked for within `SEARCH_FRAMES` of the foretold one, where the rendered first 100 ms fit best. How far
away it was found is returned with each note, so that a test can bound it too. In the render, row 0 is session time 0
and a note stands at its epoch's first frame and its own frame in the epoch.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.audio.offline import render_session
from mtsession.events import AudioEpoch, ClockPair, ContactId, Sounded
from mtsession.session import Note, Session
from tests.e2e.processes import SAMPLE_RATE_HZ, Recording, Sent

Frames: TypeAlias = NDArray[np.float32]

FIRST_FRAMES = SAMPLE_RATE_HZ // 10
"""The stretch of each note that is compared: its first 100 ms (issue 2)."""

SEARCH_FRAMES = 256
"""Two blocks of the server each way."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One note: how far the recording is from the render, and where it was found.

    `error_db` is the energy of the difference re the energy of the render; `shift_frames` is found less foretold.
    """

    contact_id: ContactId
    error_db: float
    shift_frames: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All sounded notes of a session; `unrecorded` are those during which the server skipped the recorder itself."""

    notes: tuple[Compared, ...]
    unrecorded: int

    def worst(self, n: int = 5) -> list[Compared]:
        """The notes that are farthest off."""
        return sorted(self.notes, key=lambda note: -note.error_db)[:n]


def counter_origin_ns(session: Session) -> float:
    """The reading of `perf_counter_ns` at session time 0, by the wall clock that both sides can read."""
    pairs = [event for event in session.events if isinstance(event, ClockPair)]
    wall_minus_counter_ns = time.time_ns() - time.perf_counter_ns()
    return float(np.median([pair.wall_ns - wall_minus_counter_ns - pair.time_s * 1e9 for pair in pairs]))


def delays_s(sent: list[Sent], notes: tuple[Note, ...], origin_ns: float) -> NDArray[np.float64]:
    """From each sent note-on to the contact that the file holds of it; both in order of time."""
    sent_s = np.array([(message.counter_ns - origin_ns) * 1e-9 for message in sent])
    return np.asarray(np.array([note.contact_s for note in notes]) - sent_s)


def compare(session: Session, recording: Recording) -> Comparison:
    """Every sounded note's first 100 ms, recorded and rendered."""
    render = np.concatenate(list(render_session(session)))
    epochs = {event.epoch: event for event in session.events if isinstance(event, AudioEpoch)}
    sounded = [event for event in session.events if isinstance(event, Sounded)]
    origin_ns, found, unrecorded = counter_origin_ns(session), [], 0
    for event in sounded:
        row = foretold_row(event, epochs, recording, origin_ns)
        if skipped_near(recording, row):
            unrecorded += 1
            continue
        found.append(compared(event, render_row(event, epochs), row, render, recording.frames))
    return Comparison(tuple(found), unrecorded)


def foretold_row(event: Sounded, epochs: Mapping[int, AudioEpoch], recording: Recording, origin_ns: float) -> int:
    """Where the reported time puts the note in the recording."""
    asked_s = event.time_s - epochs[event.epoch].output_latency_s
    return round(recording.row_at(origin_ns + asked_s * 1e9))


def render_row(event: Sounded, epochs: Mapping[int, AudioEpoch]) -> int:
    """Where the note stands in the render."""
    return round(epochs[event.epoch].time_s * SAMPLE_RATE_HZ) + event.frame


def skipped_near(recording: Recording, row: int) -> bool:
    """Whether the server skipped the recorder while the note was looked for or heard."""
    first, end = row - SEARCH_FRAMES, row + FIRST_FRAMES + SEARCH_FRAMES
    return bool(((recording.skipped > first) & (recording.skipped < end)).any())


def compared(event: Sounded, render_at: int, row: int, render: Frames, recorded: Frames) -> Compared:
    """One note, at the row near the foretold one where it fits best."""
    wanted = render[render_at : render_at + FIRST_FRAMES].astype(np.float64)
    first = max(0, row - SEARCH_FRAMES)
    heard = recorded[first : row + SEARCH_FRAMES + len(wanted)].astype(np.float64)
    difference = squared_differences(wanted, heard)
    best = int(np.argmin(difference))
    energy = float((wanted**2).sum())
    error_db = 10 * np.log10(max(difference[best], 1e-20) / max(energy, 1e-20))
    return Compared(event.contact_id, float(error_db), first + best - row)


def squared_differences(wanted: NDArray[np.float64], heard: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy of `heard` − `wanted`, both (n, 2), at every place where the whole of `wanted` lies in `heard`."""
    places = len(heard) - len(wanted) + 1
    size = 1 << (len(heard) + len(wanted)).bit_length()
    spectra = np.fft.rfft(heard, size, axis=0) * np.conj(np.fft.rfft(wanted, size, axis=0))
    agreement = np.fft.irfft(spectra, size, axis=0).sum(axis=1)[:places]
    running = np.concatenate([[0.0], np.cumsum((heard**2).sum(axis=1))])
    energy_heard = running[len(wanted) :] - running[: len(running) - len(wanted)]
    rough = energy_heard + (wanted**2).sum() - 2 * agreement
    best = int(np.argmin(rough))
    # The Fourier transform is true to −150 dB of the loudest: the best place is computed anew, exactly.
    rough[best] = ((heard[best : best + len(wanted)] - wanted) ** 2).sum()
    return np.asarray(np.where(np.arange(places) == best, rough, np.maximum(rough, rough[best])))
