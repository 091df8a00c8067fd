"""Bounded generalised least squares of phase correction: the reference file, simulated players, any input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from mtsession.analysis.phase_correction import PhaseCorrection, Run, phase_correction, solve_noise
from mtsession.simulate.timing import Timekeeper, coupled_pulse


def fitted(*runs: Run, first_interval_s: float | None = None) -> PhaseCorrection:
    found = phase_correction(runs, first_interval_s=first_interval_s)
    assert found is not None
    return found


@pytest.mark.parametrize("player", [1, 2])
def test_the_reference_file_gives_alpha_to_1e_7_and_sigma_to_1e_6(
    player: int, data_folder: Path, known_answers: dict[str, Any]
) -> None:
    onsets_ms = np.loadtxt(data_folder / "phase_correction_onsets.csv", delimiter=",")
    own_s, other_s = onsets_ms[:, player - 1] / 1000, onsets_ms[:, 2 - player] / 1000
    found = fitted((own_s, other_s), first_interval_s=0.5)
    alpha, clock_ms, motor_ms = known_answers["phase_correction"][f"player{player} [alpha, sigma_T_ms, sigma_M_ms]"]
    assert found.alpha == pytest.approx(alpha, abs=1e-7)
    assert 1000 * found.clock_sd_s == pytest.approx(clock_ms, abs=1e-6)
    assert 1000 * found.motor_sd_s == pytest.approx(motor_ms, abs=1e-6)


@pytest.mark.parametrize(("one", "other"), [(0.1, 0.3), (0.25, 0.25), (0.6, 0.1), (0.0, 0.5)])
def test_coupling_is_recovered_within_0_05_on_average_over_blocks_of_16_times_40_events(
    one: float, other: float
) -> None:
    """A single block lies within 0.05 three times in four: its standard deviation is .03, with a lean of +.025."""
    rng, keepers = default_rng(16), (Timekeeper(one), Timekeeper(other))
    blocks = [[coupled_pulse(rng, np.full(39, 0.6), *keepers) for _ in range(16)] for _ in range(12)]
    first = [fitted(*block).alpha for block in blocks]
    second = [fitted(*[(b, a) for a, b in block]).alpha for block in blocks]
    assert (np.mean(first), np.mean(second)) == pytest.approx((one, other), abs=0.05)
    assert np.median(np.abs(np.array(first) - one)) <= 0.05
    assert np.median(np.abs(np.array(second) - other)) <= 0.05


def test_the_noise_of_clock_and_hand_is_recovered_from_a_long_pulse() -> None:
    keeper = Timekeeper(0.3, keeper_sd_s=0.010, motor_sd_s=0.005)
    found = fitted(coupled_pulse(default_rng(3), np.full(4000, 0.6), keeper, keeper))
    assert found.clock_sd_s == pytest.approx(0.010, abs=0.001)
    assert found.motor_sd_s == pytest.approx(0.005, abs=0.001)


@given(st.integers(1, 200), st.floats(0.01, 100.0), st.floats(-1 / 3, 0.0))
def test_the_noise_is_inverted_as_a_full_matrix_would(n: int, variance: float, share: float) -> None:
    right = default_rng(n).normal(size=n)
    covariance = variance * share
    full = variance * np.eye(n) + covariance * (np.eye(n, k=1) + np.eye(n, k=-1))
    assert full @ solve_noise(variance, covariance, right) == pytest.approx(right, abs=1e-8)


@given(st.integers(0, 500), st.floats(-100.0, 100.0), st.sampled_from([0.001, 0.5, 60.0, 1000.0]))
def test_shifting_and_scaling_the_time_changes_no_alpha(seed: int, shift: float, factor: float) -> None:
    first, second = coupled_pulse(default_rng(seed), np.full(40, 0.6), Timekeeper(0.3), Timekeeper(0.1))
    here, there = fitted((first, second)), fitted((factor * first + shift, factor * second + shift))
    # two starts of the same fit may stop a round apart
    assert there.alpha == pytest.approx(here.alpha, abs=2e-3)
    assert there.clock_sd_s == pytest.approx(factor * here.clock_sd_s, rel=0.02)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_too_few_onsets_give_no_fit(n: int) -> None:
    assert phase_correction([(np.arange(n, dtype=np.float64), np.arange(n, dtype=np.float64) ** 2)]) is None


def test_two_players_who_are_never_apart_give_no_fit() -> None:
    beat = np.arange(50.0)
    assert phase_correction([(beat, beat)]) is None
