"""Where can a measure be relied on, with the assists, access and latencies that were on? (care rules, §2)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto
from typing import TypeVar

import numpy as np

from mtsession.analysis import spans
from mtsession.analysis.curves import Curve
from mtsession.analysis.features import Feature, Taken
from mtsession.analysis.imitation import Aspect
from mtsession.analysis.in_force import HAND_OVER_HAND, LATENCY_UNKNOWN, SHARED_DEVICE, WITHOUT_CONTACTS, Condition
from mtsession.analysis.result import VoidReason, Window
from mtsession.events import Seat

K = TypeVar("K")

FAST_RESPONSE_S = 0.3
"""Responses faster than this are not told where the latency is not known."""

LEAST_S = 30.0
"""A clean stretch shorter than this is too little to rest a measure on: as long as a chance band asks for."""


class Basis(Enum):
    """What a measure rests on, and an assist may take away."""

    WHO = auto()
    TIMING = auto()
    RESPONSE = auto()
    SYNCHRONY = auto()
    PULSE = auto()
    TURNS = auto()
    COUNT = auto()
    LOUDNESS = auto()
    PITCH = auto()
    CONTOUR = auto()


RESTS_ON: Mapping[str, frozenset[Basis]] = {
    "participation": frozenset({Basis.WHO}),
    "pauses": frozenset({Basis.WHO}),
    "density": frozenset({Basis.WHO, Basis.COUNT}),
    "turns": frozenset({Basis.WHO, Basis.TIMING, Basis.TURNS}),
    "tempo": frozenset({Basis.WHO, Basis.TIMING, Basis.PULSE}),
    "level": frozenset({Basis.WHO, Basis.LOUDNESS}),
    "features": frozenset({Basis.WHO}),
    "shares": frozenset({Basis.WHO}),
    "balance": frozenset({Basis.WHO}),
    "floor_transfers": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE, Basis.TURNS}),
    "transfers_from_first": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE, Basis.TURNS}),
    "transfers_from_second": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE, Basis.TURNS}),
    "exchanges": frozenset({Basis.WHO, Basis.TIMING, Basis.TURNS}),
    "first_after_silence": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE}),
    "joint_passages": frozenset({Basis.WHO}),
    "asynchrony": frozenset({Basis.WHO, Basis.TIMING, Basis.SYNCHRONY}),
    "relative_phase": frozenset({Basis.WHO, Basis.TIMING, Basis.SYNCHRONY}),
    "following": frozenset({Basis.WHO, Basis.TIMING, Basis.SYNCHRONY}),
    "tempo_match": frozenset({Basis.WHO, Basis.TIMING, Basis.PULSE, Basis.SYNCHRONY}),
    "asynchrony_trend": frozenset({Basis.WHO, Basis.TIMING, Basis.SYNCHRONY}),
    "matching": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE}),
    "imitation": frozenset({Basis.WHO, Basis.TIMING, Basis.TURNS}),
    "tempo_lead": frozenset({Basis.WHO, Basis.TIMING, Basis.PULSE, Basis.SYNCHRONY}),
}
"""By the name of the field in the summary of a player or a pair."""

FEATURES_REST_ON: Mapping[Feature, frozenset[Basis]] = {
    Feature.DENSITY: frozenset({Basis.COUNT}),
    # A scale moves a pitch by a step or two: how high the playing lay is still told.
    Feature.PITCH: frozenset({Basis.CONTOUR}),
    Feature.PITCH_SD: frozenset({Basis.CONTOUR}),
    Feature.VELOCITY: frozenset({Basis.LOUDNESS}),
    Feature.VELOCITY_SD: frozenset({Basis.LOUDNESS}),
    Feature.ARTICULATION: frozenset({Basis.TIMING, Basis.COUNT}),
    Feature.PULSE: frozenset({Basis.TIMING, Basis.PULSE}),
    Feature.KEY: frozenset({Basis.PITCH}),
}
"""What each curve rests on beyond what all do: an assist takes single curves away and leaves the others."""

MATCHING_RESTS_ON: Mapping[Curve, frozenset[Basis]] = {
    Curve.LOUDNESS: frozenset({Basis.LOUDNESS}),
    Curve.DENSITY: frozenset({Basis.COUNT}),
    Curve.REGISTER: frozenset({Basis.CONTOUR}),
}

IMITATION_RESTS_ON: Mapping[Aspect, frozenset[Basis]] = {
    Aspect.RHYTHM: frozenset({Basis.PULSE}),
    Aspect.CONTOUR: frozenset({Basis.PITCH, Basis.CONTOUR}),
}

GROUP_RESTS_ON: Mapping[str, frozenset[Basis]] = {
    "density": frozenset({Basis.COUNT}),
    "players_at_once": frozenset({Basis.WHO}),
    "first_after_silence": frozenset({Basis.WHO, Basis.TIMING, Basis.RESPONSE}),
    "following": frozenset({Basis.WHO, Basis.TIMING, Basis.SYNCHRONY}),
}
"""By the name of the field in the summary of the group; what is not here (its pauses) no assist can take."""

_REPEATED = (VoidReason.AUTO_REPEAT, frozenset({Basis.COUNT}))
_REPEATED_UNTOUCHED = (
    VoidReason.AUTO_REPEAT,
    frozenset({Basis.COUNT, Basis.PULSE, Basis.SYNCHRONY, Basis.TURNS, Basis.RESPONSE}),
)
_ON_A_BEAT = (VoidReason.QUANTISED, frozenset({Basis.SYNCHRONY, Basis.PULSE}))

TAKES_AWAY: Mapping[str, tuple[VoidReason, frozenset[Basis]]] = {
    SHARED_DEVICE: (VoidReason.SHARED_DEVICE, frozenset({Basis.WHO})),
    HAND_OVER_HAND: (VoidReason.HAND_OVER_HAND, frozenset({Basis.TIMING})),
    "scanning": (
        VoidReason.SCANNING,
        frozenset({Basis.RESPONSE, Basis.SYNCHRONY, Basis.TURNS, Basis.PULSE}),
    ),
    # Measures rest on the first contact: a note that waits to be accepted voids a response only where none was kept.
    f"acceptance time {WITHOUT_CONTACTS}": (VoidReason.ACCEPTANCE_TIME, frozenset({Basis.RESPONSE})),
    "quantise": _ON_A_BEAT,
    "play-along beat": _ON_A_BEAT,
    # Tempo, synchrony and turns are computed on contacts, which a repeat does not multiply; notes it does.
    f"arpeggio {WITHOUT_CONTACTS}": _REPEATED_UNTOUCHED,
    f"auto-repeat {WITHOUT_CONTACTS}": _REPEATED_UNTOUCHED,
    f"loop {WITHOUT_CONTACTS}": _REPEATED_UNTOUCHED,
    "arpeggio": _REPEATED,
    "auto-repeat": _REPEATED,
    "loop": _REPEATED,
    "fixed velocity": (VoidReason.FIXED_VELOCITY, frozenset({Basis.LOUDNESS})),
    "chord-follow": (VoidReason.CHORD_FOLLOW, frozenset({Basis.PITCH, Basis.CONTOUR})),
    "scale palette": (VoidReason.SCALE_PALETTE, frozenset({Basis.PITCH})),
}
"""By the name of what was on, in the order in which a reason is looked for."""

SIGNED = frozenset(
    {"asynchrony", "asynchrony_trend", "floor_transfers", "matching", "transfers_from_first", "transfers_from_second"}
)
"""Measures of a pair of which a part (who was later, fast responses) cannot be told with an unknown latency."""


def void_reason(measure: str, settings: Iterable[str]) -> VoidReason | None:
    """Why a measure (by its field's name) cannot be relied on with these settings on; None where it can."""
    return reason_for(RESTS_ON.get(measure, frozenset()), settings)


def reason_for(rests_on: frozenset[Basis], settings: Iterable[str]) -> VoidReason | None:
    """Why what rests on this is void with these settings on, by the first of the table; None where it is not."""
    on = frozenset(settings)
    return next(
        (reason for name, (reason, taken) in TAKES_AWAY.items() if name in on and rests_on & taken),
        None,
    )


def valid_windows(
    conditions: Iterable[Condition],
    seats: Sequence[Seat],
    rests_on: frozenset[Basis],
    window: Window,
) -> tuple[Window, ...]:
    """The stretches of the window in which nothing took away what a measure of these seats rests on."""
    return _free_of((c for c in conditions if reason_for(rests_on, (c.name,))), seats, window)


def stretch_for(
    conditions: Sequence[Condition],
    seats: Sequence[Seat],
    rests_on: frozenset[Basis],
    window: Window,
) -> Window | VoidReason:
    """Where to measure: the whole window, or its longest clean stretch of 30 s and more, or why nowhere.

    One stretch and not the sum of several: over a seam every measure of time would find gaps nobody left.
    """
    free = valid_windows(conditions, seats, rests_on, window)
    if free == (window,):
        return window
    longest = _longest(free)
    if longest is not None and longest.length_s >= LEAST_S:
        return longest
    on = [condition.name for condition in conditions if condition.holds(seats, window)]
    return reason_for(rests_on, on) or window


def void_parts(
    rest_on: Mapping[K, frozenset[Basis]], conditions: Sequence[Condition], seats: Sequence[Seat], window: Window
) -> dict[K, VoidReason]:
    """Which parts of a measure something took away at any time in the window, and why."""
    on = [condition.name for condition in conditions if condition.holds(seats, window)]
    found = {part: reason_for(basis, on) for part, basis in rest_on.items()}
    return {part: reason for part, reason in found.items() if reason is not None}


def taken_features(conditions: Sequence[Condition], seat: Seat, window: Window) -> dict[Feature, Taken]:
    """Which of a player's curves something took away, where, and why."""
    found = {}
    for feature, reason in void_parts(FEATURES_REST_ON, conditions, (seat,), window).items():
        took = [c for c in conditions if c.holds((seat,), window) and reason_for(FEATURES_REST_ON[feature], (c.name,))]
        found[feature] = Taken(reason, tuple(Window(condition.start_s, condition.end_s) for condition in took))
    return found


def latency_known(conditions: Iterable[Condition], seats: Sequence[Seat], window: Window) -> bool:
    """Whether the latency of every seat's input was measured, and at most 80 ms, for the whole window."""
    return not any(c.name == LATENCY_UNKNOWN and c.holds(seats, window) for c in conditions)


def stretch_with_latency(conditions: Iterable[Condition], seats: Sequence[Seat], window: Window) -> Window:
    """The longest stretch with a known latency if it is 30 s and half of the window or more, else the whole window.

    With less than half it is better to tell what needs no sign of the whole.
    """
    free = _free_of((c for c in conditions if c.name == LATENCY_UNKNOWN), seats, window)
    longest = _longest(free)
    if longest is not None and longest.length_s >= max(LEAST_S, window.length_s / 2):
        return longest
    return window


def _free_of(conditions: Iterable[Condition], seats: Sequence[Seat], window: Window) -> tuple[Window, ...]:
    taken = np.array([(c.start_s, c.end_s) for c in conditions if c.holds(seats, window)], dtype=np.float64)
    if len(taken) == 0:
        return (window,)
    return spans.as_windows(spans.complement(spans.merged(taken[:, 0], taken[:, 1]), window))


def _longest(stretches: Iterable[Window]) -> Window | None:
    return max(stretches, key=lambda stretch: (stretch.length_s, -stretch.start_s), default=None)
