"""What would unrelated playing give? A player's own intervals in another order, seeded from what was played."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from mtsession.analysis.result import ChanceBand

Floats: TypeAlias = NDArray[np.float64]

N_SURROGATES = 199

SHORTEST_S = 30.0
"""Below this much playing a chance band is too wide to tell anything (measures: rules, 5)."""

CHUNK = 150_000
"""Numbers in the arrays of the surrogates that are made at a time: about 1 MB each, which a core holds near it."""

SILENCE = 2.5
"""An interval longer than this many of the player's median ones is a silence, as between turns (measures: turns)."""

THETAS = (0.0, 0.25, 0.5, 0.75)
"""Tried beside 1, which is a clock."""

TAPS = 64
"""0.75 to this power is below rounding of what is asked."""

EVIDENCE = 4.0
"""By how much the variance of the e must fall, in shares of 1/n: twice the logarithm of the likelihood ratio."""

TINY = 1e-300

INTERVALS_SHUFFLED = "intervals of one player shuffled"


SPANS_SHUFFLED = "turns and silences of one player shuffled"

FEWEST_SPANS = 4
"""Fewer turns or spells of playing have too few orders to tell anything from."""


def generator_for(*streams_s: Floats) -> Generator:
    """The same playing gives the same surrogates: seeded from the intervals to a microsecond."""
    digest = blake2b(digest_size=16)
    for times_s in streams_s:
        digest.update(np.rint(np.diff(times_s) * 1e6).astype("<i8").tobytes())
    return default_rng(int.from_bytes(digest.digest(), "little"))


def shuffled_intervals(times_s: Floats, n: int, rng: Generator) -> Floats:
    """`n` streams with the same intervals, each in another order, (n, len(times_s)), ascending.

    Silences change places among themselves, so that a phrase stays a phrase: several chances in a row are one.
    """
    intervals_s = np.diff(times_s)
    if len(intervals_s) < 2:
        return np.tile(times_s, (n, 1))
    # as many random numbers a stream as it has onsets, whatever it holds: chunks of streams give the same ones
    keys = rng.random((n, len(times_s)))
    silent = intervals_s > SILENCE * np.median(intervals_s)
    n_silences = int(silent.sum())
    if n_silences == 0:
        return _shuffled_steps(times_s, keys)
    without_s = times_s[0] + np.concatenate(([0.0], np.cumsum(intervals_s[~silent])))
    playing_s = _shuffled_steps(without_s, keys[:, n_silences:])
    steps_s = np.empty((n, len(intervals_s)))
    steps_s[:, ~silent] = np.diff(playing_s, axis=1)
    steps_s[:, silent] = _in_order(intervals_s[silent], keys[:, :n_silences])
    since_start_s = np.concatenate((np.zeros((n, 1)), np.cumsum(steps_s, axis=1)), axis=1)
    streams_s: Floats = playing_s[:, :1] + since_start_s
    return streams_s


def _in_order(values: Floats, keys: Floats) -> Floats:
    """The values in the order of each row of keys."""
    ordered: Floats = values[np.argsort(keys, axis=1)]
    return ordered


def _shuffled_steps(times_s: Floats, keys: Floats) -> Floats:
    """The same of playing without silences.

    Where a player's intervals make up for each other, as a clock's do, an order at random would drift where the player
    did not, and a second clock of the same tempo would look like company. There x_k = mean + e_k − θ·e_{k−1}, and the
    e are shuffled; at θ = 1 they are the distances from an even beat. θ = 0 is the plain shuffle, which keeps start and
    end, and stands wherever the playing gives no reason for more.
    """
    if len(times_s) < 3:
        return np.tile(times_s, (len(keys), 1))
    theta, innovations_s = give_and_take(times_s)
    shuffled_s = _in_order(innovations_s, keys[:, : len(innovations_s)])
    if theta == 1.0:
        streams_s: Floats = beat_s(times_s) + _off_beat(shuffled_s)
    else:
        moved_s = np.zeros((len(keys), len(times_s)))
        np.cumsum(shuffled_s, axis=1, out=moved_s[:, 1:])
        moved_s[:, 1:] -= theta * moved_s[:, :-1].copy()
        streams_s = times_s[0] + np.mean(np.diff(times_s)) * np.arange(len(times_s)) + moved_s
    if theta > 0.0:
        streams_s.sort(axis=1, kind="stable")
    return streams_s


def give_and_take(times_s: Floats) -> tuple[float, Floats]:
    """θ and the e of the intervals: how much each takes back of the one before (0: nothing, 1: a clock)."""
    deviations_s = np.diff(times_s) - np.mean(np.diff(times_s))
    fits = [(theta, _innovations(deviations_s, theta)) for theta in THETAS] + [(1.0, times_s - beat_s(times_s))]
    spreads = [float(np.var(innovations_s)) for _, innovations_s in fits]
    best = int(np.argmin(spreads))
    return fits[best if spreads[best] < spreads[0] * (1.0 - EVIDENCE / len(times_s)) else 0]


def _innovations(deviations_s: Floats, theta: float) -> Floats:
    """e_k = x_k + θ·e_{k−1}, about their mean."""
    memory = theta ** np.arange(TAPS)
    found = np.convolve(deviations_s, memory)[: len(deviations_s)]
    innovations_s: Floats = found - np.mean(found)
    return innovations_s


def _off_beat(shuffled_s: Floats) -> Floats:
    """Distances from a beat, without what another beat would fit of them (as there is none in a player's own)."""
    number = np.arange(shuffled_s.shape[1]) - (shuffled_s.shape[1] - 1) / 2.0
    slopes = shuffled_s @ number / (number @ number)
    left_s: Floats = shuffled_s - slopes[:, None] * number
    left_s *= np.sqrt(np.mean(shuffled_s**2, axis=1) / np.maximum(np.mean(left_s**2, axis=1), TINY))[:, None]
    return left_s


def beat_s(times_s: Floats) -> Floats:
    """The even beat nearest to the onsets, one to each."""
    number = np.arange(len(times_s)) - (len(times_s) - 1) / 2.0
    beat_s: Floats = np.mean(times_s) + number * (number @ times_s) / (number @ number)
    return beat_s


def shuffled_spans(spans_s: Floats, n: int, rng: Generator) -> Floats:
    """`n` times the same spans (k, 2) and the same silences between them, each in another order, (n, k, 2)."""
    lengths_s, silences_s = spans_s[:, 1] - spans_s[:, 0], spans_s[1:, 0] - spans_s[:-1, 1]
    lengths_s = rng.permuted(np.broadcast_to(lengths_s, (n, len(lengths_s))), axis=1)
    silences_s = rng.permuted(np.broadcast_to(silences_s, (n, len(silences_s))), axis=1)
    starts_s = np.full((n, len(spans_s)), spans_s[0, 0])
    starts_s[:, 1:] += np.cumsum(lengths_s[:, :-1] + silences_s, axis=1)
    return np.stack((starts_s, starts_s + lengths_s), axis=2)


def shuffled_in_chunks(times_s: Floats, n: int, rng: Generator, beside: int = 0) -> Iterator[Floats]:
    """The same n streams, some at a time: arrays of them, and of `beside` more numbers a stream, stay small."""
    for some in chunks(n, len(times_s) + beside):
        yield shuffled_intervals(times_s, some, rng)


def chunks(n: int, width: int) -> Iterator[int]:
    """How many of n surrogates of that many numbers to make at a time."""
    at_once = max(1, CHUNK // max(1, width))
    yield from (min(at_once, n - begun) for begun in range(0, n, at_once))


def chance_band(statistics: Floats, surrogate: str) -> ChanceBand:
    """The 2.5–97.5 % range of a statistic over the surrogates."""
    low, high = middle_95(statistics)
    return ChanceBand(low, high, surrogate, len(statistics))


def middle_95(lower: Floats, upper: Floats | None = None) -> tuple[float, float]:
    """What one more draw lies outside of in 5 of 100: of 199 the fifth from either end (Weibull's places).

    (Between the sixth and the fifth, where a sample's own quantiles lie, 6 in 100 would be outside.)
    """
    low = np.quantile(lower, 0.025, method="weibull")
    return float(low), float(np.quantile(lower if upper is None else upper, 0.975, method="weibull"))
