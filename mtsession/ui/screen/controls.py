"""What does a key or a touch on the glance screen ask of the session?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mtsession.events import Action, Control, Mark, Seat
from mtsession.live.state import LiveState
from mtsession.session import Role

MARKED_S = 10.0
"""A mark means "the last ten seconds"."""

HOLD_TO_STOP_S = 1.0
"""Ending the session wants a hold (care rules, §5: destructive controls)."""

LEVEL_STEP_DB = 1.5


class Press(StrEnum):
    """What can be asked, by key or by touch."""

    MARK = "mark"
    FADE = "fade"
    RESUME = "resume"
    PANIC = "panic"
    QUIETER = "quieter"
    LOUDER = "louder"
    STOP = "stop"


KEYS = {
    "m": Press.MARK,
    "f": Press.FADE,
    "r": Press.RESUME,
    "p": Press.PANIC,
    "-": Press.QUIETER,
    "[-]": Press.QUIETER,
    "+": Press.LOUDER,
    "=": Press.LOUDER,
    "[+]": Press.LOUDER,
    "escape": Press.STOP,
    "q": Press.STOP,
}
"""Keys by the names that pygame gives them."""


def message_for(press: Press, state: LiveState, now_s: float) -> Control | Mark:
    """What is sent to the engine; `now_s` is the session clock at the press."""
    seat = therapist(state)
    match press:
        case Press.MARK:
            return Mark(now_s, seat, start_s=max(0.0, now_s - MARKED_S))
        case Press.FADE:
            return Control(now_s, seat, Action.FADE)
        case Press.RESUME:
            return Control(now_s, seat, Action.RESUME)
        case Press.PANIC:
            return Control(now_s, seat, Action.PANIC)
        case Press.QUIETER:
            return Control(now_s, seat, Action.LEVEL, f"{state.level_db - LEVEL_STEP_DB:g}")
        case Press.LOUDER:
            return Control(now_s, seat, Action.LEVEL, f"{state.level_db + LEVEL_STEP_DB:g}")
        case Press.STOP:
            return Control(now_s, seat, Action.STOP)


def therapist(state: LiveState) -> Seat:
    """The seat whose screen this is."""
    return next((seat.seat for seat in state.seats if seat.role is Role.THERAPIST), Seat("therapist"))


@dataclass(slots=True)
class StopHold:
    """Has the stop key or button been held long enough? Times on the screen's own clock."""

    _since_s: float | None = None
    _done: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it is down now."""
        return self._since_s is not None

    def begin(self, now_s: float) -> None:
        """Down; the repeats of a held key change nothing."""
        if self._since_s is None:
            self._since_s = now_s

    def end(self) -> None:
        """Up: what was held so far counts no more."""
        self._since_s = None
        self._done = False

    def share(self, now_s: float) -> float:
        """How much of the hold is done, 0–1."""
        return 0.0 if self._since_s is None else min(1.0, (now_s - self._since_s) / HOLD_TO_STOP_S)

    def completes(self, now_s: float) -> bool:
        """True once a hold, when it has lasted long enough."""
        if self._done or self.share(now_s) < 1.0:
            return False
        self._done = True
        return True
