"""Turns, floor transfers, exchanges, and who ends a silence."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.analysis.exchanges import exchanges
from mtsession.analysis.played import Played, from_arrays
from mtsession.analysis.result import Measured, Void, VoidReason, Window
from mtsession.analysis.turns import (
    Turns,
    first_after_silence,
    floor_transfers,
    transfers_from,
    transfers_to,
    turn_gap_s,
    turns,
)
from mtsession.events import Seat
from mtsession.session import Turn

A, B = Seat("client"), Seat("therapist")
WINDOW = Window(0.0, 200.0)


def player(starts_s: list[float], length_s: float = 0.1, seat: Seat = A) -> Played:
    starts = np.array(starts_s, dtype=np.float64)
    return from_arrays(seat, starts, starts + length_s)


def alternating(true_gap_s: float = 0.42, n_turns: int = 40) -> tuple[Played, Played]:
    """Two players who take turns of five notes, 0.4 s apart, each after the same silence."""
    starts: dict[Seat, list[float]] = {A: [], B: []}
    now_s = 0.0
    for index in range(n_turns):
        starts[(A, B)[index % 2]] += [now_s + 0.4 * k for k in range(5)]
        now_s += 4 * 0.4 + 0.3 + true_gap_s
    return player(starts[A], 0.3, A), player(starts[B], 0.3, B)


def both_turns(gap_s: float | None = None) -> tuple[Measured[Turns] | Void, Measured[Turns] | Void]:
    return tuple(turns(one, WINDOW, gap_s) for one in alternating())  # type: ignore[return-value]


def test_g_is_two_and_a_half_median_intervals_between_its_limits() -> None:
    assert turn_gap_s(player([0.0, 0.4, 0.8, 1.2]).onsets) == pytest.approx(1.0)
    assert turn_gap_s(player([0.0, 0.1, 0.2]).onsets) == 0.6
    assert turn_gap_s(player([0.0, 3.0, 6.0]).onsets) == 2.0


def test_a_turn_ends_with_its_last_sound_and_the_result_says_g() -> None:
    measured = turns(player([0.0, 0.5, 1.0, 4.0], 0.3), WINDOW)
    assert isinstance(measured, Measured)
    assert measured.value.gap_s == pytest.approx(1.25)
    assert measured.value.turns == (Turn(A, 0.0, 1.3, 3), Turn(A, 4.0, 4.3, 1))


def test_a_note_held_under_later_ones_keeps_the_turn_open() -> None:
    held = from_arrays(A, np.array([0.0, 0.5, 4.0]), np.array([5.0, 0.6, 4.1]))
    measured = turns(held, WINDOW)
    assert isinstance(measured, Measured)
    assert measured.value.turns == (Turn(A, 0.0, 5.0, 3),)


@pytest.mark.parametrize("gap_s", [None, 0.5, 0.8, 1.0])
def test_known_alternation_gives_39_of_39_transfers_with_their_gap(gap_s: float | None) -> None:
    measured = floor_transfers(*both_turns(gap_s), WINDOW)
    assert isinstance(measured, Measured)
    assert measured.n == 39
    assert [transfer.offset_s for transfer in measured.value.transfers] == pytest.approx([0.42] * 39)


def test_the_two_directions_are_told_apart() -> None:
    measured = floor_transfers(*both_turns(), WINDOW)
    there, back = transfers_from(A, measured), transfers_from(B, measured)
    assert isinstance(there, Measured)
    assert isinstance(back, Measured)
    assert (there.value.giver, there.value.taker, there.n) == (A, B, 20)
    assert (back.value.giver, back.value.taker, back.n) == (B, A, 19)
    assert there.value.median_s == pytest.approx(0.42)


def test_fewer_than_eight_transfers_have_no_median() -> None:
    first, second = (turns(one, WINDOW) for one in alternating(n_turns=10))
    assert transfers_from(A, floor_transfers(first, second, WINDOW)) == Void(VoidReason.TOO_FEW_EVENTS, 5, WINDOW)


def test_the_floor_transfers_of_the_published_fixture_are_its_own(known_answers: dict[str, Any]) -> None:
    fixture = known_answers["floor_transfer_offsets_ms"]
    utterances, expected = fixture["utts"], fixture["window 10000 buffer 200"]
    told = [
        None if told_by_fixture_only(utterances, index) else offset_ms(utterances, index)
        for index in range(len(utterances))
    ]
    assert told == expected


def offset_ms(utterances: list[list[Any]], index: int) -> int | None:
    own = [as_turn(utterances[index])]
    others = [as_turn(u) for u in utterances[:index] if u[1] is not None and u[0] not in (None, utterances[index][0])]
    found = transfers_to(own, others)
    return round(1000 * found[0].offset_s) if found else None


def as_turn(utterance: list[Any]) -> Turn:
    return Turn(Seat(utterance[0]), utterance[1] / 1000, utterance[2] / 1000, 1)


def told_by_fixture_only(utterances: list[list[Any]], index: int) -> bool:
    """Its own rule: an utterance without times or by a third speaker within 10 s before gives none."""
    return any(u[0] is None or u[1] is None for u in utterances[: index + 1])


def test_exchanges_are_unbroken_alternations() -> None:
    measured = exchanges(*both_turns(), WINDOW)
    assert isinstance(measured, Measured)
    assert measured.value.longest_chain == measured.n == 39
    assert measured.value.per_minute == pytest.approx(39 / 200 * 60)
    assert measured.value.started_by == {A: 1, B: 0}


def test_a_window_without_length_has_no_exchanges_a_minute() -> None:
    moment = Window(3.0, 3.0)
    first, second = (turns(player([3.0], seat=seat), moment) for seat in (A, B))
    assert exchanges(first, second, moment) == Void(VoidReason.TOO_SHORT, 0, moment)


def test_a_long_gap_or_a_second_turn_of_the_same_player_ends_an_exchange() -> None:
    first, second = turns(player([0.0, 10.0, 20.0]), WINDOW), turns(player([1.0, 11.0, 15.0], seat=B), WINDOW)
    measured = exchanges(first, second, WINDOW)
    assert isinstance(measured, Measured)
    assert [(chain.start_s, chain.n_transfers) for chain in measured.value.chains] == [(0.0, 1), (10.0, 1)]


def test_who_plays_first_after_a_shared_silence_is_counted() -> None:
    measured = first_after_silence([player([0.0, 10.0, 20.0]), player([5.0, 20.02], seat=B)], WINDOW)
    assert isinstance(measured, Measured)
    assert (measured.value.silences, measured.value.together) == (3, 1)
    assert measured.value.first_by == {A: 1, B: 1}


def test_the_silence_after_the_last_note_has_no_first() -> None:
    measured = first_after_silence([player([5.0])], Window(0.0, 30.0))
    assert isinstance(measured, Measured)
    assert measured.value.windows == (Window(0.0, 5.0),)


@given(st.lists(st.floats(0.0, 190.0), min_size=1, max_size=60), st.floats(0.05, 5.0))
def test_turns_hold_every_note_once_and_lie_at_least_g_apart(starts_s: list[float], length_s: float) -> None:
    measured = turns(player(starts_s, length_s), WINDOW)
    assert isinstance(measured, Measured)
    found = measured.value.turns
    assert sum(turn.n_notes for turn in found) == len(starts_s)
    assert all(later.start_s - turn.end_s >= measured.value.gap_s - 1e-6 for turn, later in pairwise(found))


@given(st.lists(st.floats(0.0, 90.0), min_size=1, max_size=40), st.lists(st.floats(0.0, 90.0), min_size=1, max_size=40))
def test_shifting_all_times_changes_no_transfer(one: list[float], other: list[float]) -> None:
    here = offsets_s(one, other, 0.0)
    assert offsets_s(one, other, 64.0) == pytest.approx(here)


def offsets_s(one: list[float], other: list[float], shift_s: float) -> list[float]:
    # on a grid of 1/64 s, which a shift moves without rounding
    first, second = ([round(64 * t) / 64 + shift_s for t in times] for times in (one, other))
    window = Window(shift_s, 100.0 + shift_s)
    measured = floor_transfers(turns(player(first, 0.125), window), turns(player(second, 0.125, B), window), window)
    assert isinstance(measured, Measured)
    return [transfer.offset_s for transfer in measured.value.transfers]
