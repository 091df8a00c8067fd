"""Hands: late by their delay, uneven by their jitter, with the share of failed and added hits asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from mtsession.simulate.hands import Hands
from mtsession.simulate.loudness import new_swell, velocities
from mtsession.simulate.performance import Hit

MEANT = tuple(Hit(0.5 * k, 0.3, 60, 64) for k in range(2000))


def test_steady_hands_play_what_was_meant() -> None:
    assert Hands().play(default_rng(1), MEANT) == MEANT


def test_a_delay_is_the_mean_and_jitter_the_spread_of_the_lateness() -> None:
    played = Hands(delay_s=0.08, jitter_sd_s=0.03).play(default_rng(2), MEANT)
    late_s = np.array([hit.time_s for hit in played]) - [hit.time_s for hit in MEANT]
    assert np.mean(late_s) == pytest.approx(0.08, abs=0.003)
    assert np.std(late_s) == pytest.approx(0.03, rel=0.1)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 1.0])
def test_never_do_two_running_fail(share: float) -> None:
    kept = Hands(dropped=share).play(default_rng(9), MEANT)
    assert max(np.diff([hit.time_s for hit in kept])) == pytest.approx(1.0)
    assert len(kept) == pytest.approx(2000 * (1 - min(share, 0.5)), abs=60)


def test_hits_fail_and_come_in_addition_at_their_shares() -> None:
    assert len(Hands(dropped=0.2).play(default_rng(3), MEANT)) == pytest.approx(1600, abs=60)
    assert len(Hands(extra=0.1).play(default_rng(4), MEANT)) == pytest.approx(2200, abs=50)


@given(st.integers(0, 999), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_first_and_the_last_hit_stay_where_they_were_meant(seed: int, dropped: float, extra: float) -> None:
    played = Hands(dropped=dropped, extra=extra).play(default_rng(seed), MEANT[:20])
    assert played[0].time_s == MEANT[0].time_s
    assert max(hit.time_s for hit in played) == MEANT[19].time_s
    assert list(played) == sorted(played, key=lambda hit: hit.time_s)


def test_a_swell_goes_about_nought_with_a_spread_of_one() -> None:
    curve = new_swell(default_rng(5), (6.0, 18.0)).at(np.arange(0.0, 2000.0, 0.5))
    assert np.mean(curve) == pytest.approx(0.0, abs=0.05)
    assert np.std(curve) == pytest.approx(1.0, abs=0.1)


def test_velocities_follow_their_swell_within_what_midi_can_say() -> None:
    swell, times_s = new_swell(default_rng(6), (6.0, 18.0)), np.arange(0.0, 600.0, 0.5)
    played = np.array(velocities(default_rng(7), swell, times_s, 64.0, depth=20.0, noise=3.0))
    assert np.corrcoef(played, swell.at(times_s))[0, 1] > 0.95
    loud = velocities(default_rng(8), swell, times_s, 120.0, depth=60.0, noise=3.0)
    assert min(loud) >= 1
    assert max(loud) == 127
