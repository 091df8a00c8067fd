"""Which pulse, if any, do a player's onsets keep, in each of many windows, and how far ahead is it of any other?

Every candidate tempo f is judged by the vector strength of the onsets at f and its multiples (the H-test of periodic
signals: de Jager et al. 1989), n·R²(f) = |Σ e^(2πi·f·t)|²/n. Random onsets give n·R² of 1 on average at any f, so the
same gate serves sparse and dense playing, on the beat or off it. What tells the beat from its half and its double is
how many onsets a beat would hold. The settings were chosen on one half of the jazz trios (every second track by
tempo) and reported on the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.pulse_path import totals_through

Floats: TypeAlias = NDArray[np.float64]

MULTIPLES = (1, 2, 3, 4)

WEIGHTS = (1.0, 0.9, 0.7, 0.4)
"""Of log(1 + n·R²) at the multiples, in the score of a candidate."""

CANDIDATES_HZ: Floats = 0.5 * 2.0 ** (np.arange(200) / 60.0)
"""30–300 a minute, sixty to the octave."""

GRID_START_HZ, GRID_STEP_HZ = 0.45, 0.02
"""A window of 10 s blurs a frequency by 0.1 Hz: this grid loses 2 % of a peak at worst."""

FINE_HZ: Floats = GRID_STEP_HZ * np.arange(32, dtype=np.float64)

COARSE_HZ: Floats = np.arange(GRID_START_HZ, MULTIPLES[-1] * CANDIDATES_HZ[-1] + GRID_STEP_HZ, 32 * GRID_STEP_HZ)

USUAL_HZ, UNUSUAL = 2.0, 0.15
"""A beat is about 0.5 s long (measures: tempo); the penalty is this times the octaves squared: a weak preference."""

ONSETS_PER_BEAT, CROWDED = 2.0, 1.0
"""Players put one to four onsets on a beat; the penalty is this times the octaves from two, squared."""

LONGEST_INTERVAL_S = 2.0
"""Longer intervals are pauses and say nothing of the rate of playing."""

CHUNK = 200
"""Windows worked on at a time: keeps the memory small however long the session is."""

N_RIVALS = 6

SAME_LEVEL = 0.2
"""Octaves: tempi closer than this are one level, as in a window in which the tempo moves (the next level lies 0.4
octaves off, at 4:3); and an octave is one to within it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """The best candidates of each of W windows, (W, N_RIVALS) each, and the rate of playing `rates_hz` (W,).

    `strength` is n·R² summed over the multiples, `score` what ranks the candidates.
    """

    hz: Floats
    score: Floats
    strength: Floats
    rates_hz: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Pulses:
    """The pulse of each of W windows, (W,) each.

    `strength` is n·R² summed over the multiples, `per_beat` the onsets on a beat (NaN without an interval). By
    `ahead` and `octave_ahead` the best path through all windows scores more than the best that has, in this window,
    a tempo of another level: none of the octaves of this one, or one of them.
    """

    hz: Floats
    strength: Floats
    per_beat: Floats
    ahead: Floats
    octave_ahead: Floats


def pulses(times_s: Floats, starts_s: Floats, length_s: float) -> Pulses:
    """The pulse of each window, following one level as long as the onsets allow.

    `times_s` (n,) and `starts_s` (W,) ascend. A window without an onset has strength 0.
    """
    return best_pulses(rivals(times_s, starts_s, length_s))


def best_pulses(of: Rivals) -> Pulses:
    """The rivals on the best path through all windows, and by how much it is the best."""
    log2_hz = np.log2(of.hz)
    totals = totals_through(log2_hz, of.score)
    best = totals.argmax(axis=1)[:, None]
    behind = totals.max(axis=1, keepdims=True) - totals
    apart = log2_hz - np.take_along_axis(log2_hz, best, axis=1)
    other = np.abs(apart) > SAME_LEVEL
    octave = other & (np.abs(apart - np.round(apart)) <= SAME_LEVEL)
    hz = np.take_along_axis(of.hz, best, axis=1)[:, 0]
    return Pulses(
        hz=hz,
        strength=np.take_along_axis(of.strength, best, axis=1)[:, 0],
        per_beat=of.rates_hz / hz,
        ahead=_least(behind, other & ~octave),
        octave_ahead=_least(behind, octave),
    )


def _least(behind: Floats, among: NDArray[np.bool_]) -> Floats:
    """How far the nearest of some rivals is behind; where there is none, as far as the last of all."""
    least: Floats = np.where(among, behind, behind.max(axis=1, keepdims=True)).min(axis=1)
    return least


def rivals(times_s: Floats, starts_s: Floats, length_s: float) -> Rivals:
    """The best candidates of each window, as `pulses` takes them."""
    rates_hz = _rates_hz(times_s, starts_s, length_s)
    chunks = [slice(begun, begun + CHUNK) for begun in range(0, len(starts_s), CHUNK)]
    peaks = [_peaks(times_s, starts_s[part], length_s, rates_hz[part]) for part in chunks]
    hz, score, strength = (np.concatenate(parts) for parts in zip(*peaks, strict=True))
    return Rivals(hz, score, strength, rates_hz)


def _peaks(times_s: Floats, starts_s: Floats, length_s: float, rates_hz: Floats) -> tuple[Floats, Floats, Floats]:
    """Frequency, score and strength of the best candidates of some windows, (W, N_RIVALS) each."""
    power = power_at_candidates(times_s, starts_s, length_s)
    score: Floats = np.log1p(power) @ np.array(WEIGHTS) - _penalty(rates_hz)
    inner = score[:, 1:-1]
    is_peak = (inner >= score[:, :-2]) & (inner > score[:, 2:])
    ranked = np.argsort(np.where(is_peak, -inner, np.inf), axis=1, kind="stable")[:, :N_RIVALS] + 1
    hz = CANDIDATES_HZ[ranked] * 2.0 ** (_offset_of_peak(score, ranked) / 60.0)
    # Where there are fewer peaks than rivals, points beside a peak fill up: they score less than it does.
    strength = power.sum(axis=2)
    return hz, np.take_along_axis(score, ranked, axis=1), np.take_along_axis(strength, ranked, axis=1)


def power_at_candidates(times_s: Floats, starts_s: Floats, length_s: float) -> Floats:
    """n·R² of each window's onsets at each multiple of each candidate, (W, candidates, multiples)."""
    low, high = np.searchsorted(times_s, starts_s), np.searchsorted(times_s, starts_s + length_s)
    sums = _turned(times_s[low[0] : high[-1]] - starts_s[0], low - low[0], high - low[0])
    power = (sums.real**2 + sums.imag**2) / np.maximum(high - low, 1)[:, None]
    at = (CANDIDATES_HZ[:, None] * np.array(MULTIPLES) - GRID_START_HZ) / GRID_STEP_HZ
    left = at.astype(np.intp)
    interpolated: Floats = power[:, left] * (left + 1 - at) + power[:, left + 1] * (at - left)
    return interpolated


def _turned(times_s: Floats, low: NDArray[np.intp], high: NDArray[np.intp]) -> NDArray[np.complex128]:
    """Σ e^(2πi·f·t) over the onsets low … high − 1, for each window and each frequency f of the grid, (W, grid).

    A frequency is a coarse and a fine one together, and the sum over a product of both turns is a matrix product: taken
    once for each stretch between two edges of windows, then added up.
    """
    edges = np.unique(np.concatenate((low, high)))
    coarse = np.exp(2j * np.pi * np.outer(times_s, COARSE_HZ))
    fine = np.exp(2j * np.pi * np.outer(times_s, FINE_HZ))
    sums = np.zeros((len(edges), len(COARSE_HZ) * len(FINE_HZ)), dtype=np.complex128)
    for index, (begin, end) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True), 1):
        sums[index] = (coarse[begin:end].T @ fine[begin:end]).ravel()
    np.cumsum(sums, axis=0, out=sums)
    difference: NDArray[np.complex128] = sums[np.searchsorted(edges, high)] - sums[np.searchsorted(edges, low)]
    return difference


def _rates_hz(times_s: Floats, starts_s: Floats, length_s: float) -> Floats:
    """Onsets per second of playing in each window, pauses left out, (W,); NaN where there is no interval."""
    intervals_s = np.diff(times_s)
    counts = intervals_s <= LONGEST_INTERVAL_S
    n_before = np.concatenate(([0], np.cumsum(counts)))
    s_before = np.concatenate(([0.0], np.cumsum(intervals_s * counts)))
    low = np.minimum(np.searchsorted(times_s, starts_s), len(intervals_s))
    high = np.maximum(np.searchsorted(times_s, starts_s + length_s) - 1, low)
    n = (n_before[high] - n_before[low]).astype(np.float64)
    n[n == 0] = np.nan
    rates_hz: Floats = n / (s_before[high] - s_before[low])
    return rates_hz


def _penalty(rates_hz: Floats) -> Floats:
    """For an unusual tempo and for an unusual number of onsets a beat, (W, candidates)."""
    unusual: Floats = np.log2(CANDIDATES_HZ / USUAL_HZ) ** 2
    crowded: Floats = np.log2(rates_hz[:, None] / (ONSETS_PER_BEAT * CANDIDATES_HZ)) ** 2
    return UNUSUAL * unusual + CROWDED * np.nan_to_num(crowded)


def _offset_of_peak(score: Floats, ranked: NDArray[np.intp]) -> Floats:
    """Where the parabola through a peak and its neighbours has its top, in candidates, −½ … ½."""
    before, at, after = (np.take_along_axis(score, ranked + shift, axis=1) for shift in (-1, 0, 1))
    bend = before - 2.0 * at + after
    return np.clip(np.divide(before - after, 2.0 * bend, out=np.zeros_like(bend), where=bend < 0), -0.5, 0.5)
