"""Did two players' loudness, density and register rise and fall together, and who came first?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    with the first reason.
    """
    one, other = first.within(window), second.within(window)
    n = len(one) + len(other)
    if (reason := _too_little(one, other, window)) is not None:
        return Void(reason, n, window)
    of_one, of_other = marked(one), marked(other)
    correlations, gone = _compared(of_one, of_other, window, void or {})
    if not correlations:
        return Void(next(iter(gone.values())), n, window)
    band = None
    if n_surrogates:
        rng = generator_for(one.onsets.times_s, other.onsets.times_s)
        chance = _largest_by_chance(of_one, _only(of_other, correlations), window, n_surrogates, rng)
        band = chance_band(chance, RUNS_SHUFFLED)
    return Measured(_value(correlations, gone), n, window, band)


def without_short_lags(measured: Measured[Matching], shortest_s: float) -> Measured[Matching]:
    """The same without lags below `shortest_s`, which an unknown latency could have made."""
    kept = {curve: lag_s for curve, lag_s in measured.value.lag_s.items() if abs(lag_s) >= shortest_s}
    return replace(measured, value=replace(measured.value, lag_s=kept))


def _too_little(one: Played, other: Played, window: Window) -> VoidReason | None:
    if min(len(one), len(other)) == 0:
        return VoidReason.NEVER_PLAYED
    if min(len(one.onsets), len(other.onsets)) < MIN_EVENTS:
        return VoidReason.TOO_FEW_EVENTS
    return VoidReason.TOO_SHORT if window.length_s < SHORTEST_S else None


def _compared(
    one: Marked, other: Marked, window: Window, void: Mapping[Curve, VoidReason]
) -> tuple[dict[Curve, Floats], dict[Curve, VoidReason]]:
    """The correlation at each lag of each curve that both have, and why of the others there is none."""
    of_one, of_other = curves_of(one, window), curves_of(other, window)
    found: dict[Curve, Floats] = {}
    gone = dict(void)
    for curve in Curve:
        if curve in gone:
            continue
        if curve not in of_one or curve not in of_other:
            gone[curve] = VoidReason.TOO_FEW_EVENTS
        elif min(np.std(of_one[curve]), np.std(of_other[curve])) < FLAT:
            gone[curve] = VoidReason.UNVARYING
        else:
            found[curve] = correlations(at_lags(of_one[curve][0]), of_other[curve])[:, 0]
    return found, gone


def _value(found: Mapping[Curve, Floats], gone: Mapping[Curve, VoidReason]) -> Matching:
    best = {curve: int(np.argmax(np.abs(at))) for curve, at in found.items()}
    correlation = {curve: float(found[curve][at]) for curve, at in best.items()}
    return Matching(
        largest=max(abs(one) for one in correlation.values()),
        correlation=correlation,
        lag_s={curve: round(STEP_S * int(LAGS[at]), 1) for curve, at in best.items()},
        void=gone,
    )


def _only(player: Marked, curves: Mapping[Curve, Floats]) -> Marked:
    return Marked(player.times_s, {curve: player.marks[curve] for curve in curves})


def _largest_by_chance(one: Marked, other: Marked, window: Window, n: int, rng: np.random.Generator) -> Floats:
    """The largest |correlation| over all lags and curves with the second player's runs shuffled, (n,)."""
    of_one = curves_of(one, window)
    ready = {curve: at_lags(of_one[curve][0]) for curve in other.marks}
    found = []
    for some in _chunks(n, n_steps(window)):
        of_others = curves_of(shuffled(other, some, rng), window)
        sizes = [np.abs(correlations(ready[curve], of_others[curve])).max(axis=0) for curve in ready]
        found.append(np.max(sizes, axis=0))
    return np.concatenate(found)


def _chunks(n: int, steps: int) -> Iterator[int]:
    at_once = max(FEWEST_AT_ONCE, CHUNK // steps)
    yield from (min(at_once, n - begun) for begun in range(0, n, at_once))


@dataclass(frozen=True, slots=True, eq=False)
class _AtLags:
    """One curve shifted by each lag, nothing beyond its ends, (31, steps), and the sum of squares that is left."""

    rows: NDArray[np.float32]
    energy: NDArray[np.float32]


def at_lags(curve: Floats) -> _AtLags:
    """One curve (steps,) made ready to be compared with many."""
    steps = len(curve)
    rows = np.zeros((len(LAGS), steps), dtype=np.float32)
    for row, lag in zip(rows, LAGS.tolist(), strict=True):
        row[max(0, lag) : steps + min(0, lag)] = curve[max(0, -lag) : steps - max(0, lag)]
    return _AtLags(rows, np.einsum("ij,ij->i", rows, rows))


def correlations(one: _AtLags, others: Floats) -> Floats:
    """Correlation of one curve with each of S others (S, steps) at each lag, over what overlaps, (31, S).

    Positive lag: the other comes later. Over what overlaps, as dividing by the whole would draw every lag towards 0.
    """
    exact = others.astype(np.float32)
    energy = one.energy[:, None] * _energy_at_lags(exact)
    found: Floats = (one.rows @ exact.T / np.sqrt(np.maximum(energy, FLAT**2))).astype(np.float64)
    return np.clip(found, -1.0, 1.0)


def _energy_at_lags(others: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum of squares of the part of each curve that a shift by each lag leaves, (31, S)."""
    before = np.cumsum(others[:, :LARGEST_LAG] ** 2, axis=1)
    after = np.cumsum(others[:, : -LARGEST_LAG - 1 : -1] ** 2, axis=1)
    without = np.column_stack((after[:, ::-1], np.zeros(len(others)), before))
    return np.asarray((np.einsum("ij,ij->i", others, others)[:, None] - without).T, dtype=np.float32)
