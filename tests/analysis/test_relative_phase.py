"""Relative phase: its definition, what chance gives, and any input."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from numpy.typing import NDArray

from mtsession.analysis.meetings import by_chance, meetings
from mtsession.analysis.relative_phase import RelativePhase, mean_resultant, relative_phase
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.surrogates import INTERVALS_SHUFFLED
from mtsession.events import Seat
from mtsession.session import onset_stream
from mtsession.simulate.timing import Timekeeper, coupled_pulse, poisson_onsets

Times = NDArray[np.float64]

A, B = Seat("client"), Seat("therapist")
MINUTE = Window(0.0, 60.0)


def of(first_s: Times, second_s: Times, window: Window = MINUTE, n: int = 99) -> Measured[RelativePhase] | Void:
    return relative_phase(onset_stream(A, first_s), onset_stream(B, second_s), window, n)


def resultant(first_s: Times, second_s: Times) -> float:
    return float(mean_resultant(meetings(first_s, second_s))[0])


def by_definition(first_s: Times, second_s: Times) -> float:
    """|mean e^{iφ}|, φ = 2π(a − b_k)/(b_{k+1} − b_k), without silences (2.5 median intervals), of both directions."""
    return (one_way(first_s, second_s) + one_way(second_s, first_s)) / 2


def one_way(times_s: Times, beats_s: Times) -> float:
    longest_s = 2.5 * np.median(np.diff(beats_s))
    phases = [
        2 * np.pi * (time_s - low) / (high - low)
        for time_s in times_s
        for low, high in pairwise(beats_s)
        if low < time_s <= high and high - low <= longest_s
    ]
    return float(np.abs(np.mean(np.exp(1j * np.array(phases)))))


@pytest.mark.parametrize("seed", range(5))
def test_r_is_what_the_definition_says(seed: int) -> None:
    rng = default_rng(seed)
    first_s, second_s = poisson_onsets(rng, 2.0, 60.0), poisson_onsets(rng, 1.5, 60.0)
    assert resultant(first_s, second_s) == pytest.approx(by_definition(first_s, second_s), abs=1e-6)


@pytest.mark.parametrize("place", [0.0, 0.1, 0.25, 0.5, 0.9])
def test_the_same_place_in_each_beat_gives_one_wherever_it_is(place: float) -> None:
    beat_s = np.arange(0.0, 60.0, 0.5)
    assert resultant(beat_s + 0.5 * place, beat_s) == pytest.approx(1.0, abs=1e-5)


def test_two_tempi_that_pass_through_each_other_give_nought() -> None:
    assert resultant(np.arange(0.0, 60.0, 0.5), np.arange(0.0, 60.0, 0.57)) < 0.05


def test_at_least_nine_of_ten_coupled_minutes_lie_above_the_band_which_names_its_surrogate() -> None:
    rng, keeper = default_rng(1), Timekeeper(0.3, keeper_sd_s=0.03)
    found = [of(*coupled_pulse(rng, np.full(99, 0.6), keeper, keeper)) for _ in range(10)]
    bands = [
        (one.value.mean_resultant, one.band) for one in found if isinstance(one, Measured) and one.band is not None
    ]
    assert sum(value > band.high for value, band in bands) >= 9
    assert {band.surrogate for _, band in bands} == {INTERVALS_SHUFFLED}


def test_below_thirty_seconds_there_is_not_enough_yet() -> None:
    beat_s = np.arange(0.0, 25.0, 0.5)
    assert of(beat_s, beat_s, Window(0.0, 29.0)) == Void(VoidReason.NOT_ENOUGH_YET, 98, Window(0.0, 29.0))
    assert isinstance(of(beat_s, beat_s, Window(0.0, 30.0)), Measured)


@pytest.mark.parametrize(("first", "second"), [([], []), ([1.0], []), ([], [1.0, 2.0])])
def test_a_player_who_never_played_makes_it_void(first: list[float], second: list[float]) -> None:
    assert of(np.array(first), np.array(second)) == Void(VoidReason.NEVER_PLAYED, 0, MINUTE)


def test_one_onset_against_many_is_too_little() -> None:
    assert of(np.array([5.0]), np.arange(0.0, 60.0, 0.5)) == Void(VoidReason.TOO_FEW_EVENTS, 1, MINUTE)


def test_without_surrogates_there_is_the_same_value_and_no_band() -> None:
    beat_s = np.arange(0.0, 60.0, 0.5)
    with_band, without = of(beat_s + 0.1, beat_s), of(beat_s + 0.1, beat_s, n=0)
    assert isinstance(with_band, Measured)
    assert isinstance(without, Measured)
    assert without.band is None
    assert without.value == with_band.value


def test_a_hundred_thousand_onsets_are_measured_a_few_surrogates_at_a_time() -> None:
    rng = default_rng(1)
    first_s, second_s = np.sort(rng.uniform(0, 40_000, 100_000)), np.sort(rng.uniform(0, 40_000, 100_000))
    (chance,) = by_chance(first_s, second_s, 5, (mean_resultant,))
    assert chance.shape == (5,)
    assert np.all(chance < 0.05)


times = st.lists(st.integers(0, 60 * 64), min_size=2, max_size=40, unique=True)
"""Onsets on a grid of 1/64 s, which a shift and a factor of two move without rounding."""


@settings(max_examples=60)
@given(times, times, st.sampled_from([64.0, 1024.0]), st.sampled_from([0.5, 2.0, 8.0]))
def test_r_lies_in_0_to_1_and_shifting_scaling_and_swapping_change_nothing(
    one: list[int], other: list[int], shift_s: float, factor: float
) -> None:
    first_s, second_s = np.sort(one) / 64.0, np.sort(other) / 64.0
    here = resultant(first_s, second_s)
    assert 0.0 <= here <= 1.0 + 1e-6
    assert resultant(first_s + shift_s, second_s + shift_s) == pytest.approx(here, abs=1e-6)
    assert resultant(factor * first_s, factor * second_s) == pytest.approx(here, abs=1e-6)
    assert resultant(second_s, first_s) == pytest.approx(here, abs=1e-6)
