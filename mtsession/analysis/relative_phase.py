"""Did two players keep the same place in each other's beats?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.meetings import Indices, Meetings, by_chance, meetings
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import INTERVALS_SHUFFLED, N_SURROGATES, SHORTEST_S, Floats, chance_band
from mtsession.session import OnsetStream


@dataclass(frozen=True, slots=True)
class RelativePhase:
    """R = |mean e^{iφ}|, 0–1, φ = 2π(a − b_k)/(b_{k+1} − b_k): where in the other's intervals a player's onsets lie.

    `mean_resultant` is the average of both directions, over the whole window (the mean of R over short windows tells
    nothing). `n` counts the phases of both.
    """

    mean_resultant: float


def relative_phase(
    first: OnsetStream, second: OnsetStream, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[RelativePhase] | Void:
    """R of two players with its chance band (the second's intervals shuffled).

    Void where either never played, below 8 phases, and below 30 s: too little to tell it from chance.
    """
    if min(len(first), len(second)) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    chance = None
    if n_surrogates:
        (chance,) = by_chance(first.times_s, second.times_s, n_surrogates, (mean_resultant,))
    return of_meetings(meetings(first.times_s, second.times_s), chance, window)


def of_meetings(met: Meetings, chance: Floats | None, window: Window) -> Measured[RelativePhase] | Void:
    """The same from neighbours that were looked up, and `mean_resultant` of the surrogates (n,)."""
    n = int(np.sum(_inside(met.second_after, len(met.second_s))) + np.sum(_inside(met.first_after, len(met.first_s))))
    if window.length_s < SHORTEST_S:
        return Void(VoidReason.NOT_ENOUGH_YET, n, window)
    if n < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, n, window)
    band = None if chance is None else chance_band(chance, INTERVALS_SHUFFLED)
    return Measured(RelativePhase(float(mean_resultant(met)[0])), n, window, band)


def mean_resultant(met: Meetings) -> Floats:
    """R of each copy, averaged over both directions, (copies,); 0 where there is no phase."""
    there = _resultants(met.first_s, met.second_s, met.second_after, met.copies)
    back = _resultants(met.second_s, met.first_s, met.first_after, met.copies)
    return (there + back) / 2.0


def _resultants(times_s: Floats, beats_s: Floats, after: Indices, copies: int) -> Floats:
    inside = _inside(after, len(beats_s) // copies)
    upto = np.where(inside, after, 1) if len(beats_s) > 1 else np.zeros_like(after)
    since_s, length_s = times_s - beats_s[upto - 1], beats_s[upto] - beats_s[upto - 1]
    # single precision is six times as fast and rounds R in its seventh place
    phase = (2.0 * np.pi * np.divide(since_s, length_s, out=np.zeros_like(since_s), where=inside)).astype(np.float32)
    each = (copies, len(times_s) // copies)
    n = np.maximum(1, np.sum(inside.reshape(each), axis=1))
    real = np.sum(np.where(inside, np.cos(phase), 0.0).reshape(each), axis=1)
    imaginary = np.sum(np.where(inside, np.sin(phase), 0.0).reshape(each), axis=1)
    resultants: Floats = np.hypot(real, imaginary) / n
    return resultants


def _inside(after: Indices, n_beats: int) -> NDArray[np.bool_]:
    """Which onsets lie between two beats of their own copy."""
    return np.asarray(after % n_beats != 0)
