"""How do the intervals of a row of onsets or beats go: their contrast, their mean tempo, its slope?

Plain statistics of the intervals as they are: a pause is an interval as well. What a player's tempo is, is told by
`mtsession.analysis.tempo`; these are for beats, and for comparing with published figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.session import OnsetStream

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Intervals:
    """The intervals between a player's onsets; `n` is their number.

    `npvi` is 0 for even playing and nears 200 where very long and very short take turns (Grabe & Low 2002).
    """

    npvi: float
    median_s: float


def intervals(onsets: OnsetStream, window: Window) -> Measured[Intervals] | Void:
    """Contrast and median of one player's intervals (the onsets in the window); void below 8 intervals."""
    between_s = onsets.intervals_s
    if len(onsets) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    if len(between_s) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(between_s), window)
    return Measured(Intervals(npvi(between_s), float(np.median(between_s))), len(between_s), window)


def npvi(intervals_s: Floats) -> float:
    """Normalised pairwise variability, 100/(m − 1)·Σ|2(d_k − d_k+1)/(d_k + d_k+1)| over m ≥ 2 intervals > 0.

    Raises ValueError for fewer, and for an interval that is not longer than 0.
    """
    if len(intervals_s) < 2 or not np.all(intervals_s > 0):
        raise ValueError("nPVI needs two intervals or more, each longer than 0 s")
    one, following = intervals_s[:-1], intervals_s[1:]
    return float(200.0 * np.mean(np.abs(one - following) / (one + following)))


def mean_bpm(beats_s: Floats) -> float:
    """60/mean interval of two or more beats in order. Raises ValueError for fewer."""
    if len(beats_s) < 2 or not beats_s[-1] > beats_s[0]:
        raise ValueError("a tempo needs two beats or more, one after the other")
    return float(60.0 * (len(beats_s) - 1) / (beats_s[-1] - beats_s[0]))


def slope_bpm_per_s(beats_s: Floats) -> float:
    """Least squares of 60/interval on the time of the interval's end, for three or more beats in order.

    Raises ValueError for fewer, and for beats that are not in order.
    """
    between_s = np.diff(beats_s)
    if len(between_s) < 2 or not np.all(between_s > 0):
        raise ValueError("a slope of tempo needs three beats or more, one after the other")
    return least_squares_slope(beats_s[1:], 60.0 / between_s)


def least_squares_slope(x: Floats, y: Floats) -> float:
    """The slope of the line of least squares of y on x (x not all the same)."""
    apart = x - np.mean(x)
    return float(np.dot(apart, y) / np.dot(apart, apart))
