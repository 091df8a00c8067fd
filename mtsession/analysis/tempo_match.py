"""How much of the time did two players keep the same tempo?

Each player's tempo here is that of their own onsets alone. A tempo chosen with the partner's in sight is nearer to it
by construction: unrelated players (one of each of two recordings) matched in 0.4 % of the windows by their own
onsets, and in 8 % with each other's given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.tempo import TempoCurve

Floats: TypeAlias = NDArray[np.float64]

WITHIN = 0.05
"""Tempi this close are the same (measures: tempo match)."""


@dataclass(frozen=True, slots=True)
class TempoMatch:
    """Tempi that agree within 5 %, octaves folded; `n` is the number of windows in which both had a pulse.

    `share_matched` is of those windows; `median_log2_ratio` the median of the folded log2(first/second), positive:
    the first was faster. Windows count whose octave is unsure: folding makes it none of the question.
    """

    share_matched: float
    median_log2_ratio: float


def tempo_match(
    first: Measured[TempoCurve] | Void, second: Measured[TempoCurve] | Void, window: Window
) -> Measured[TempoMatch] | Void:
    """Of the windows in which both had a pulse, how many agreed; void below 8 of them.

    Both curves must lie on the same windows.
    """
    if isinstance(first, Void):
        return Void(first.reason, 0, window)
    if isinstance(second, Void):
        return Void(second.reason, 0, window)
    folded = folded_log2_ratios(first.value, second.value)
    if len(folded) == 0:
        return Void(VoidReason.NO_STEADY_PULSE, 0, window)
    if len(folded) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(folded), window)
    matched = np.abs(folded) <= np.log2(1.0 + WITHIN)
    return Measured(TempoMatch(float(np.mean(matched)), float(np.median(folded))), len(folded), window)


def folded_log2_ratios(first: TempoCurve, second: TempoCurve) -> Floats:
    """log2(first/second) in the windows in which both have a pulse, folded into −½ … ½ octave."""
    ratios = pulse_log2(first) - pulse_log2(second)
    ratios = ratios[np.isfinite(ratios)]
    return ratios - np.round(ratios)


def pulse_log2(curve: TempoCurve) -> Floats:
    """log2 of the tempo in each window with a pulse, sure of its octave or not, NaN elsewhere, (W,)."""
    stated = np.array(curve.bpm, dtype=np.float64)
    if not curve.unsure_bpm:
        return np.log2(stated)
    return np.log2(np.where(np.isnan(stated), np.array(curve.unsure_bpm, dtype=np.float64), stated))
