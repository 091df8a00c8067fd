"""How do players who hear each other keep one pulse? Any number of them, in any number of sessions at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mtsession.simulate.timing import Times

Matrix: TypeAlias = tuple[tuple[float, ...], ...]
"""Row i, column j: what player i takes from player j; the diagonal is without effect."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """Who listens to whom, of n players (Vorberg & Schulze 2002; the group as in Wing et al. 2014).

    `phase[i][j]` is the share of the asynchrony (own − j's) that player i takes off the next interval, `period[i][j]`
    the share taken off the own period for good. `keeper_sd_s` is the noise of each interval, `motor_sd_s` of each hit.
    """

    phase: Matrix
    period: Matrix
    keeper_sd_s: tuple[float, ...]
    motor_sd_s: tuple[float, ...]

    @property
    def n_players(self) -> int:
        """How many play."""
        return len(self.phase)


def uncoupled(n: int, keeper_sd_s: float = 0.010, motor_sd_s: float = 0.005) -> Coupling:
    """So many players who do not hear each other."""
    nothing = tuple((0.0,) * n for _ in range(n))
    return Coupling(nothing, nothing, (keeper_sd_s,) * n, (motor_sd_s,) * n)


def pair(
    first: float, second: float, keeper_sd_s: float = 0.010, motor_sd_s: float = 0.005, *, period: float = 0.0
) -> Coupling:
    """Two players of whom the first takes off the share `first` of their asynchrony, the second the share `second`."""
    phases, periods = ((0.0, first), (second, 0.0)), ((0.0, period), (period, 0.0))
    return Coupling(phases, periods, (keeper_sd_s,) * 2, (motor_sd_s,) * 2)


def group_pulses(rng: Generator, intended_s: Times, coupling: Coupling, sessions: int) -> NDArray[np.float64]:
    """The hits of all players on K intended intervals, (sessions, players, K + 1), the first of a session at 0."""
    shape = (sessions, coupling.n_players)
    phase, period = np.array(coupling.phase), np.array(coupling.period)
    keeper_s = rng.standard_normal((len(intended_s), *shape)) * coupling.keeper_sd_s
    motor_s = rng.standard_normal((len(intended_s) + 1, *shape)) * coupling.motor_sd_s
    planned_s, drift_s = np.zeros((len(intended_s) + 1, *shape)), np.zeros(shape)
    for k, interval_s in enumerate(intended_s):
        played_s = planned_s[k] + motor_s[k]
        drift_s = drift_s - _taken(period, played_s)
        planned_s[k + 1] = planned_s[k] + interval_s + drift_s - _taken(phase, played_s) + keeper_s[k]
    hits_s = np.moveaxis(planned_s + motor_s, 0, -1)
    return np.sort(hits_s - hits_s.min(axis=(1, 2), keepdims=True), axis=-1)


def group_pulse(rng: Generator, intended_s: Times, coupling: Coupling) -> NDArray[np.float64]:
    """The hits of one session, (players, K + 1)."""
    return np.asarray(group_pulses(rng, intended_s, coupling, 1)[0])


def _taken(shares: NDArray[np.float64], played_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Σ_j share[i, j]·(t_i − t_j) for each session and player, (sessions, players)."""
    return np.asarray(played_s * shares.sum(axis=1) - played_s @ shares.T)
