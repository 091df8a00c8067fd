"""Where did one player's loudness, density or register do again what the other's had done, and how much later?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mtsession.analysis.curves import FLAT, STEP_S, Curve, Floats, curves_of, marked
from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window

LONGEST_LAG_S = 8.0

STRETCH_S, HOP_S = 10.0, 1.0

STRETCH, HOP, LONGEST_LAG = (round(length_s / STEP_S) for length_s in (STRETCH_S, HOP_S, LONGEST_LAG_S))


@dataclass(frozen=True, slots=True, eq=False)
class ImitationMap:
    """Likeness (correlation, −1…1) of 10 s of one player's curve with the other's a lag later.

    The imitation diagram of the Music Therapy Toolbox (Erkkilä et al.); `n` counts the notes of both. `times_s` (T,)
    are the middles of the stretches, hop 1 s, `lags_s` (L,) 0, 0.1 … 8 s. `second_after_first` and
    `first_after_second` (T, L) say how like the later player was; NaN where a curve was flat or had ended. A picture to
    look for diagonals in: a map of this size always has bright spots, and no chance band stands beside it.
    """

    curve: Curve
    times_s: Floats
    lags_s: Floats
    second_after_first: Floats
    first_after_second: Floats


def imitation_map(first: Played, second: Played, window: Window, curve: Curve) -> Measured[ImitationMap] | Void:
    """Both directions of one curve; void below 8 onsets with it, or 18 s, or where either never played."""
    one, other = first.within(window), second.within(window)
    n = len(one) + len(other)
    if min(len(one), len(other)) == 0:
        return Void(VoidReason.NEVER_PLAYED, n, window)
    if window.length_s < STRETCH_S + LONGEST_LAG_S:
        return Void(VoidReason.TOO_SHORT, n, window)
    of_one, of_other = marked(one), marked(other)
    if min(len(one.onsets), len(other.onsets)) < MIN_EVENTS or not {curve} <= of_one.marks.keys() & of_other.marks:
        return Void(VoidReason.TOO_FEW_EVENTS, n, window)
    led, followed = curves_of(of_one, window)[curve][0], curves_of(of_other, window)[curve][0]
    begun = np.arange(0, len(led) - STRETCH + 1, HOP)
    value = ImitationMap(
        curve=curve,
        times_s=window.start_s + STRETCH_S / 2 + STEP_S * begun.astype(np.float64),
        lags_s=STEP_S * np.arange(LONGEST_LAG + 1, dtype=np.float64),
        second_after_first=_likeness(led, followed),
        first_after_second=_likeness(followed, led),
    )
    return Measured(value, n, window)


def _likeness(led: Floats, followed: Floats) -> Floats:
    """Correlation of each stretch of one curve with the other a lag later, (T, L)."""
    begun = np.arange(0, len(led) - STRETCH + 1, HOP)
    likeness = np.full((len(begun), LONGEST_LAG + 1), np.nan)
    mean, spread = _mean_and_spread(led)
    later_mean, later_spread = _mean_and_spread(followed)
    for lag in range(LONGEST_LAG + 1):
        there = begun[begun + lag + STRETCH <= len(led)]
        products = _stretch_sums(led[: len(led) - lag] * followed[lag:])[there] / STRETCH
        both = spread[there] * later_spread[there + lag]
        common = products - mean[there] * later_mean[there + lag]
        likeness[: len(there), lag] = np.divide(common, both, out=np.full(len(there), np.nan), where=both > FLAT**2)
    clipped: Floats = np.clip(likeness, -1.0, 1.0)
    return clipped


def _mean_and_spread(curve: Floats) -> tuple[Floats, Floats]:
    """Of the stretch that begins at each step."""
    mean, square = _stretch_sums(curve) / STRETCH, _stretch_sums(curve**2) / STRETCH
    return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def _stretch_sums(values: Floats) -> Floats:
    running = np.concatenate(([0.0], np.cumsum(values)))
    sums: Floats = running[STRETCH:] - running[:-STRETCH]
    return sums
