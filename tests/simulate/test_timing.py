"""Simulated timing keeps the laws that it was asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from mtsession.simulate.timing import (
    Timekeeper,
    coupled_pulse,
    gap_s,
    poisson_onsets,
    steady_onsets,
    tempo_curve_s,
    with_dropped,
    with_extra,
)

QUIET = {"keeper_sd_s": 0.0, "motor_sd_s": 0.0}


def test_without_noise_both_players_keep_the_intended_intervals() -> None:
    intended_s = np.array([0.5, 0.5, 0.6, 0.4])
    one, other = coupled_pulse(default_rng(1), intended_s, Timekeeper(0.3, **QUIET), Timekeeper(0.3, **QUIET))
    assert np.diff(one) == pytest.approx(intended_s)
    assert one == pytest.approx(other)


@pytest.mark.parametrize(("phase", "recovered"), [((0.2, 0.3), 0.5), ((0.5, 0.0), 0.5), ((0.0, 0.0), 0.0)])
def test_the_share_of_an_asynchrony_taken_off_at_each_beat_is_the_sum_of_both_phases(
    phase: tuple[float, float], recovered: float
) -> None:
    rng, intended_s = default_rng(2), np.full(4000, 0.5)
    keepers = [Timekeeper(share, keeper_sd_s=0.01, motor_sd_s=0.0) for share in phase]
    one, other = coupled_pulse(rng, intended_s, *keepers)
    asynchrony = one - other
    slope = np.polyfit(asynchrony[:-1], np.diff(asynchrony), 1)[0]
    assert -slope == pytest.approx(recovered, abs=0.05)


def test_period_correction_takes_over_the_others_tempo() -> None:
    rng = default_rng(3)
    follower, leader = Timekeeper(0.2, 0.1, **QUIET), Timekeeper(0.0, 0.0, keeper_sd_s=0.02, motor_sd_s=0.0)
    one, other = coupled_pulse(rng, np.full(200, 0.5), follower, leader)
    assert np.std(one - other) < 0.1


def test_a_tempo_curve_goes_through_its_points() -> None:
    intervals_s = tempo_curve_s(11, ((0.0, 60.0), (1.0, 120.0)))
    assert 60.0 / intervals_s == pytest.approx(np.linspace(60.0, 120.0, 11))


def test_random_onsets_have_their_rate() -> None:
    assert len(poisson_onsets(default_rng(4), 2.0, 1000.0)) == pytest.approx(2000, abs=200)


def test_steady_onsets_have_their_tempo() -> None:
    assert np.mean(np.diff(steady_onsets(default_rng(5), 90.0, 100.0, 0.01))) == pytest.approx(60 / 90, rel=0.01)


@given(st.integers(0, 1000), st.floats(0.0, 1.0))
def test_dropping_and_adding_hits_keeps_the_order(seed: int, share: float) -> None:
    rng, times_s = default_rng(seed), np.arange(1.0, 50.0)
    fewer, more = with_dropped(rng, times_s, share), with_extra(rng, times_s, share)
    assert set(fewer) <= set(times_s)
    assert len(more) == 49 + round(share * 49)
    assert (np.diff(more) >= 0).all()


def test_nothing_is_added_to_nothing() -> None:
    assert len(with_extra(default_rng(1), np.empty(0), 0.5)) == 0


def test_gaps_vary_about_their_median_within_two_spreads() -> None:
    rng = default_rng(6)
    drawn = np.array([gap_s(rng, 0.5, 0.25) for _ in range(2000)])
    assert np.median(drawn) == pytest.approx(0.5, rel=0.05)
    assert drawn.min() >= 0.5 * np.exp(-0.5) - 1e-12
    assert drawn.max() <= 0.5 * np.exp(0.5) + 1e-12
