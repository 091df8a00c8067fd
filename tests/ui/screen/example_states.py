"""States of a session, as the engine would publish them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mtsession.events import Seat
from mtsession.live.state import LiveState, RecentNote, SeatState
from mtsession.session import Role

CLIENT, THERAPIST = Seat("client"), Seat("therapist")


def seat_state(seat: Seat, role: Role = Role.CLIENT) -> SeatState:
    """A seat whose input is there."""
    return SeatState(seat, role, "midi", alive=True, notes_held=0, notes_played=0, last_onset_s=None)


def live_state(**changed: Any) -> LiveState:
    """A duo three minutes into a session, playing nothing."""
    quiet = LiveState(
        session_id="20260131-1405-7f3a",
        time_s=187.3,
        seats=(seat_state(CLIENT), seat_state(THERAPIST, Role.THERAPIST)),
        recent=(),
        marks_s=(),
        palette="open-keys",
        key="C",
        level_db=-18.0,
        peak_db=-60.0,
        silent=False,
        recording_audio=False,
        audio_alive=True,
        late_blocks=0,
        lost_blocks=0,
        message="",
    )
    return replace(quiet, **changed)


def eight_seats() -> tuple[SeatState, ...]:
    """A group of seven clients and their therapist."""
    clients = tuple(seat_state(Seat(f"client-{n}")) for n in range(1, 8))
    return (*clients, seat_state(THERAPIST, Role.THERAPIST))


def hit(seat: Seat, onset_s: float, length_s: float | None = 0.1) -> RecentNote:
    """One note; None for one that is held."""
    return RecentNote(seat, onset_s, None if length_s is None else onset_s + length_s, 90)
