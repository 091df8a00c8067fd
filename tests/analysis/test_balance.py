"""How evenly the time was shared out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from mtsession.analysis.balance import Balance, _both_s, balance, of_shares
from mtsession.analysis.participation import Shares, activity
from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.spans import intersection, total_s
from mtsession.analysis.surrogates import SPANS_SHUFFLED, shuffled_spans
from mtsession.events import Seat

WINDOW = Window(0.0, 60.0)


def shared(only_first: float, only_second: float) -> Balance:
    return of_shares(Shares(only_first, only_second, 1 - only_first - only_second, 0.0))


def player(starts_s: list[float], length_s: float = 0.5) -> Played:
    starts = np.array(starts_s, dtype=np.float64)
    return from_arrays(Seat("client"), starts, starts + length_s)


def test_the_published_examples_come_out() -> None:
    # [[0,1,0,1],[1,0,1,0]]: all four slots, and the first three (Raffensperger 2012)
    assert shared(0.5, 0.5).tau_tau == pytest.approx(1.0)
    assert shared(1 / 3, 2 / 3).balance == pytest.approx(2 / 3)


def test_without_time_alone_there_is_no_balance() -> None:
    assert shared(0.0, 0.0).balance is None


def test_where_nobody_played_the_balance_is_void() -> None:
    assert balance(player([]), player([]), WINDOW) == Void(VoidReason.NOBODY_PLAYED, 0, WINDOW)


def test_strict_turns_are_shared_more_evenly_than_shuffled_ones() -> None:
    starts_s = np.arange(0.0, 60.0, 5.0)
    measured = balance(player(starts_s.tolist()), player((starts_s + 2.5).tolist()), WINDOW)
    assert isinstance(measured, Measured)
    assert measured.band is not None
    assert measured.band.surrogate == SPANS_SHUFFLED
    assert measured.value.balance == pytest.approx(1.0)


def test_players_who_never_pause_have_no_band() -> None:
    beat_s = np.arange(0.0, 60.0, 0.5).tolist()
    measured = balance(player(beat_s), player([1.0, 20.0, 30.0, 40.0, 50.0]), WINDOW)
    assert isinstance(measured, Measured)
    assert measured.band is None


def test_shuffled_spans_keep_their_lengths_silences_start_and_end() -> None:
    spans_s = np.array([[1.0, 2.0], [5.0, 7.0], [8.0, 11.5], [12.0, 12.5]])
    found = shuffled_spans(spans_s, 40, default_rng(1))
    assert set(found[:, 0, 0]) == {1.0}
    assert found[:, -1, 1] == pytest.approx(np.full(40, 12.5))
    assert np.sort(found[:, :, 1] - found[:, :, 0], axis=1) == pytest.approx(np.tile([0.5, 1.0, 2.0, 3.5], (40, 1)))
    assert np.sort(found[:, 1:, 0] - found[:, :-1, 1], axis=1) == pytest.approx(np.tile([0.5, 1.0, 3.0], (40, 1)))


times = st.lists(st.floats(0.0, 58.0), min_size=1, max_size=30)


@given(times, times)
def test_swapping_the_players_changes_no_balance_and_all_lies_in_0_to_1(one: list[float], other: list[float]) -> None:
    there, back = (balance(*pair, WINDOW, 0) for pair in ((player(one), player(other)), (player(other), player(one))))
    assert isinstance(there, Measured)
    assert isinstance(back, Measured)
    assert 0.0 <= there.value.tau_tau <= 1.0
    assert there.value.tau_tau == pytest.approx(back.value.tau_tau)
    assert (there.value.balance is None) == (back.value.balance is None)
    if there.value.balance is not None and back.value.balance is not None:
        assert 0.0 <= there.value.balance <= 1.0
        assert there.value.balance == pytest.approx(back.value.balance, abs=1e-6)


@given(times, times)
def test_the_band_rests_on_the_same_overlap_as_the_shares(one: list[float], other: list[float]) -> None:
    first, second = activity(player(one), WINDOW), activity(player(other), WINDOW)
    assert _both_s(first, second[None])[0] == pytest.approx(total_s(intersection(first, second, WINDOW)), abs=1e-6)
