"""What is in the session strip? Every note, mark and uncaptured stretch, in columns that a page draws at once."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.charts.looks import looks
from mtsession.charts.series import Look
from mtsession.events import Gap, Mark
from mtsession.session import Note, Player, Session


@dataclass(frozen=True, slots=True)
class Lane:
    """One seat's notes in columns of equal length, by contact time."""

    look: Look
    instrument: str
    start_s: tuple[float, ...]
    duration_s: tuple[float, ...]
    pitch: tuple[int, ...]
    velocity: tuple[int, ...]
    percussion: bool
    """True where every note is percussion: pitch then names a drum, and is no height."""


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A moment that was marked, from `start_s` to `time_s`."""

    start_s: float
    time_s: float
    label: str


@dataclass(frozen=True, slots=True)
class MissingSpan:
    """Nothing was captured here."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The whole session as it is drawn first, before any measure is known."""

    session_id: str
    duration_s: float
    lanes: tuple[Lane, ...]
    marks: tuple[MarkedSpan, ...]
    gaps: tuple[MissingSpan, ...]


def session_strip(session: Session) -> Strip:
    """The strip of a session; times in seconds, rounded to the millisecond."""
    seat_looks = looks(session.players)
    return Strip(
        session_id=session.id,
        duration_s=session.duration_s,
        lanes=tuple(_lane(player, seat_looks[player.seat], session.notes(player.seat)) for player in session.players),
        marks=tuple(MarkedSpan(m.start_s, m.time_s, m.label) for m in session.events if isinstance(m, Mark)),
        gaps=tuple(MissingSpan(g.start_s, g.end_s, g.reason) for g in session.events if isinstance(g, Gap)),
    )


def _lane(player: Player, look: Look, notes: tuple[Note, ...]) -> Lane:
    return Lane(
        look=look,
        instrument=player.instrument,
        start_s=tuple(round(note.contact_s, 3) for note in notes),
        duration_s=tuple(round(note.duration_s, 3) for note in notes),
        pitch=tuple(note.pitch for note in notes),
        velocity=tuple(note.velocity for note in notes),
        percussion=bool(notes) and all(note.percussion for note in notes),
    )
