"""What a measure returns: named values with what they rest on, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

MIN_EVENTS = 8
"""Below this number of events every rate and median is void; counts stand (care rules, §2)."""


class VoidReason(StrEnum):
    """Why nothing can be said; the text a person reads stands in the catalogue under the same key."""

    TOO_FEW_EVENTS = "too_few_events"
    TOO_SHORT = "too_short"
    TOO_FEW_SESSIONS = "too_few_sessions"
    UNVARYING = "unvarying"
    NOT_ENOUGH_YET = "not_enough_yet"
    NO_STEADY_PULSE = "no_steady_pulse"
    OCTAVE_UNSURE = "octave_unsure"
    NOBODY_PLAYED = "nobody_played"
    NEVER_PLAYED = "never_played"
    QUANTISED = "quantised"
    SCANNING = "scanning"
    ACCEPTANCE_TIME = "acceptance_time"
    SCALE_PALETTE = "scale_palette"
    CHORD_FOLLOW = "chord_follow"
    FIXED_VELOCITY = "fixed_velocity"
    AUTO_REPEAT = "auto_repeat"
    HAND_OVER_HAND = "hand_over_hand"
    SHARED_DEVICE = "shared_device"
    LATENCY_UNKNOWN = "latency_unknown"


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of the session that a number rests on."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class ChanceBand:
    """2.5–97.5 % of what unrelated playing gives, and how that was made ("intervals of one player shuffled")."""

    low: float
    high: float
    surrogate: str
    n_surrogates: int


@dataclass(frozen=True, slots=True)
class Measured(Generic[T]):
    """A measure's value; `n` counts what it rests on (notes, transfers, pairs: the value's docstring says)."""

    value: T
    n: int
    window: Window
    band: ChanceBand | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """No value, and why. Never 0.0 or NaN for "no data"."""

    reason: VoidReason
    n: int
    window: Window
