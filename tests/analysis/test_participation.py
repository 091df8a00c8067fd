"""Who played, how much, and the silences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.analysis.participation import participation, pauses, players_at_once, shares
from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.events import Seat

TWO_MINUTES = Window(0.0, 120.0)

onsets = st.lists(st.floats(0.0, 120.0, allow_nan=False), max_size=40)


def player(starts_s: list[float], length_s: float = 0.1, seat: str = "client") -> Played:
    starts = np.array(starts_s, dtype=np.float64)
    return from_arrays(Seat(seat), starts, starts + length_s)


def test_a_player_is_active_for_two_seconds_from_an_onset() -> None:
    measured = participation(player([10.0]), TWO_MINUTES)
    assert isinstance(measured, Measured)
    assert measured.value.playing == (Window(10.0, 12.0),)
    assert measured.value.share == pytest.approx(2.0 / 120.0)


def test_a_held_note_is_playing_to_its_end() -> None:
    measured = participation(player([10.0], length_s=30.0), TWO_MINUTES)
    assert isinstance(measured, Measured)
    assert measured.value.playing == (Window(10.0, 40.0),)


def test_the_minutes_with_an_onset_are_counted_of_those_begun() -> None:
    measured = participation(player([1.0, 59.0, 130.0]), Window(0.0, 150.0))
    assert isinstance(measured, Measured)
    assert (measured.value.minutes_played, measured.value.minutes_total) == (2, 3)


def test_a_player_who_never_played_has_no_participation() -> None:
    assert participation(player([]), TWO_MINUTES) == Void(VoidReason.NEVER_PLAYED, 0, TWO_MINUTES)


def test_a_silence_of_three_seconds_after_a_sound_is_a_pause_and_a_shorter_one_is_not() -> None:
    measured = pauses([player([0.0, 2.9, 6.0], length_s=0.1)], Window(0.0, 6.1))
    assert isinstance(measured, Measured)
    assert measured.value.spans == (Window(3.0, 6.0),)
    assert (measured.value.longest_s, measured.value.longest_start_s) == (3.0, 3.0)


def test_the_silence_before_the_first_note_and_after_the_last_are_pauses() -> None:
    measured = pauses([player([10.0])], Window(0.0, 20.0))
    assert isinstance(measured, Measured)
    assert [pause.start_s for pause in measured.value.spans] == [0.0, 10.1]


def test_a_pause_of_a_group_is_everybodys() -> None:
    measured = pauses([player([0.0, 10.0]), player([5.0], seat="therapist")], Window(0.0, 10.1))
    assert isinstance(measured, Measured)
    assert [pause.start_s for pause in measured.value.spans] == [0.1, 5.1]


@given(onsets, onsets)
def test_the_shares_of_a_pair_sum_to_one_and_none_is_negative(first: list[float], second: list[float]) -> None:
    measured = shares(player(first), player(second, seat="therapist"), TWO_MINUTES)
    if isinstance(measured, Void):
        assert not first
        assert not second
        return
    value = measured.value
    four = (value.only_first, value.only_second, value.both, value.neither)
    assert sum(four) == pytest.approx(1.0)
    assert min(four) >= 0.0


@given(onsets, onsets)
def test_swapping_the_players_swaps_their_shares(first: list[float], second: list[float]) -> None:
    one, other = player(first), player(second, seat="therapist")
    there, back = shares(one, other, TWO_MINUTES), shares(other, one, TWO_MINUTES)
    if isinstance(there, Measured) and isinstance(back, Measured):
        assert there.value.only_first == pytest.approx(back.value.only_second)
        assert there.value.both == pytest.approx(back.value.both)


@given(st.lists(onsets, min_size=1, max_size=5))
def test_the_shares_of_how_many_play_at_once_sum_to_one(everyone: list[list[float]]) -> None:
    measured = players_at_once([player(times) for times in everyone], TWO_MINUTES)
    if isinstance(measured, Measured):
        assert len(measured.value.shares) == len(everyone) + 1
        assert sum(measured.value.shares) == pytest.approx(1.0)
