"""The best path through each rival: as by trying every path, and slow to change its level."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis.pulse_path import CHANGE, DRIFT, totals_through

Floats = NDArray[np.float64]


def tried(log2_hz: Floats, scores: Floats) -> Floats:
    """The best total through each rival, by trying every path."""
    best = np.full(scores.shape, -np.inf)
    windows = range(len(scores))
    for path in product(range(scores.shape[1]), repeat=len(scores)):
        steps = np.abs(np.diff([log2_hz[window, path[window]] for window in windows]))
        total = sum(scores[window, path[window]] for window in windows) - np.sum(np.minimum(DRIFT * steps, CHANGE))
        for window in windows:
            best[window, path[window]] = max(best[window, path[window]], total)
    return best


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 5))
def test_totals_are_those_of_all_paths_tried(seed: int, n_windows: int) -> None:
    rng = default_rng(seed)
    log2_hz, scores = rng.uniform(-1.0, 2.0, (n_windows, 3)), rng.uniform(0.0, 8.0, (n_windows, 3))
    assert totals_through(log2_hz, scores) == pytest.approx(tried(log2_hz, scores))


@pytest.mark.parametrize(("n_won", "follows"), [(1, False), (2, False), (3, True)])
def test_a_new_level_must_win_windows_running(n_won: int, *, follows: bool) -> None:
    """By 8 in each, more than rivals of real onsets differ: one and two windows are passed over, three are followed."""
    log2_hz, scores = np.tile([1.0, 1.6], (20, 1)), np.tile([5.0, 1.0], (20, 1))
    scores[8 : 8 + n_won] = [1.0, 9.0]
    kept = totals_through(log2_hz, scores).argmax(axis=1)
    assert kept[7 : 8 + n_won].tolist() == [0, *[int(follows)] * n_won]
