"""Does each key ask for what it says?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.events import Action, Control, Mark, Seat
from mtsession.session import Role
from mtsession.ui.screen.controls import KEYS, Press, StopHold, message_for
from tests.ui.screen.example_states import THERAPIST, live_state, seat_state


def test_a_mark_covers_the_last_ten_seconds() -> None:
    assert message_for(Press.MARK, live_state(), 60.0) == Mark(60.0, THERAPIST, 50.0)


def test_a_mark_does_not_begin_before_the_session() -> None:
    assert message_for(Press.MARK, live_state(), 4.0) == Mark(4.0, THERAPIST, 0.0)


@pytest.mark.parametrize(
    ("press", "action"),
    [
        (Press.FADE, Action.FADE),
        (Press.RESUME, Action.RESUME),
        (Press.PANIC, Action.PANIC),
        (Press.STOP, Action.STOP),
    ],
)
def test_a_press_asks_for_its_action_in_the_therapists_name(press: Press, action: Action) -> None:
    assert message_for(press, live_state(), 60.0) == Control(60.0, THERAPIST, action)


@pytest.mark.parametrize(("press", "value"), [(Press.LOUDER, "-16.5"), (Press.QUIETER, "-19.5")])
def test_the_level_goes_in_steps_of_one_and_a_half_decibels(press: Press, value: str) -> None:
    assert message_for(press, live_state(level_db=-18.0), 1.0) == Control(1.0, THERAPIST, Action.LEVEL, value)


def test_where_no_therapist_sits_the_screen_is_still_the_therapists() -> None:
    alone = live_state(seats=(seat_state(Seat("client"), Role.CLIENT),))
    assert message_for(Press.FADE, alone, 1.0) == Control(1.0, Seat("therapist"), Action.FADE)


def test_every_press_can_be_asked_for_by_a_key() -> None:
    assert set(KEYS.values()) == set(Press)


def test_stop_wants_a_hold_of_one_second_and_asks_once() -> None:
    hold = StopHold()
    hold.begin(10.0)
    assert not hold.completes(10.9)
    hold.begin(10.95)  # the key's own repeat
    assert hold.completes(11.0)
    assert not hold.completes(11.5)


def test_a_hold_broken_off_begins_anew() -> None:
    hold = StopHold()
    hold.begin(10.0)
    hold.end()
    assert not hold.is_held
    hold.begin(10.9)
    assert not hold.completes(11.5)


@given(st.floats(0, 100), st.floats(0, 10))
def test_the_share_of_the_hold_grows_from_nothing_to_one(since_s: float, held_s: float) -> None:
    hold = StopHold()
    assert hold.share(since_s) == 0.0
    hold.begin(since_s)
    assert hold.share(since_s + held_s) == pytest.approx(min(1.0, held_s), abs=1e-6)
