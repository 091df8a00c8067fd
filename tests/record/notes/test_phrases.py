"""Times, lengths and players in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.events import Seat
from mtsession.record.notes.phrases import access, clock, length, listed, milliseconds, names, seconds, sentence_case
from mtsession.session import Player, Role


@pytest.mark.parametrize(
    ("time_s", "said"),
    [(0.0, "00:00"), (59.99, "00:59"), (252.0, "04:12"), (3599.9, "59:59"), (3852.0, "1:04:12"), (-0.5, "00:00")],
)
def test_a_moment_is_minutes_and_begun_seconds(time_s: float, said: str) -> None:
    assert clock(time_s) == said


@given(st.floats(0, 36_000))
def test_a_moments_label_is_never_later_than_the_moment(time_s: float) -> None:
    parts = [int(part) for part in clock(time_s).split(":")]
    total = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    assert total <= time_s < total + 1


@pytest.mark.parametrize(
    ("length_s", "said"),
    [
        (0.04, "0.0 s"),
        (4.25, "4.2 s"),
        (9.96, "10 s"),
        (34.4, "34 s"),
        (59.6, "1 min"),
        (80, "1 min 20 s"),
        (120, "2 min"),
    ],
)
def test_a_length_is_as_fine_as_it_is_short(length_s: float, said: str) -> None:
    assert length(length_s) == said


@pytest.mark.parametrize(("time_s", "said"), [(0.424, "0.42"), (-0.1, "−0.10"), (-0.001, "0.00"), (2.0, "2.00")])
def test_a_response_time_has_hundredths_and_is_never_minus_nought(time_s: float, said: str) -> None:
    assert seconds(time_s) == said


def test_a_difference_is_in_whole_milliseconds() -> None:
    assert milliseconds(0.0234) == "23 ms"


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_items_are_listed_as_spoken(items: list[str], said: str) -> None:
    assert listed(items, "or") == said


def test_no_access_setting_is_direct_access() -> None:
    assert access({}) == "direct access"
    assert access({"hold to play": "250 ms", "ignore repeat": "400 ms"}) == "hold to play 250 ms, ignore repeat 400 ms"


def test_a_client_is_called_by_the_code_where_it_is_known() -> None:
    players = [Player(Seat(role.value), role, "pads", "x") for role in Role]
    others = ["the therapist", "the peer", "the co-therapist"]
    assert list(names(players, {Seat("client"): "K-07"}).values()) == ["K-07", *others]
    assert list(names(players, {}).values()) == ["the client", *others]


def test_several_of_one_role_are_told_apart_by_their_seats() -> None:
    players = [Player(Seat(seat), Role.CLIENT, "pads", "x") for seat in ("client", "client-2")]
    called = names(players, {Seat("client"): "K-07"})
    assert list(called.values()) == ["K-07", "the player on seat client-2"]


def test_a_sentence_begins_with_a_capital_unless_it_begins_with_a_code() -> None:
    assert sentence_case("the therapist played.", ["k-07"]) == "The therapist played."
    assert sentence_case("k-07 played.", ["k-07"]) == "k-07 played."
    assert sentence_case("the end.", []) == "The end."
