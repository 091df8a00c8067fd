from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.clock import ManualClock
from mtsession.events import (
    Action,
    Choice,
    ConsentChange,
    ConsentTo,
    Contact,
    ContactId,
    Control,
    Lift,
    Mark,
    Pedal,
    Seat,
)
from mtsession.live.intake import LONGEST_TEXT, MAX_HELD, FromPeer, Intake

CLIENT = Seat("client")
NOW_S = 100.0


def intake(first_id: int = 41) -> Intake:
    ids = count(first_id)
    return Intake(ManualClock(NOW_S), lambda: ContactId(next(ids)))


def touch(number: int = 60, *, own_id: int = 1, time_s: float = NOW_S, velocity: int = 80) -> Contact:
    return Contact(ContactId(own_id), time_s, CLIENT, "pads", number, velocity)


def admitted(event: FromPeer) -> FromPeer:
    taken = intake().admit(event)
    assert taken is not None
    return taken


def test_a_touch_gets_the_sessions_own_number_and_its_lift_the_same() -> None:
    taking = intake(first_id=41)

    assert taking.admit(touch(own_id=7)) == Contact(ContactId(41), NOW_S, CLIENT, "pads", 60, 80)
    assert taking.admit(Lift(ContactId(7), NOW_S, CLIENT)) == Lift(ContactId(41), NOW_S, CLIENT)


def test_a_lift_of_nothing_is_dropped() -> None:
    assert intake().admit(Lift(ContactId(7), NOW_S, CLIENT)) is None


def test_a_touch_that_is_held_already_is_dropped() -> None:
    taking = intake()
    taking.admit(touch(own_id=7))

    assert taking.admit(touch(own_id=7)) is None


def test_a_peer_cannot_hold_without_limit() -> None:
    taking = intake()
    taken = [taking.admit(touch(own_id=own_id)) for own_id in range(MAX_HELD + 10)]

    assert sum(contact is not None for contact in taken) == MAX_HELD


@pytest.mark.parametrize(("told_s", "believed_s"), [(99.5, 99.5), (100.5, 100.0), (3.0, 100.0), (1e300, 100.0)])
def test_a_time_that_cannot_be_true_becomes_the_time_of_arrival(told_s: float, believed_s: float) -> None:
    taken = admitted(touch(time_s=told_s))

    assert isinstance(taken, Contact)
    assert taken.time_s == believed_s


@given(number=st.integers(-(2**70), 2**70), velocity=st.integers(-(2**70), 2**70))
def test_a_touch_has_a_number_and_a_velocity_of_midi(number: int, velocity: int) -> None:
    taken = admitted(touch(number, velocity=velocity))

    assert isinstance(taken, Contact)
    assert 0 <= taken.number <= 127
    assert 1 <= taken.velocity <= 127


def test_a_mark_starts_between_the_beginning_and_itself() -> None:
    starts_s = []
    for start_s in (-5.0, 90.0, 400.0):
        mark = admitted(Mark(NOW_S, Seat("therapist"), start_s))
        assert isinstance(mark, Mark)
        starts_s.append(mark.start_s)

    assert starts_s == [0.0, 90.0, NOW_S]


def test_long_texts_are_cut() -> None:
    long = "x" * 10_000
    seat = Seat(long)
    events: list[FromPeer] = [
        Contact(ContactId(1), NOW_S, seat, long, 60, 80),
        Control(NOW_S, seat, Action.LEVEL, long),
        Choice(NOW_S, seat, long),
        Mark(NOW_S, seat, 0.0, long),
        ConsentChange(NOW_S, seat, ConsentTo.AUDIO, given=False),
        Pedal(NOW_S, seat, 1000),
    ]

    texts = [text for event in events for text in vars_of(admitted(event)) if isinstance(text, str)]
    assert max(len(text) for text in texts) == LONGEST_TEXT


def vars_of(event: FromPeer) -> list[object]:
    return [getattr(event, name) for name in type(event).__slots__]


def test_when_a_peer_goes_what_it_held_is_lifted() -> None:
    taking = intake(first_id=41)
    taking.admit(touch(own_id=1))
    taking.admit(touch(own_id=2))
    taking.admit(Lift(ContactId(1), NOW_S, CLIENT))

    assert taking.goodbye() == [Lift(ContactId(42), NOW_S, CLIENT)]
    assert taking.goodbye() == []
