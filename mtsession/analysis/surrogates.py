"""What would unrelated playing give? A player's own intervals in another order, seeded from what was played."""

from __future__ import annotations

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

INTERVALS_SHUFFLED = "intervals of one player shuffled"


def generator_for(*streams_s: Floats) -> Generator:
    """The same playing gives the same surrogates: seeded from the intervals to a microsecond."""
    digest = blake2b(digest_size=16)
    for times_s in streams_s:
        digest.update(np.rint(np.diff(times_s) * 1e6).astype("<i8").tobytes())
    return default_rng(int.from_bytes(digest.digest(), "little"))


def shuffled_intervals(times_s: Floats, n: int, rng: Generator) -> Floats:
    """`n` streams with the same start and end and the same intervals, each in another order, (n, len(times_s))."""
    intervals_s = np.broadcast_to(np.diff(times_s), (n, max(0, len(times_s) - 1)))
    since_start_s: Floats = np.cumsum(rng.permuted(intervals_s, axis=1), axis=1)
    return np.concatenate((np.tile(times_s[:1], (n, 1)), times_s[:1] + since_start_s), axis=1)


def chance_band(statistics: Floats, surrogate: str) -> ChanceBand:
    """The 2.5–97.5 % range of a statistic over the surrogates."""
    low, high = np.quantile(statistics, (0.025, 0.975)).tolist()
    return ChanceBand(low, high, surrogate, len(statistics))
