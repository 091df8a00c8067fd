"""A group on one pulse: who listens to whom is who follows whom, and a group of two is the known pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from mtsession.simulate.coupling import Coupling, group_pulse, group_pulses, pair, uncoupled
from mtsession.simulate.timing import Timekeeper, coupled_pulse


def test_without_noise_everybody_keeps_the_intended_intervals() -> None:
    intended_s = np.array([0.5, 0.6, 0.4])
    hits_s = group_pulse(default_rng(1), intended_s, uncoupled(3, keeper_sd_s=0.0, motor_sd_s=0.0))
    assert np.diff(hits_s, axis=1) == pytest.approx(np.tile(intended_s, (3, 1)))


def test_a_group_of_two_corrects_as_the_known_pair_does() -> None:
    intended_s = np.full(3000, 0.5)
    group_s = group_pulse(default_rng(2), intended_s, pair(0.3, 0.2, motor_sd_s=0.0))
    keepers = [Timekeeper(share, motor_sd_s=0.0) for share in (0.3, 0.2)]
    one, other = coupled_pulse(default_rng(3), intended_s, *keepers)
    assert np.std(group_s[0] - group_s[1]) == pytest.approx(np.std(one - other), rel=0.1)


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.0), (0.2, 0.3), (0.0, 0.0)])
def test_the_share_taken_off_at_each_beat_is_the_sum_of_both(first: float, second: float) -> None:
    hits_s = group_pulse(default_rng(4), np.full(4000, 0.5), pair(first, second, motor_sd_s=0.0))
    apart_s = hits_s[0] - hits_s[1]
    slope = np.polyfit(apart_s[:-1], np.diff(apart_s), 1)[0]
    assert -slope == pytest.approx(first + second, abs=0.05)


def test_who_listens_to_nobody_is_not_moved_and_who_listens_to_all_stays_with_them() -> None:
    follows = ((0.0, 0.0, 0.0), (0.4, 0.0, 0.0), (0.4, 0.0, 0.0))
    group = Coupling(follows, ((0.0,) * 3,) * 3, (0.03, 0.005, 0.005), (0.0, 0.0, 0.0))
    hits_s = group_pulse(default_rng(5), np.full(500, 0.5), group)
    alone_s = group_pulse(default_rng(5), np.full(500, 0.5), replace(group, phase=((0.0,) * 3,) * 3))
    assert np.diff(hits_s[0]) == pytest.approx(np.diff(alone_s[0]))
    assert np.std(hits_s[1] - hits_s[0]) < 0.06 < np.std(alone_s[1] - alone_s[0])


def test_period_correction_takes_over_the_others_tempo() -> None:
    slow = Coupling(((0.0, 0.2), (0.0, 0.0)), ((0.0, 0.1), (0.0, 0.0)), (0.0, 0.02), (0.0, 0.0))
    hits_s = group_pulse(default_rng(6), np.full(400, 0.5), slow)
    assert np.std(hits_s[0] - hits_s[1]) < 0.1


def test_many_sessions_at_once_are_many_sessions() -> None:
    several = group_pulses(default_rng(7), np.full(30, 0.5), pair(0.2, 0.2), 50)
    assert several.shape == (50, 2, 31)
    assert several.min(axis=(1, 2)) == pytest.approx(np.zeros(50))
    assert len({row.tobytes() for row in several}) == 50
