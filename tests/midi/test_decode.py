"""What MIDI messages mean: contacts, lifts, pedal and expression; nothing else, and never an exception."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtsession.events import Contact, ContactId, Event, Expression, Lift, Pedal, Seat
from mtsession.midi.decode import Origin, decode
from tests.midi.contract import numbers

CLIENT = Seat("client")


def origin() -> Origin:
    return Origin(CLIENT, "LPK25", numbers())


def played(messages: Iterable[Sequence[int]], place: Origin) -> list[Event]:
    """Each message a second after the one before."""
    return [event for second, message in enumerate(messages) for event in decode(message, float(second), place)]


def test_a_note_on_is_a_contact_with_its_input_named() -> None:
    assert played([(0x90, 60, 64)], origin()) == [Contact(ContactId(1), 0.0, CLIENT, "midi:LPK25 ch 1", 60, 64)]


def test_a_note_off_lifts_the_contact_of_its_key() -> None:
    assert played([(0x90, 60, 64), (0x80, 60, 0)], origin())[1] == Lift(ContactId(1), 1.0, CLIENT)


def test_a_note_on_of_velocity_0_is_a_lift() -> None:
    assert played([(0x90, 60, 64), (0x90, 60, 0)], origin())[1] == Lift(ContactId(1), 1.0, CLIENT)


def test_channel_10_is_percussion() -> None:
    (contact,) = played([(0x99, 38, 64)], origin())
    assert isinstance(contact, Contact)
    assert contact.percussion
    assert contact.source == "midi:LPK25 ch 10"


def test_a_key_struck_again_while_it_is_down_is_lifted_first() -> None:
    assert played([(0x90, 60, 64), (0x90, 60, 65)], origin())[1:] == [
        Lift(ContactId(1), 1.0, CLIENT),
        Contact(ContactId(2), 1.0, CLIENT, "midi:LPK25 ch 1", 60, 65),
    ]


def test_the_same_key_on_two_channels_is_two_keys() -> None:
    events = played([(0x90, 60, 64), (0x91, 60, 64), (0x80, 60, 0), (0x81, 60, 0)], origin())
    assert [event.contact_id for event in events if isinstance(event, Lift)] == [1, 2]


def test_controller_64_is_the_pedal() -> None:
    assert played([(0xB0, 64, 100)], origin()) == [Pedal(0.0, CLIENT, 100)]


@pytest.mark.parametrize(
    ("message", "kind", "value"),
    [
        ((0xB0, 1, 127), "cc 1", 1.0),
        ((0xD0, 0), "pressure", 0.0),
        ((0xA0, 60, 127), "key pressure 60", 1.0),
        ((0xE0, 0, 0), "pitch bend", -1.0),
        ((0xE0, 0, 64), "pitch bend", 0.0),
        ((0xE0, 127, 127), "pitch bend", 1.0),
    ],
)
def test_continuous_controllers_are_expression(message: tuple[int, ...], kind: str, value: float) -> None:
    assert played([message], origin()) == [Expression(0.0, CLIENT, kind, value)]


@pytest.mark.parametrize("controller", [120, 123, 127])
def test_all_notes_off_lifts_what_is_down_on_its_channel(controller: int) -> None:
    events = played([(0x90, 60, 64), (0x90, 62, 64), (0x91, 64, 64), (0xB0, controller, 0)], origin())
    assert [event.contact_id for event in events if isinstance(event, Lift)] == [1, 2]


def test_reset_of_all_controllers_raises_the_pedal() -> None:
    assert played([(0xB0, 121, 0)], origin()) == [Pedal(0.0, CLIENT, 0)]


@pytest.mark.parametrize("message", [(0xF8,), (0xFE,), (0xF0, 1, 2, 0xF7), (0xC0, 5), (0x80, 60, 0), (), (60, 64)])
def test_what_means_nothing_here_is_ignored_and_counted(message: tuple[int, ...]) -> None:
    place = origin()
    assert played([message], place) == []
    assert (place.held.ignored, place.held.truncated) == (1, 0)


@pytest.mark.parametrize("message", [(0x90,), (0x90, 60), (0x80, 60), (0xD0,), (0x90, 60, 200), (0xE0, 3)])
def test_a_truncated_message_is_ignored_and_counted(message: tuple[int, ...]) -> None:
    place = origin()
    assert played([message], place) == []
    assert (place.held.ignored, place.held.truncated) == (0, 1)


def test_a_lost_port_lifts_every_key() -> None:
    place = origin()
    played([(0x90, 60, 64), (0x99, 38, 64)], place)
    assert place.held.lift_all(9.0, CLIENT) == (Lift(ContactId(1), 9.0, CLIENT), Lift(ContactId(2), 9.0, CLIENT))
    assert place.held.lift_all(9.0, CLIENT) == ()


@given(st.lists(st.binary(max_size=4)))
def test_whatever_comes_every_lift_is_of_a_contact_that_is_down(messages: list[bytes]) -> None:
    place, down = origin(), set[ContactId]()
    for event in [*played(messages, place), *place.held.lift_all(99.0, CLIENT)]:
        if isinstance(event, Contact):
            assert 1 <= event.velocity <= 127
            assert 0 <= event.number <= 127
            down.add(event.id)
        elif isinstance(event, Lift):
            down.remove(event.contact_id)
    assert down == set()


@given(st.lists(st.binary(max_size=4)))
def test_every_message_is_an_event_or_is_counted(messages: list[bytes]) -> None:
    place = origin()
    silent = sum(not decode(message, 0.0, place) for message in messages)
    assert place.held.ignored + place.held.truncated == silent
