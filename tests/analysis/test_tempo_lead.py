"""Who moved toward whom: found in followers, kept apart from chance in strangers, void where no tempo changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.tempo import TempoCurve, tempo_curve
from mtsession.analysis.tempo_lead import STEPS_SHUFFLED, Moved, TempoLead, tempo_lead
from mtsession.events import Seat
from mtsession.session import onset_stream
from mtsession.simulate.timing import Timekeeper, coupled_pulse, poisson_onsets, steady_onsets

Times = NDArray[np.float64]


def lead(first_s: Times, second_s: Times, length_s: float) -> Measured[TempoLead] | Void:
    window = Window(0.0, length_s)
    first, second = (
        tempo_curve(onset_stream(Seat(name), times_s[times_s < length_s]), window)
        for name, times_s in (("client", first_s), ("therapist", second_s))
    )
    return tempo_lead(first, second, window)


def wandering(rng: Generator, length_s: float) -> Times:
    """About 90 a minute, each interval a little off, and the period with a will of its own."""
    periods_s = 60 / 90 * np.exp(np.cumsum(rng.normal(0.0, 0.01, int(2.2 * length_s))))
    return np.cumsum(periods_s + rng.normal(0.0, 0.015, len(periods_s)))


def after(rng: Generator, leader_s: Times, beats: int) -> Times:
    """A player who takes up 0.3 of the difference to the leader's interval of so many beats ago."""
    period_s, times_s = float(leader_s[1] - leader_s[0]), [float(leader_s[0])]
    for index, interval_s in enumerate(np.diff(leader_s).tolist()):
        if index >= beats:
            period_s += 0.3 * (float(np.diff(leader_s[index - beats : index - beats + 2])[0]) - period_s)
        times_s.append(times_s[-1] + (period_s if beats else interval_s) + rng.normal(0.0, 0.02))
    return np.array(times_s)


def moves(make: Callable[[], tuple[Times, Times]], n: int, length_s: float) -> Counter[Moved | None]:
    found = [lead(*make(), length_s) for _ in range(n)]
    return Counter(one.value.moved for one in found if isinstance(one, Measured))


def test_a_follower_is_found_on_either_side() -> None:
    """Taking up a tempo three beats late, 2 min | above the band, on the follower's side | 114 of 120, none other."""
    rng = default_rng(1)

    def followed() -> tuple[Times, Times]:
        leader_s = wandering(rng, 120.0)
        return leader_s, after(rng, leader_s, 3)

    later, earlier = moves(followed, 12, 120.0), moves(lambda: followed()[::-1], 12, 120.0)
    assert later[Moved.SECOND] >= 10
    assert earlier[Moved.FIRST] >= 10
    assert later[Moved.FIRST] == earlier[Moved.SECOND] == 0


def test_the_lag_is_that_of_the_follower() -> None:
    rng = default_rng(2)
    leader_s = wandering(rng, 300.0)
    found = lead(leader_s, after(rng, leader_s, 4), 300.0)
    assert isinstance(found, Measured)
    assert 2.0 <= found.value.lag_s <= 5.0


def test_players_who_correct_each_other_alike_move_at_once() -> None:
    rng, keeper = default_rng(3), Timekeeper(0.3, 0.1, 0.015)

    def coupled() -> tuple[Times, Times]:
        return coupled_pulse(rng, np.diff(wandering(rng, 130.0)), keeper, keeper)

    assert moves(coupled, 10, 120.0)[Moved.BOTH] >= 9


def test_of_unrelated_players_hardly_any_are_said_to_have_moved() -> None:
    """Wandering tempi, 60 s | ≤ .07 outside the band | .02–.07 of 400 (tests/bench/tempo_lead.py); here 60."""
    rng = default_rng(4)
    found = [lead(wandering(rng, 60.0), wandering(rng, 60.0), 60.0) for _ in range(60)]
    measured = [one for one in found if isinstance(one, Measured) and one.band is not None]
    outside = [one for one in measured if one.band and not one.band.low <= one.value.correlation <= one.band.high]
    assert len(measured) >= 50
    assert len(outside) / len(measured) <= 0.07


def test_playing_without_a_pulse_and_tempi_that_do_not_change_are_void() -> None:
    rng = default_rng(5)
    random, clock = poisson_onsets(rng, 2.0, 120.0), steady_onsets(rng, 90.0, 120.0, 0.01)
    free, still = lead(random, clock, 120.0), lead(clock, steady_onsets(rng, 97.0, 120.0, 0.01), 120.0)
    assert isinstance(free, Void)
    assert free.reason is VoidReason.NO_STEADY_PULSE
    assert isinstance(still, Void)
    assert still.reason is VoidReason.UNVARYING


def test_less_than_half_a_minute_together_is_void() -> None:
    rng = default_rng(6)
    short = lead(wandering(rng, 40.0), wandering(rng, 40.0), 40.0)
    assert isinstance(short, Void)
    assert short.reason is VoidReason.TOO_SHORT


def test_a_player_who_never_plays_is_void_with_that_reason() -> None:
    rng = default_rng(7)
    for found in (lead(np.empty(0), wandering(rng, 90.0), 90.0), lead(wandering(rng, 90.0), np.empty(0), 90.0)):
        assert isinstance(found, Void)
        assert found.reason is VoidReason.NEVER_PLAYED


def curve_of(log2_bpm: Times) -> Measured[TempoCurve]:
    bpm = tuple((2.0**log2_bpm).tolist())
    times_s = tuple(float(second) for second in range(len(bpm)))
    return Measured(TempoCurve(times_s, bpm, float(np.median(bpm)), 1.0), len(bpm), Window(0.0, len(bpm) + 9.0))


def smooth(rng: Generator, length: int) -> Times:
    steps = np.convolve(rng.normal(0.0, 0.02, length + 9), np.ones(10) / 10, "valid")
    return 6.5 + np.cumsum(steps)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.integers(-4, 4))
def test_the_same_curve_some_seconds_later_has_that_lag(seed: int, later: int) -> None:
    log2_bpm = smooth(default_rng(seed), 120)
    whole = Window(0.0, 119.0)
    found = tempo_lead(curve_of(log2_bpm[5:115]), curve_of(log2_bpm[5 - later : 115 - later]), whole)
    if isinstance(found, Measured):
        assert found.value.lag_s == later
        assert found.value.correlation == pytest.approx(1.0)
    else:
        assert found.reason is VoidReason.UNVARYING


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([-1.0, 0.5, 1.0]))
def test_swapping_players_turns_the_lag_and_a_factor_of_all_tempi_changes_nothing(seed: int, octaves: float) -> None:
    rng = default_rng(seed)
    one, other, whole = smooth(rng, 100), smooth(rng, 100), Window(0.0, 109.0)
    here, swapped = tempo_lead(curve_of(one), curve_of(other), whole), tempo_lead(curve_of(other), curve_of(one), whole)
    moved = tempo_lead(curve_of(one + octaves), curve_of(other), whole)
    if isinstance(here, Measured) and isinstance(swapped, Measured) and isinstance(moved, Measured):
        assert -1.0 <= here.value.correlation <= 1.0
        assert abs(here.value.lag_s) <= 6.0
        assert moved.value.correlation == pytest.approx(here.value.correlation)
        assert moved.value.lag_s == here.value.lag_s
        assert here.band is not None
        assert here.band.surrogate == STEPS_SHUFFLED
    else:
        assert here == swapped == moved


def test_a_jump_to_the_double_is_another_level_and_no_movement() -> None:
    log2_bpm = smooth(default_rng(9), 120)
    plain = tempo_lead(curve_of(log2_bpm), curve_of(log2_bpm), Window(0.0, 129.0))
    doubled = log2_bpm + np.where(np.arange(120) < 60, 0.0, 1.0)
    jumped = tempo_lead(curve_of(log2_bpm), curve_of(doubled), Window(0.0, 129.0))
    assert isinstance(plain, Measured)
    assert isinstance(jumped, Measured)
    assert jumped.value == plain.value
