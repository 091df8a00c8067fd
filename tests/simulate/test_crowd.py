"""Crowds: as many independent players as asked for, each with the rate and the law asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator, default_rng

from mtsession.simulate.crowd import Crowd, poisson_crowd, steady_crowd, walking_crowd

CROWDS: dict[str, Callable[[Generator, int], Crowd]] = {
    "poisson": lambda rng, n: poisson_crowd(rng, n, rate_per_s=1.5, length_s=60.0),
    "steady": lambda rng, n: steady_crowd(rng, n, bpm=90.0, length_s=60.0),
    "walking": lambda rng, n: walking_crowd(rng, n, bpm=90.0, length_s=60.0),
}


@pytest.mark.parametrize("kind", CROWDS)
def test_every_session_lies_in_its_length_in_order_and_has_the_rate(kind: str) -> None:
    crowd = CROWDS[kind](default_rng(1), 400)
    assert len(crowd) == 400
    assert all(len(times) == 0 or (times[0] >= 0.0 and times[-1] < 60.0) for times in crowd)
    assert all((np.diff(times) >= 0.0).all() for times in crowd)
    assert np.mean([len(times) for times in crowd]) == pytest.approx(90.0, rel=0.02)


@pytest.mark.parametrize("kind", CROWDS)
def test_the_same_seed_gives_the_same_crowd_and_no_two_sessions_are_alike(kind: str) -> None:
    crowd, again = CROWDS[kind](default_rng(2), 50), CROWDS[kind](default_rng(2), 50)
    assert [times.tolist() for times in crowd] == [times.tolist() for times in again]
    assert len({times.tobytes() for times in crowd}) == 50


def test_random_intervals_are_exponential_and_steady_ones_are_not() -> None:
    spread = {kind: np.concatenate([np.diff(times) for times in CROWDS[kind](default_rng(3), 200)]) for kind in CROWDS}
    assert np.std(spread["poisson"]) == pytest.approx(np.mean(spread["poisson"]), rel=0.03)
    assert np.std(spread["steady"]) == pytest.approx(0.02 * np.sqrt(2), rel=0.05)
    assert np.std(spread["walking"]) == pytest.approx(0.03, rel=0.05)


def test_a_clock_does_not_drift_and_a_walk_does() -> None:
    ends = {kind: np.array([t[80] - t[0] for t in CROWDS[kind](default_rng(4), 400)]) for kind in ("steady", "walking")}
    assert np.std(ends["steady"]) < 0.04
    assert np.std(ends["walking"]) == pytest.approx(0.03 * np.sqrt(80), rel=0.15)


def test_nobody_is_a_crowd_too() -> None:
    assert [len(times) for times in poisson_crowd(default_rng(5), 3, rate_per_s=0.0, length_s=60.0)] == [0, 0, 0]
