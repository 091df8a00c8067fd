"""How close in time were two players' onsets, and who was later?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import (
    INTERVALS_SHUFFLED,
    N_SURROGATES,
    SHORTEST_S,
    chance_band,
    generator_for,
    shuffled_intervals,
)
from mtsession.session import OnsetStream

LARGEST_S = 0.12
"""Onsets farther apart than this are no pair (measures: togetherness)."""

PERIODS = 8
"""The local period is the median of this many intervals before."""

Floats: TypeAlias = NDArray[np.float64]

Pairs: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Asynchrony:
    """d = first's onset − second's, over mutual nearest pairs; positive: the first was later. `n` is `n_pairs`.

    `sd_s` has n − 1 below (Rasch 1979); `share_matched` is the share of both players' onsets that found a partner.
    Where an input's latency is not known, nothing that depends on a shift of one player can be said: `mean_s`,
    `mean_absolute_s` and `rms_s` are None and `unsigned_because` says why.
    """

    n_pairs: int
    mean_s: float | None
    sd_s: float
    mean_absolute_s: float | None
    rms_s: float | None
    share_matched: float
    unsigned_because: VoidReason | None = None


def local_period_s(times_s: Floats) -> Floats:
    """For each onset the median of the last 8 intervals before it; at the start of those there are, (n,).

    The first onset takes the interval after it; a lone onset has an infinite period.
    """
    intervals_s = np.diff(times_s)
    if len(intervals_s) == 0:
        return np.full(len(times_s), np.inf)
    early = [float(np.median(intervals_s[: max(1, index)])) for index in range(min(len(times_s), PERIODS))]
    if len(times_s) <= PERIODS:
        return np.array(early)
    return np.concatenate((early, np.median(sliding_window_view(intervals_s, PERIODS), axis=1)))


def nearest(times_s: Floats, to_s: Floats) -> NDArray[np.intp]:
    """For each of `times_s` the index of the nearest of `to_s` (not empty, ascending); of two equals the earlier."""
    if len(to_s) == 1:
        return np.zeros(len(times_s), dtype=np.intp)
    after = np.clip(np.searchsorted(to_s, times_s), 1, len(to_s) - 1)
    return np.where(times_s - to_s[after - 1] <= to_s[after] - times_s, after - 1, after)


def mutual_pairs(first_s: Floats, second_s: Floats) -> Pairs:
    """Indices of onsets that are each other's nearest and within min(120 ms, ¼ of the first's local period)."""
    return _pairs_within(first_s, second_s, reach_s(first_s))


def reach_s(times_s: Floats) -> Floats:
    """How far from each onset its partner may lie, (n,)."""
    return np.minimum(LARGEST_S, local_period_s(times_s) / 4.0)


def asynchrony(
    first: OnsetStream, second: OnsetStream, window: Window, n_surrogates: int = N_SURROGATES
) -> Measured[Asynchrony] | Void:
    """Spread and lean of two players' paired onsets; void below 8 pairs, or where either never played.

    The chance band is that of `share_matched`, from 30 s on, with the second player's intervals shuffled.
    """
    if min(len(first), len(second)) == 0:
        return Void(VoidReason.NEVER_PLAYED, 0, window)
    of_first, of_second = mutual_pairs(first.times_s, second.times_s)
    differences_s = first.times_s[of_first] - second.times_s[of_second]
    if len(differences_s) < MIN_EVENTS:
        return Void(VoidReason.TOO_FEW_EVENTS, len(differences_s), window)
    n_onsets, band = len(first) + len(second), None
    if n_surrogates and window.length_s >= SHORTEST_S:
        matched = _matched_by_chance(first.times_s, second.times_s, n_surrogates)
        band = chance_band(2 * matched / n_onsets, INTERVALS_SHUFFLED)
    value = spread(differences_s, 2 * len(differences_s) / n_onsets)
    return Measured(value, len(differences_s), window, band)


def _matched_by_chance(first_s: Floats, second_s: Floats, n: int) -> NDArray[np.int64]:
    """How many pairs each of n shuffled second players makes, (n,). All are paired in one go, one after the other."""
    shuffled_s = shuffled_intervals(second_s, n, generator_for(first_s, second_s))
    apart_s = max(first_s[-1], second_s[-1]) - min(first_s[0], second_s[0]) + 10 * LARGEST_S
    later_s = apart_s * np.arange(n)[:, None]
    every_s = (first_s + later_s).ravel()
    paired, _ = _pairs_within(every_s, (shuffled_s + later_s).ravel(), np.tile(reach_s(first_s), n))
    return np.bincount(paired // len(first_s), minlength=n)


def _pairs_within(first_s: Floats, second_s: Floats, within_s: Floats) -> Pairs:
    if len(first_s) == 0 or len(second_s) == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    to_second, to_first = nearest(first_s, second_s), nearest(second_s, first_s)
    own = np.arange(len(first_s))
    paired = (to_first[to_second] == own) & (np.abs(first_s - second_s[to_second]) <= within_s)
    return own[paired], to_second[paired]


def spread(differences_s: Floats, share_matched: float) -> Asynchrony:
    """The statistics of two or more asynchronies. (√Σ(d/n)², printed as a groupwise SD, shrinks with n: not used.)"""
    return Asynchrony(
        n_pairs=len(differences_s),
        mean_s=float(np.mean(differences_s)),
        sd_s=float(np.std(differences_s, ddof=1)),
        mean_absolute_s=float(np.mean(np.abs(differences_s))),
        rms_s=float(np.sqrt(np.mean(differences_s**2))),
        share_matched=share_matched,
    )


def unsigned(measured: Measured[Asynchrony], reason: VoidReason) -> Measured[Asynchrony]:
    """The same without what a shift of one player would change."""
    value = measured.value
    kept = Asynchrony(value.n_pairs, None, value.sd_s, None, None, value.share_matched, reason)
    return Measured(kept, measured.n, measured.window, measured.band)
