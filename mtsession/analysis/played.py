"""What did one player play, as arrays: every note and heard hit of a seat on the contact clock?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.in_force import latency_at_s
from mtsession.analysis.result import Window
from mtsession.analysis.spans import Spans, merged
from mtsession.errors import SessionFormatError
from mtsession.events import AudioOnset, Pass, Seat
from mtsession.session import PERCUSSION_DECAY_S, OnsetStream, Session, onset_stream


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """One player's notes by onset: four arrays of the same length, times less the input's calibrated latency.

    `pitches` and `velocities` are NaN for a hit that a microphone heard, `pitches` also for percussion: its numbers
    name drums. `onsets` are the notes with chords merged.
    """

    seat: Seat
    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    pitches: NDArray[np.float64]
    velocities: NDArray[np.float64]
    onsets: OnsetStream

    def __len__(self) -> int:
        return len(self.starts_s)

    def within(self, window: Window) -> Played:
        """The notes that begin in the window, both its ends included."""
        part = slice(*_range(self.starts_s, window))
        merged_part = slice(*_range(self.onsets.times_s, window))
        return Played(
            self.seat,
            self.starts_s[part],
            self.ends_s[part],
            self.pitches[part],
            self.velocities[part],
            OnsetStream(self.seat, self.onsets.times_s[merged_part]),
        )

    @property
    def sounding(self) -> Spans:
        """Where at least one note was held."""
        return merged(self.starts_s, self.ends_s)


def played(session: Session, seat: Seat) -> Played:
    """All that a seat played in a session. Raises SessionFormatError for a time that is not a number."""
    if not np.isfinite(session.duration_s):
        raise SessionFormatError(f"session {session.id} is without a length", "Import or record it anew")
    notes, heard_s = session.note_arrays(seat), _heard_s(session, seat)
    unknown = np.full(len(heard_s), np.nan)
    starts_s = np.concatenate((notes.contact_s, heard_s))
    ends_s = np.concatenate((notes.end_s, heard_s + PERCUSSION_DECAY_S))
    if not (np.isfinite(starts_s).all() and np.isfinite(ends_s).all()):
        raise SessionFormatError(
            f"session {session.id} holds a note of seat {seat} without a time", "Import or record it anew"
        )
    late_s = latency_at_s(session, seat, starts_s)
    return from_arrays(
        seat,
        starts_s - late_s,
        ends_s - late_s,
        pitches=np.concatenate((np.where(notes.percussion, np.nan, notes.pitch), unknown)),
        velocities=np.concatenate((notes.velocity, unknown)),
    )


def from_arrays(
    seat: Seat,
    starts_s: NDArray[np.float64],
    ends_s: NDArray[np.float64],
    *,
    pitches: NDArray[np.float64] | None = None,
    velocities: NDArray[np.float64] | None = None,
    latency_s: float = 0.0,
) -> Played:
    """Notes in any order, put in order and set earlier by the latency."""
    order = np.argsort(starts_s, kind="stable")
    unknown = np.full(len(starts_s), np.nan)
    return Played(
        seat,
        starts_s[order] - latency_s,
        ends_s[order] - latency_s,
        (unknown if pitches is None else pitches)[order],
        (unknown if velocities is None else velocities)[order],
        onset_stream(seat, starts_s - latency_s),
    )


def _heard_s(session: Session, seat: Seat) -> NDArray[np.float64]:
    """Onsets that a microphone heard: those of the refined listening where there was one, else the live ones."""
    heard = [e for e in session.events if isinstance(e, AudioOnset) and e.seat == seat and not e.doubtful]
    passes = {onset.listening for onset in heard}
    best = Pass.REFINED if Pass.REFINED in passes else Pass.LIVE
    return np.array([onset.time_s for onset in heard if onset.listening == best], dtype=np.float64)


def _range(times_s: NDArray[np.float64], window: Window) -> tuple[int, int]:
    low = int(np.searchsorted(times_s, window.start_s, side="left"))
    return low, int(np.searchsorted(times_s, window.end_s, side="right"))
