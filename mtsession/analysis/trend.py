"""Did two players' onsets come closer together, or farther apart, from the start of a session to its end?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.curves import runs_in_another_order
from mtsession.analysis.meetings import meetings
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import N_SURROGATES, SHORTEST_S, chance_band, generator_for
from mtsession.session import OnsetStream

FEWEST_PAIRS = 24
"""Three runs: a line through fewer bends with every pair."""

RUN = 8
"""Neighbouring asynchronies are alike; runs of so many stay as they were played."""

RUNS_SHUFFLED = "asynchronies in another order, in runs of 8"

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AsynchronyTrend:
    """A straight line (least squares) through |first's onset − second's| on time; `n` counts the pairs.

    `at_start_s` and `at_end_s` are the line's values at the window's ends, `change_s` the second less the first:
    negative, the onsets came closer. The chance band is that of the change. After Foubert, Collins & De Backer 2017
    (Frontiers in Psychology 8:537), where the deviations of one group decreased over an improvisation and those of the
    other did not: a difference of groups, which says nothing of one person.
    """

    at_start_s: float
    at_end_s: float
    change_s: float


def asynchrony_trend(
    first: OnsetStream, second: OnsetStream, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[AsynchronyTrend] | Void:
    """The trend of two players' paired onsets; void below 24 pairs or 30 s, or where either never played."""
    if min(len(first), len(second)) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    of_first, of_second = meetings(first.times_s, second.times_s).pairs
    times_s = (first.times_s[of_first] + second.times_s[of_second]) / 2.0
    apart_s = np.abs(first.times_s[of_first] - second.times_s[of_second])
    if window.length_s < SHORTEST_S:
        return Void(VoidReason.TOO_SHORT, len(apart_s), window)
    if len(apart_s) < FEWEST_PAIRS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(apart_s), window)
    band = None
    if n_surrogates:
        rng = generator_for(first.times_s, second.times_s)
        orders = runs_in_another_order(len(apart_s), RUN, n_surrogates, rng)
        band = chance_band(_slopes(times_s, apart_s[orders]) * window.length_s, RUNS_SHUFFLED)
    slope = float(_slopes(times_s, apart_s[None])[0])
    at_start_s = float(np.mean(apart_s)) + slope * (window.start_s - float(np.mean(times_s)))
    change_s = slope * window.length_s
    return Measured(AsynchronyTrend(at_start_s, at_start_s + change_s, change_s), len(apart_s), window, band)


def _slopes(times_s: Floats, several: Floats) -> Floats:
    """Of the least-squares lines through each of S rows of values, (S,)."""
    centred_s = times_s - np.mean(times_s)
    slopes: Floats = several @ centred_s / (centred_s @ centred_s)
    return slopes
