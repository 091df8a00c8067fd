"""Who follows whom: the verdict on simulated leaders and followers, when nothing is told, and any input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis.following import Following, Verdict, even_runs, following
from mtsession.analysis.meetings import meetings
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.steps import matched_steps
from mtsession.analysis.timing import timing
from mtsession.events import Seat
from mtsession.session import onset_stream
from mtsession.simulate.timing import Timekeeper, coupled_pulse, poisson_onsets, tempo_curve_s, with_dropped, with_extra

Times = NDArray[np.float64]

A, B = Seat("client"), Seat("therapist")
LONG = Window(0.0, 120.0)

STEADY_S = np.full(180, 0.6)


def told(first_s: Times, second_s: Times, n: int = 199) -> Measured[Following] | Void:
    return following(onset_stream(A, first_s), onset_stream(B, second_s), LONG, n)


def verdict(first_s: Times, second_s: Times) -> Verdict | None:
    measured = told(first_s, second_s)
    assert isinstance(measured, Measured)
    return measured.value.verdict


def keepers(first: float, second: float) -> tuple[Timekeeper, Timekeeper]:
    return Timekeeper(first, keeper_sd_s=0.015, motor_sd_s=0.008), Timekeeper(
        second, keeper_sd_s=0.015, motor_sd_s=0.008
    )


def verdicts(first: float, second: float, intended_s: Times = STEADY_S, sessions: int = 12) -> list[Verdict | None]:
    rng = default_rng(5)
    return [verdict(*coupled_pulse(rng, intended_s, *keepers(first, second))) for _ in range(sessions)]


def test_the_second_follows_in_at_least_ten_of_twelve_where_it_alone_takes_up() -> None:
    assert verdicts(0.0, 0.5).count(Verdict.SECOND_FOLLOWS) >= 10


def test_the_first_follows_in_at_least_ten_of_twelve_where_it_alone_takes_up() -> None:
    assert verdicts(0.5, 0.0).count(Verdict.FIRST_FOLLOWS) >= 10


def test_both_follow_in_at_least_eight_of_twelve_where_both_take_up() -> None:
    assert verdicts(0.45, 0.45).count(Verdict.MUTUAL) >= 8


def test_a_change_of_tempo_of_both_is_no_following() -> None:
    ramp_s = tempo_curve_s(180, ((0.0, 84.0), (0.4, 84.0), (0.7, 100.0), (1.0, 100.0)))
    assert verdicts(0.0, 0.5, ramp_s).count(Verdict.SECOND_FOLLOWS) >= 10


def test_dropped_and_extra_hits_leave_the_verdict() -> None:
    rng, found = default_rng(6), []
    for _ in range(12):
        first_s, second_s = coupled_pulse(rng, STEADY_S, *keepers(0.0, 0.55))
        clumsy_s = with_extra(rng, with_dropped(rng, second_s, 0.05), 0.05)
        found.append(verdict(first_s, clumsy_s))
    assert found.count(Verdict.SECOND_FOLLOWS) >= 9


def test_the_correction_of_each_player_is_recovered_over_runs_of_even_steps() -> None:
    measured = told(*coupled_pulse(default_rng(3), np.full(1500, 0.5), *keepers(0.2, 0.4)), 0)
    assert isinstance(measured, Measured)
    assert measured.value.correction_of_first is not None
    assert measured.value.correction_of_second is not None
    assert measured.value.correction_of_first.alpha == pytest.approx(0.2, abs=0.05)
    assert measured.value.correction_of_second.alpha == pytest.approx(0.4, abs=0.05)


def test_below_forty_matched_events_nothing_is_told() -> None:
    first_s, second_s = coupled_pulse(default_rng(3), np.full(38, 0.6), *keepers(0.3, 0.3))
    assert told(first_s, second_s) == Void(VoidReason.NOT_ENOUGH_YET, 39, LONG)
    longer = coupled_pulse(default_rng(3), np.full(39, 0.6), *keepers(0.3, 0.3))
    assert isinstance(told(*longer), Measured)


def test_without_surrogates_there_is_no_verdict() -> None:
    measured = told(*coupled_pulse(default_rng(3), STEADY_S, *keepers(0.0, 0.5)), 0)
    assert isinstance(measured, Measured)
    assert (measured.value.verdict, measured.band) == (None, None)


def test_the_band_is_that_of_the_larger_of_both_directions() -> None:
    measured = told(*coupled_pulse(default_rng(3), STEADY_S, *keepers(0.0, 0.5)))
    assert isinstance(measured, Measured)
    assert measured.band is not None
    assert "largest of both directions" in measured.band.surrogate
    assert measured.value.correlation_ahead > measured.band.high > measured.value.correlation_behind


def test_steps_of_half_and_double_length_count_and_others_do_not() -> None:
    beats = np.repeat([1.0, 0.5, 1.0, 2.0, 1.0], 20)
    steps = matched_steps(meetings(*2 * [0.6 * np.cumsum(beats)]))
    assert steps.even.mean() > 0.9
    assert set(np.abs(steps.folds[steps.even])) == {0.0, 1.0}
    dotted = np.tile([1.0, 1.0, 1.0, 0.75], 8)
    assert matched_steps(meetings(*2 * [0.6 * np.cumsum(dotted)])).even.tolist() == (dotted[1:] == 1.0).tolist()


def test_a_run_ends_where_a_beat_was_left_out() -> None:
    beat_s = 0.6 * np.arange(60.0)
    gap_s = np.delete(beat_s, [20, 21, 22, 23, 24])
    met = meetings(gap_s, gap_s + 0.01)
    assert [len(own) for own, _ in even_runs(met, matched_steps(met))] == [20, 35]


@pytest.mark.parametrize(("first", "second"), [([], []), ([1.0], []), ([], [1.0])])
def test_a_player_who_never_played_makes_it_void(first: list[float], second: list[float]) -> None:
    assert told(np.array(first), np.array(second)) == Void(VoidReason.NEVER_PLAYED, 0, LONG)


def test_two_machines_on_one_beat_follow_nobody() -> None:
    beat_s = 0.5 * np.arange(200.0)
    assert verdict(beat_s, beat_s) is Verdict.INDEPENDENT


def test_the_three_measures_of_timing_are_the_same_one_by_one() -> None:
    first, second = (onset_stream(A, t) for t in coupled_pulse(default_rng(3), STEADY_S, *keepers(0.0, 0.5)))
    assert timing(first, second, LONG).following == following(first, second, LONG)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([64.0, 1024.0]), st.sampled_from([0.5, 2.0]))
def test_shifting_and_scaling_change_no_correlation(seed: int, shift_s: float, factor: float) -> None:
    keeper = Timekeeper(0.3, keeper_sd_s=0.004, motor_sd_s=0.002)
    first_s, second_s = coupled_pulse(default_rng(seed), np.full(60, 1.5), keeper, keeper)
    here, moved = told(first_s, second_s, 0), told(factor * first_s + shift_s, factor * second_s + shift_s, 0)
    assert isinstance(here, Measured)
    assert isinstance(moved, Measured)
    assert moved.value.correlation_ahead == pytest.approx(here.value.correlation_ahead, abs=1e-4)
    assert moved.value.correlation_behind == pytest.approx(here.value.correlation_behind, abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_swapping_the_players_swaps_the_lags(seed: int) -> None:
    first_s, second_s = coupled_pulse(default_rng(seed), np.full(60, 1.0), *keepers(0.1, 0.4))
    here, back = told(first_s, second_s, 0), told(second_s, first_s, 0)
    assert isinstance(here, Measured)
    assert isinstance(back, Measured)
    assert back.value.correlation_behind == pytest.approx(here.value.correlation_ahead, abs=1e-6)
    assert back.value.correlation_ahead == pytest.approx(here.value.correlation_behind, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 60), max_size=80), st.lists(st.floats(0, 60), max_size=80))
def test_any_two_players_give_correlations_of_at_most_one_or_a_reason(one: list[float], other: list[float]) -> None:
    found = following(onset_stream(A, one), onset_stream(B, other), LONG, 9)
    if isinstance(found, Measured):
        value = replace(found.value)
        assert (
            max(abs(r) for r in (value.correlation_behind, value.correlation_at_once, value.correlation_ahead)) <= 1.001
        )


def test_players_without_a_pulse_are_not_told() -> None:
    rng = default_rng(4)
    assert isinstance(told(poisson_onsets(rng, 2.0, 60.0), poisson_onsets(rng, 2.0, 60.0)), Void)
