"""What every MIDI system must do, the machine's and the fake one: rules as functions that play on a rig."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Protocol

import pytest

from mtsession.clock import new_clock
from mtsession.errors import MidiPortError
from mtsession.events import Contact, ContactId, DeviceChange, Event, Lift, Seat
from mtsession.midi.ports import MidiInput, MidiSystem, PortWatcher, find_port

CLIENT = Seat("client")
NOTE_ON, NOTE_OFF = (0x90, 60, 64), (0x80, 60, 0)


class Rig(Protocol):
    """A MIDI system and the hands that plug and play."""

    @property
    def system(self) -> MidiSystem: ...

    def plug(self, name: str) -> str:
        """Plug a keyboard in; the full name of its port."""
        ...

    def unplug(self, name: str) -> None: ...

    def send(self, name: str, message: Sequence[int]) -> object: ...

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until it is so; TimeoutError where it does not come."""
        ...


class Seated:
    """One seat's open input and what came from it."""

    def __init__(self, rig: Rig, wanted: str) -> None:
        self.events: list[Event] = []
        port = find_port(wanted, rig.system.ports())
        self.input = MidiInput(port, CLIENT, new_clock(), numbers(), self.events.append, system=rig.system)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def numbers() -> Callable[[], ContactId]:
    """Contacts counted from 1."""
    count = itertools.count(1)
    return lambda: ContactId(next(count))


def a_port_is_listed_while_it_is_plugged_in(rig: Rig) -> None:
    assert "keys" not in str(rig.system.ports())
    name = rig.plug("keys")
    assert name in [port.name for port in rig.system.ports()]
    rig.unplug("keys")
    rig.until(lambda: name not in [port.name for port in rig.system.ports()])


def what_is_played_arrives_as_contacts_and_lifts_of_the_seat(rig: Rig) -> None:
    name = rig.plug("keys")
    seated = Seated(rig, "keys")
    rig.send("keys", NOTE_ON)
    rig.send("keys", NOTE_OFF)
    rig.until(lambda: len(seated.events) == 2)
    contact, lift = seated.events
    assert isinstance(contact, Contact)
    assert (contact.seat, contact.number, contact.velocity) == (CLIENT, 60, 64)
    assert contact.source == f"midi:{name} ch 1"
    assert isinstance(lift, Lift)
    assert lift.contact_id == contact.id
    assert lift.time_s > contact.time_s
    seated.input.close()


def two_ports_do_not_hear_each_other(rig: Rig) -> None:
    rig.plug("keys")
    rig.plug("drums")
    keys, drums = Seated(rig, "keys"), Seated(rig, "drums")
    rig.send("keys", (0x90, 60, 64))
    rig.send("drums", (0x99, 38, 64))
    rig.until(lambda: keys.events and drums.events)
    assert [event.number for event in keys.events if isinstance(event, Contact)] == [60]
    assert [event.number for event in drums.events if isinstance(event, Contact)] == [38]
    keys.input.close()
    drums.input.close()


def closing_lifts_the_keys_that_are_down(rig: Rig) -> None:
    rig.plug("keys")
    seated = Seated(rig, "keys")
    rig.send("keys", NOTE_ON)
    rig.until(lambda: seated.events)
    seated.input.close()
    assert [type(event) for event in seated.events] == [Contact, Lift]


def a_port_that_is_gone_cannot_be_opened(rig: Rig) -> None:
    name = rig.plug("keys")
    port = find_port("keys", rig.system.ports())
    rig.unplug("keys")
    rig.until(lambda: name not in [there.name for there in rig.system.ports()])
    with pytest.raises(MidiPortError):
        MidiInput(port, CLIENT, new_clock(), numbers(), print, system=rig.system)


def what_is_plugged_in_late_is_opened_and_what_is_pulled_out_is_lifted_and_opened_again(rig: Rig) -> None:
    events: list[Event] = []
    watcher = PortWatcher({CLIENT: "keys"}, new_clock(), numbers(), events.append, system=rig.system, poll_s=0.02)
    watcher.start()
    assert [(e.device, e.present) for e in events if isinstance(e, DeviceChange)] == [("keys", False)]

    name = rig.plug("keys")
    rig.until(lambda: _changes(events)[1:] == [(name, True)])
    rig.send("keys", NOTE_ON)
    rig.until(lambda: any(isinstance(event, Contact) for event in events))

    rig.unplug("keys")
    rig.until(lambda: _changes(events)[2:] == [(name, False)])
    assert [type(event) for event in events[-2:]] == [Lift, DeviceChange]

    rig.plug("keys")
    rig.until(lambda: _changes(events)[3:] == [(name, True)])
    rig.send("keys", NOTE_ON)
    rig.until(lambda: sum(isinstance(event, Contact) for event in events) == 2)
    watcher.close()
    assert isinstance(events[-1], Lift)


def _changes(events: list[Event]) -> list[tuple[str, bool]]:
    return [(event.device, event.present) for event in events if isinstance(event, DeviceChange)]


CONTRACT: dict[str, Callable[[Rig], None]] = {
    rule.__name__: rule
    for rule in (
        a_port_is_listed_while_it_is_plugged_in,
        what_is_played_arrives_as_contacts_and_lifts_of_the_seat,
        two_ports_do_not_hear_each_other,
        closing_lifts_the_keys_that_are_down,
        a_port_that_is_gone_cannot_be_opened,
        what_is_plugged_in_late_is_opened_and_what_is_pulled_out_is_lifted_and_opened_again,
    )
}
