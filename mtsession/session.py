"""What is read back from a session: players, notes, onset streams, turns. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mtsession.events import AudioOnset, Contact, ContactId, Event, NoteOff, NoteOn, Seat, Sounded

CHORD_S = 0.05
"""Notes chained at most this long after the one before are one onset (measures: chords)."""

PERCUSSION_DECAY_S = 0.25
"""A percussion sound without a note-off lasts this long (measures: chords)."""


class Role(StrEnum):
    """Who sits on a seat."""

    CLIENT = "client"
    THERAPIST = "therapist"
    PEER = "peer"
    CO_THERAPIST = "co-therapist"


class Times(StrEnum):
    """Which of a note's three times is meant."""

    CONTACT = "contact"
    ACCEPTED = "accepted"
    SOUNDED = "sounded"


@dataclass(frozen=True, slots=True)
class Player:
    """One seat of a session. No name: names exist only in the case record.

    `instrument` in a person's words ("keyboard", "drums", "pads"), `palette` by name, `access` the settings that
    were on at the start, by name ("hold to play" → "250 ms"); empty is direct access.
    """

    seat: Seat
    role: Role
    instrument: str
    palette: str
    access: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """One note that was played. `sounded_s` is None where nothing sounded (imported, muted)."""

    contact_id: ContactId
    seat: Seat
    contact_s: float
    accepted_s: float
    sounded_s: float | None
    duration_s: float
    pitch: int
    velocity: int
    percussion: bool
    sound: str

    def at_s(self, times: Times) -> float | None:
        """The note's onset on the chosen one of its three times."""
        match times:
            case Times.CONTACT:
                return self.contact_s
            case Times.ACCEPTED:
                return self.accepted_s
            case Times.SOUNDED:
                return self.sounded_s

    @property
    def end_s(self) -> float:
        """When the playing of this note ended, on the contact clock."""
        return self.contact_s + self.duration_s


@dataclass(frozen=True, slots=True, eq=False)
class NoteArrays:
    """One player's notes in their order: arrays of one length, as the fields of `Note` are named."""

    contact_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    pitch: NDArray[np.float64]
    velocity: NDArray[np.float64]
    percussion: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OnsetStream:
    """One player's onsets: `times_s` float64 (n,), strictly ascending, chords merged."""

    seat: Seat
    times_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times_s)

    def between(self, start_s: float, end_s: float) -> OnsetStream:
        """The onsets with start_s <= time < end_s."""
        low, high = np.searchsorted(self.times_s, (start_s, end_s))
        return OnsetStream(self.seat, self.times_s[low:high])

    @property
    def intervals_s(self) -> NDArray[np.float64]:
        """Inter-onset intervals, (n − 1,)."""
        return np.diff(self.times_s)


def onset_stream(seat: Seat, times_s: NDArray[np.float64] | list[float]) -> OnsetStream:
    """Merge chords: notes chained ≤ 50 ms after the one before are one onset at the time of the first.

    Raises ValueError for times that are not finite. Unordered times are put in order.
    """
    times = np.sort(np.asarray(times_s, dtype=np.float64))
    if not np.isfinite(times).all():
        raise ValueError(f"onset times of seat {seat} must be finite")
    if len(times) == 0:
        return OnsetStream(seat, times)
    first_of_chord = np.concatenate(([True], np.diff(times) > CHORD_S))
    return OnsetStream(seat, times[first_of_chord])


@dataclass(frozen=True, slots=True)
class Turn:
    """A run of one player's playing with no silence as long as the turn gap."""

    seat: Seat
    start_s: float
    end_s: float
    n_notes: int


@dataclass(frozen=True, slots=True)
class FloorTransfer:
    """The floor went from one player to the other at `time_s`; `offset_s` negative is overlap."""

    giver: Seat
    taker: Seat
    time_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class Track:
    """Audio kept with the session, one channel a seat's microphone or the limited output (`seat` None)."""

    name: str
    seat: Seat | None
    sample_rate_hz: int
    start_s: float
    n_frames: int
    latency_s: float


@dataclass(frozen=True, slots=True)
class Setup:
    """What was on at the start: key and palette of the room, assists, latencies; changes are events.

    `assists` by name ("scale palette", "chord-follow", "quantise", "fixed velocity", …) → value; `latency_s` by
    seat, None where it was not measured (imported files and virtual devices have 0).
    """

    palette: str
    key: str
    assists: Mapping[str, str] = field(default_factory=dict)
    latency_s: Mapping[Seat, float | None] = field(default_factory=dict)
    simulated: bool = False


@dataclass(frozen=True)
class Session:
    """One session as it was kept. `events` in the order of their times."""

    id: str
    started_at: datetime
    duration_s: float
    players: tuple[Player, ...]
    events: tuple[Event, ...]
    tracks: tuple[Track, ...]
    setup: Setup

    def player(self, seat: Seat) -> Player:
        """The player of a seat; KeyError where nobody sat there."""
        for player in self.players:
            if player.seat == seat:
                return player
        raise KeyError(seat)

    def notes(self, seat: Seat) -> tuple[Note, ...]:
        """The notes of one seat, by contact time."""
        return self._notes_by_seat.get(seat, ())

    def note_arrays(self, seat: Seat) -> NoteArrays:
        """The same as arrays, without making the notes."""
        return note_arrays(self.events, seat, self.duration_s)

    def onsets(self, seat: Seat, at: Times = Times.CONTACT) -> OnsetStream:
        """A seat's onsets: its notes (on the chosen time, less its calibrated latency) and its audio onsets."""
        latency_s = self.setup.latency_s.get(seat) or 0.0
        times = [time for note in self.notes(seat) if (time := note.at_s(at)) is not None]
        heard = [e.time_s for e in self.events if isinstance(e, AudioOnset) and e.seat == seat and not e.doubtful]
        return onset_stream(seat, np.asarray(times + heard) - latency_s)

    @cached_property
    def _notes_by_seat(self) -> Mapping[Seat, tuple[Note, ...]]:
        return notes_from_events(self.events, self.duration_s)


def notes_from_events(events: tuple[Event, ...], duration_s: float) -> Mapping[Seat, tuple[Note, ...]]:
    """Join what the log keeps apart: contact, acceptance, sounding, end. A note still held ends with the session.

    The duration runs from the acceptance to the note-off; a percussion note without one lasts 0.25 s.
    """
    contacts = {e.id: e for e in events if isinstance(e, Contact)}
    sounded = {e.contact_id: e.time_s for e in events if isinstance(e, Sounded)}
    ended = {e.contact_id: e.time_s for e in events if isinstance(e, NoteOff)}
    by_seat: dict[Seat, list[Note]] = {}
    for on in events:
        if not isinstance(on, NoteOn):
            continue
        contact = contacts.get(on.contact_id)
        open_end_s = on.accepted_s + PERCUSSION_DECAY_S if on.percussion else duration_s
        end_s = ended.get(on.contact_id, open_end_s)
        note = Note(
            contact_id=on.contact_id,
            seat=on.seat,
            contact_s=contact.time_s if contact else on.accepted_s,
            accepted_s=on.accepted_s,
            sounded_s=sounded.get(on.contact_id),
            duration_s=max(0.0, end_s - on.accepted_s),
            pitch=on.pitch,
            velocity=on.velocity,
            percussion=on.percussion,
            sound=on.sound,
        )
        by_seat.setdefault(on.seat, []).append(note)
    return {seat: tuple(sorted(notes, key=lambda n: (n.contact_s, n.contact_id))) for seat, notes in by_seat.items()}


def note_arrays(events: tuple[Event, ...], seat: Seat, duration_s: float) -> NoteArrays:
    """One seat's part of `notes_from_events`, number for number."""
    ons = [e for e in events if isinstance(e, NoteOn) and e.seat == seat]
    touched_s = {e.id: e.time_s for e in events if isinstance(e, Contact)}
    let_go_s = {e.contact_id: e.time_s for e in events if isinstance(e, NoteOff)}
    accepted_s = np.array([on.accepted_s for on in ons], dtype=np.float64)
    contact_s = np.array([touched_s.get(on.contact_id, on.accepted_s) for on in ons], dtype=np.float64)
    percussion = np.array([on.percussion for on in ons], dtype=np.bool_)
    open_end_s = np.where(percussion, accepted_s + PERCUSSION_DECAY_S, duration_s).tolist()
    end_s = np.array([let_go_s.get(on.contact_id, end_s) for on, end_s in zip(ons, open_end_s, strict=True)])
    with np.errstate(invalid="ignore"):  # a note from ∞ to ∞ lasts no time
        held_s = end_s - accepted_s
        ended_s = contact_s + np.where(held_s > 0.0, held_s, 0.0)
    order = np.lexsort((np.array([on.contact_id for on in ons]), contact_s))
    return NoteArrays(
        contact_s=contact_s[order],
        end_s=ended_s[order],
        pitch=np.array([on.pitch for on in ons], dtype=np.float64)[order],
        velocity=np.array([on.velocity for on in ons], dtype=np.float64)[order],
        percussion=percussion[order],
    )
