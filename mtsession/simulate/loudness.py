"""How loud is a simulated player, and how does another follow?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from mtsession.simulate.timing import Times

SWELLS = 5
"""A curve of loudness is the sum of so many swells."""


@dataclass(frozen=True, slots=True)
class LoudnessFollowing:
    """One player's velocity swells by ± `depth`; the other's does the same `lag_s` later, `gain` times as far.

    `period_s` is the shortest and the longest swell, `noise` the spread of each velocity.
    """

    lag_s: float
    gain: float
    depth: float = 25.0
    period_s: tuple[float, float] = (6.0, 18.0)
    noise: float = 4.0


@dataclass(frozen=True, slots=True)
class Swell:
    """A slow curve about 0 with a spread of 1: a sum of sines, given by their rates in Hz and phases."""

    rates_hz: tuple[float, ...]
    phases: tuple[float, ...]

    def at(self, times_s: Times) -> Times:
        """The curve at these times."""
        turns = np.multiply.outer(times_s, np.array(self.rates_hz)) + np.array(self.phases)
        return np.asarray(np.sin(2 * np.pi * turns).sum(axis=-1) * np.sqrt(2.0 / len(self.rates_hz)))


def new_swell(rng: Generator, period_s: tuple[float, float]) -> Swell:
    """A curve of swells of these lengths."""
    rates_hz = rng.uniform(1.0 / period_s[1], 1.0 / period_s[0], SWELLS)
    return Swell(tuple(rates_hz.tolist()), tuple(rng.uniform(0.0, 1.0, SWELLS).tolist()))


def velocities(rng: Generator, swell: Swell, times_s: Times, mean: float, *, depth: float, noise: float) -> list[int]:
    """Key velocities along a swell, 1–127."""
    exact = mean + depth * swell.at(times_s) + noise * rng.standard_normal(len(times_s))
    return [int(velocity) for velocity in np.clip(np.rint(exact), 1, 127)]
