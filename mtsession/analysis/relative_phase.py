"""Did two players keep the same place in each other's beats?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.meetings import Indices, Meetings, by_chance, meetings
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import INTERVALS_SHUFFLED, N_SURROGATES, SHORTEST_S, SILENCE, Floats, chance_band
from mtsession.session import OnsetStream

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RelativePhase:
    """R = |mean e^{iφ}|, 0–1, φ = 2π(a − b_k)/(b_{k+1} − b_k): where in the other's intervals a player's onsets lie.

    `mean_resultant` is the average of both directions, over the whole window (the mean of R over short windows tells
    nothing); silences of the other are no interval. `n` counts the phases of both.
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
    (_, in_second), (_, in_first) = _phases(met)
    n = int(np.sum(in_second) + np.sum(in_first))
    if window.length_s < SHORTEST_S:
        return Void(VoidReason.NOT_ENOUGH_YET, n, window)
    if n < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, n, window)
    band = None if chance is None else chance_band(chance, INTERVALS_SHUFFLED)
    return Measured(RelativePhase(float(mean_resultant(met)[0])), n, window, band)


def mean_resultant(met: Meetings) -> Floats:
    """R of each copy, averaged over both directions, (copies,); 0 where there is no phase."""
    there, back = _phases(met)
    return (_resultants(*there, met.copies) + _resultants(*back, met.copies)) / 2.0


def _phases(met: Meetings) -> tuple[tuple[Floats, Flags], tuple[Floats, Flags]]:
    """Each player's onsets as shares of the other's intervals (copies · n,), and whether they lie in one."""
    return (
        _shares(met.first_s, met.second_s, met.second_after, met.n_second, SILENCE * met.usual_s[1]),
        _shares(met.second_s, met.first_s, met.first_after, met.n_first, SILENCE * met.usual_s[0]),
    )


def _shares(times_s: Floats, beats_s: Floats, after: Indices, n_beats: int, longest_s: float) -> tuple[Floats, Flags]:
    if n_beats < 2:
        return np.zeros(len(times_s)), np.zeros(len(times_s), dtype=bool)
    inside = after % n_beats != 0
    upto = np.where(inside, after, 1)
    since_s, length_s = times_s - beats_s[upto - 1], beats_s[upto] - beats_s[upto - 1]
    inside &= length_s <= longest_s
    return np.divide(since_s, length_s, out=np.zeros_like(since_s), where=inside), inside


def _resultants(shares: Floats, inside: Flags, copies: int) -> Floats:
    # Single precision is six times as fast, and rounds R in its seventh place.
    phases = (2.0 * np.pi * shares).astype(np.float32)
    each = (copies, len(shares) // copies)
    n = np.maximum(1, np.sum(inside.reshape(each), axis=1))
    real = np.sum(np.where(inside, np.cos(phases), 0.0).reshape(each), axis=1, dtype=np.float64)
    imaginary = np.sum(np.where(inside, np.sin(phases), 0.0).reshape(each), axis=1, dtype=np.float64)
    resultants: Floats = np.hypot(real, imaginary) / n
    return resultants
