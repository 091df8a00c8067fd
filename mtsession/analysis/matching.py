"""Did two players' loudness, density and register rise and fall together, and who came first?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mtsession.analysis.curves import FLAT, Curve, Marked, curves_of, marked, n_steps, shuffled
from mtsession.analysis.played import Played
from mtsession.analysis.result import MIN_EVENTS, Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import N_SURROGATES, SHORTEST_S, chance_band, generator_for

STEP_S = 0.1

LARGEST_LAG = 15
"""Steps of 0.1 s either way: ±1.5 s (measures: matching)."""

LAGS = np.arange(-LARGEST_LAG, LARGEST_LAG + 1)

RUNS_SHUFFLED = "intervals of one player shuffled with their notes, in runs of 15 s; the largest of all curves"

CHUNK = 250_000
"""Steps of all surrogates worked on at a time: keeps the memory small however long the session is."""

FEWEST_AT_ONCE = 8
"""Fewer would read the shifted curves of the first player more often than is worth the memory."""

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Matching:
    """Cross-correlation of two players' curves at 10 Hz, detrended; `n` counts the notes of both.

    For each curve the correlation (−1…1) that is largest in size within ±1.5 s, and its lag: positive, the second
    player came after the first. `largest` is the largest size of them all: the chance band is that of this number, as
    three curves are three chances. `void` says which curves could not be compared, and why. A lag that an unknown
    latency could have made is left out.
    """

    largest: float
    correlation: Mapping[Curve, float]
    lag_s: Mapping[Curve, float]
    void: Mapping[Curve, VoidReason]


def matching(
    first: Played,
    second: Played,
    window: Window,
    n_surrogates: int = N_SURROGATES,
    *,
    void: Mapping[Curve, VoidReason] | None = None,
) -> Measured[Matching] | Void:
    """How the curves of two players go together, without those that are `void`.

    Void where either never played or has fewer than 8 onsets, below 30 s, and where no curve can be compared: then
    with the first reason. The chance band shuffles the first player.
    """
    return matchings(first, [(second, void or {})], window, n_surrogates)[0]


def matchings(
    first: Played,
    others: Sequence[tuple[Played, Mapping[Curve, VoidReason]]],
    window: Window,
    n_surrogates: int = N_SURROGATES,
) -> list[Measured[Matching] | Void]:
    """One player with each of several, as `matching` has it of two: the same numbers, the shuffled player made once."""
    one = first.within(window)
    with_each = [_Pair(one, other.within(window), window, void) for other, void in others]
    able = [pair for pair in with_each if pair.found]
    chance: dict[int, Floats] = {}
    if n_surrogates and able:
        rng = generator_for(one.onsets.times_s)
        largest = _largest_by_chance(marked(one), [pair.ready for pair in able], window, n_surrogates, rng)
        chance = {id(pair): sizes for pair, sizes in zip(able, largest, strict=True)}
    return [pair.told(chance.get(id(pair))) for pair in with_each]


def without_short_lags(measured: Measured[Matching], shortest_s: float) -> Measured[Matching]:
    """The same without lags below `shortest_s`, which an unknown latency could have made."""
    kept = {curve: lag_s for curve, lag_s in measured.value.lag_s.items() if abs(lag_s) >= shortest_s}
    return replace(measured, value=replace(measured.value, lag_s=kept))


class _Pair:
    """Two players' curves, compared as they were played."""

    def __init__(self, one: Played, other: Played, window: Window, void: Mapping[Curve, VoidReason]) -> None:
        self.n = len(one) + len(other)
        self.window = window
        self.gone = dict(void)
        self.found: dict[Curve, Floats] = {}
        self.ready: dict[Curve, AtLags] = {}
        self.reason = _too_little(one, other, window)
        if self.reason is None:
            self._compare(curves_of(marked(one), window), curves_of(marked(other), window))

    def _compare(self, of_one: Mapping[Curve, Floats], of_other: Mapping[Curve, Floats]) -> None:
        for curve in Curve:
            if curve in self.gone:
                continue
            if curve not in of_one or curve not in of_other:
                self.gone[curve] = VoidReason.TOO_FEW_EVENTS
            elif min(np.std(of_one[curve]), np.std(of_other[curve])) < FLAT:
                self.gone[curve] = VoidReason.UNVARYING
            else:
                self.found[curve] = correlations(at_lags(of_one[curve][0]), many(of_other[curve]))[:, 0]
                self.ready[curve] = at_lags(of_other[curve][0])

    def told(self, chance: Floats | None) -> Measured[Matching] | Void:
        if not self.found:
            return Void(self.reason or next(iter(self.gone.values())), self.n, self.window)
        band = None if chance is None else chance_band(chance, RUNS_SHUFFLED)
        return Measured(_value(self.found, self.gone), self.n, self.window, band)


def _too_little(one: Played, other: Played, window: Window) -> VoidReason | None:
    if min(len(one), len(other)) == 0:
        return VoidReason.NEVER_PLAYED
    if min(len(one.onsets), len(other.onsets)) < MIN_EVENTS:
        return VoidReason.TOO_FEW_EVENTS
    return VoidReason.TOO_SHORT if window.length_s < SHORTEST_S else None


def _value(found: Mapping[Curve, Floats], gone: Mapping[Curve, VoidReason]) -> Matching:
    best = {curve: int(np.argmax(np.abs(at))) for curve, at in found.items()}
    correlation = {curve: float(found[curve][at]) for curve, at in best.items()}
    return Matching(
        largest=max(abs(one) for one in correlation.values()),
        correlation=correlation,
        lag_s={curve: round(STEP_S * int(LAGS[at]), 1) for curve, at in best.items()},
        void=gone,
    )


def _largest_by_chance(
    one: Marked, others: Sequence[Mapping[Curve, AtLags]], window: Window, n: int, rng: np.random.Generator
) -> list[Floats]:
    """The largest |correlation| over lags and curves of each of the others with one player's runs shuffled, (n,)."""
    found: list[list[Floats]] = [[] for _ in others]
    for some in _chunks(n, n_steps(window)):
        rendered = {curve: many(made) for curve, made in curves_of(shuffled(one, some, rng), window).items()}
        for kept, ready in zip(found, others, strict=True):
            sizes = [np.abs(correlations(ready[curve], rendered[curve])).max(axis=0) for curve in ready]
            kept.append(np.max(sizes, axis=0))
    return [np.concatenate(kept) for kept in found]


def _chunks(n: int, steps: int) -> Iterator[int]:
    at_once = max(FEWEST_AT_ONCE, CHUNK // steps)
    yield from (min(at_once, n - begun) for begun in range(0, n, at_once))


@dataclass(frozen=True, slots=True, eq=False)
class AtLags:
    """One curve shifted by each lag, 0 beyond its ends, (31, steps), and the sum of squares that is left, (31,)."""

    rows: NDArray[np.float32]
    energy: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """S curves, (S, steps), and the sum of squares of the part of each that a shift by each lag leaves, (31, S)."""

    curves: NDArray[np.float32]
    energy: NDArray[np.float32]


def at_lags(curve: Floats) -> AtLags:
    """One curve (steps,) made ready to be compared with many."""
    steps = len(curve)
    rows = np.zeros((len(LAGS), steps), dtype=np.float32)
    for row, lag in zip(rows, LAGS.tolist(), strict=True):
        row[max(0, lag) : steps + min(0, lag)] = curve[max(0, -lag) : steps - max(0, lag)]
    return AtLags(rows, np.einsum("ij,ij->i", rows, rows))


def many(curves: Floats) -> Many:
    """S curves (S, steps) made ready to be compared with one."""
    exact = curves.astype(np.float32)
    before = np.cumsum(exact[:, :LARGEST_LAG] ** 2, axis=1)
    after = np.cumsum(exact[:, : -LARGEST_LAG - 1 : -1] ** 2, axis=1)
    without = np.column_stack((after[:, ::-1], np.zeros(len(exact)), before))
    left = (np.einsum("ij,ij->i", exact, exact)[:, None] - without).T
    return Many(exact, left.astype(np.float32))


def correlations(one: AtLags, others: Many) -> Floats:
    """Correlation of one curve with each of S others at each lag, over what overlaps, (31, S).

    Positive lag: the other comes later. Over what overlaps, as dividing by the whole would draw every lag towards 0.
    """
    energy = one.energy[:, None] * others.energy
    found: Floats = (one.rows @ others.curves.T / np.sqrt(np.maximum(energy, FLAT**2))).astype(np.float64)
    return np.clip(found, -1.0, 1.0)
