"""What was played, as a log of contacts, and the truth that it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mtsession.events import Contact, ContactId, Event, Lift, NoteOff, NoteOn, Seat
from mtsession.session import Player, Session, Setup, Turn

SOURCE = "simulated"

STARTED_AT = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
"""A simulated session has no day of its own: the same seed gives the same session."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One touch: a key or pad `number` (0–127) for `duration_s`; velocity 1–127."""

    time_s: float
    duration_s: float
    number: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the performance: what it is ("turns", "together", "pause") and where."""

    kind: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """The intended tempo at a moment of the pulse."""

    time_s: float
    bpm: float


@dataclass(frozen=True, slots=True)
class TrueTransfer:
    """A change of the floor with the gap that was drawn for it."""

    giver: Seat
    taker: Seat
    time_s: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class TruePause:
    """A silence of one player, from the end of a sound to the next onset."""

    seat: Seat
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TrueImitation:
    """The turn that began at `time_s` echoed the one before it, with so many intervals and steps changed."""

    seat: Seat
    time_s: float
    intervals_changed: int
    steps_changed: int


@dataclass(frozen=True, slots=True)
class TrueCoupling:
    """One player took the share `phase` of the asynchrony off the next interval, and `period` off the own period."""

    follower: Seat
    leader: Seat
    phase: float
    period: float


@dataclass(frozen=True, slots=True)
class TrueFollowing:
    """One player's loudness followed the other's, `lag_s` later and `gain` times as far."""

    follower: Seat
    leader: Seat
    lag_s: float
    gain: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What the performance was made from, in the order of time; plain values, ready for JSON."""

    seed: int
    length_s: float
    stretches: tuple[Stretch, ...]
    turns: tuple[Turn, ...]
    transfers: tuple[TrueTransfer, ...]
    tempo: tuple[TempoPoint, ...]
    pauses: tuple[TruePause, ...] = ()
    imitations: tuple[TrueImitation, ...] = ()
    coupling: tuple[TrueCoupling, ...] = ()
    loudness: tuple[TrueFollowing, ...] = ()


@dataclass(frozen=True, slots=True)
class Performance:
    """Simulated players, what they touched and when, and the truth. Contact ids count from 1 in the order of time."""

    players: tuple[Player, ...]
    script: tuple[Contact | Lift, ...]
    truth: Truth

    def session(self) -> Session:
        """The session that an engine would keep if it accepted every contact as it came."""
        return session_of(self.players, self.script, self.truth.length_s, session_id=f"simulated-{self.truth.seed}")


def session_of(
    players: Sequence[Player], script: Sequence[Contact | Lift], length_s: float, *, session_id: str
) -> Session:
    """A session in which every contact became a note at once, on inputs without latency."""
    return Session(
        id=session_id,
        started_at=STARTED_AT,
        duration_s=length_s,
        players=tuple(players),
        events=tuple(_accepted(script)),
        tracks=(),
        setup=Setup("open-keys", "C", latency_s={player.seat: 0.0 for player in players}, simulated=True),
    )


def last_end_s(hits: Iterable[tuple[Seat, Hit]]) -> float:
    """When the last of all notes ends."""
    return max(hit.time_s + hit.duration_s for _, hit in hits)


def script_of(hits: Iterable[tuple[Seat, Hit]]) -> tuple[Contact | Lift, ...]:
    """The contacts and lifts of all seats by time."""
    events: list[Contact | Lift] = []
    for number, (seat, hit) in enumerate(sorted(hits, key=lambda pair: (pair[1].time_s, pair[0], pair[1].number)), 1):
        contact_id = ContactId(number)
        events.append(Contact(contact_id, hit.time_s, seat, SOURCE, hit.number, hit.velocity))
        events.append(Lift(contact_id, hit.time_s + hit.duration_s, seat))
    return tuple(sorted(events, key=lambda event: event.time_s))


def _accepted(script: Sequence[Contact | Lift]) -> Iterator[Event]:
    pitches: dict[ContactId, int] = {}
    for event in script:
        yield event
        match event:
            case Contact(id=contact_id, time_s=time_s, seat=seat, number=number, velocity=velocity):
                pitches[contact_id] = number
                yield NoteOn(contact_id, time_s, seat, number, velocity, "felt piano", event.percussion)
            case Lift(contact_id=contact_id, time_s=time_s, seat=seat):
                yield NoteOff(contact_id, time_s, seat, pitches[contact_id])
