"""How much of the time did two players keep the same tempo?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.tempo import TempoCurve

WITHIN = 0.05
"""Tempi this close are the same (measures: tempo match)."""


@dataclass(frozen=True, slots=True)
class TempoMatch:
    """Tempi that agree within 5 %, octaves folded; `n` is the number of windows in which both had a pulse.

    `share_matched` is of those windows; `median_log2_ratio` the median of the folded log2(first/second), positive:
    the first was faster.
    """

    share_matched: float
    median_log2_ratio: float


def tempo_match(
    first: Measured[TempoCurve] | Void, second: Measured[TempoCurve] | Void, window: Window
) -> Measured[TempoMatch] | Void:
    """Of the windows in which both had a pulse, how many agreed; void below 8 of them.

    Both curves must lie on the same windows.
    """
    if isinstance(first, Void) or isinstance(second, Void):
        return first if isinstance(first, Void) else Void(VoidReason.NO_STEADY_PULSE, 0, window)
    folded = folded_log2_ratios(first.value, second.value)
    if len(folded) == 0:
        return Void(VoidReason.NO_STEADY_PULSE, 0, window)
    if len(folded) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(folded), window)
    matched = np.abs(folded) <= np.log2(1.0 + WITHIN)
    return Measured(TempoMatch(float(np.mean(matched)), float(np.median(folded))), len(folded), window)


def folded_log2_ratios(first: TempoCurve, second: TempoCurve) -> NDArray[np.float64]:
    """log2(first/second) in the windows in which both have a pulse, folded into −½ … ½ octave."""
    one, other = np.array(first.bpm, dtype=np.float64), np.array(second.bpm, dtype=np.float64)
    ratios = np.log2(one / other)
    ratios = ratios[np.isfinite(ratios)]
    return ratios - np.round(ratios)
