"""What the screens show of a running session: one frozen picture, 30 a second."""

from __future__ import annotations

from dataclasses import dataclass

from mtsession.events import Seat
from mtsession.session import Role


@dataclass(frozen=True, slots=True)
class SeatState:
    """One seat now: is its input there, is it sounding, when did it last play."""

    seat: Seat
    role: Role
    source: str
    alive: bool
    notes_held: int
    notes_played: int
    last_onset_s: float | None


@dataclass(frozen=True, slots=True)
class RecentNote:
    """A note of the last minute; `end_s` None while it is held."""

    seat: Seat
    onset_s: float
    end_s: float | None
    velocity: int


@dataclass(frozen=True, slots=True)
class LiveState:
    """The therapist's glance: at most seven things (product, live screen)."""

    session_id: str
    time_s: float
    seats: tuple[SeatState, ...]
    recent: tuple[RecentNote, ...]
    marks_s: tuple[float, ...]
    palette: str
    key: str
    level_db: float
    peak_db: float
    silent: bool
    recording_audio: bool
    audio_alive: bool
    late_blocks: int
    lost_blocks: int
    message: str
    """The last technical message ("keyboard unplugged"), or empty."""
