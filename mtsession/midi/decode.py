"""What does a MIDI message mean on this seat?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mtsession.events import Contact, ContactId, Event, Expression, Lift, Pedal, Seat

NOTE_OFF, NOTE_ON, KEY_PRESSURE, CONTROLLER, PROGRAM, PRESSURE, BEND = range(8, 15)
"""Upper half of the status byte (MIDI 1.0, table 1)."""

DATA_BYTES = {NOTE_OFF: 2, NOTE_ON: 2, KEY_PRESSURE: 2, CONTROLLER: 2, PROGRAM: 1, PRESSURE: 1, BEND: 2}

PERCUSSION_CHANNEL = 10
SUSTAIN = 64
RESET_CONTROLLERS = 121
ALL_OFF = frozenset((120, 123, 124, 125, 126, 127))
"""All sound off, all notes off, and the mode messages, which include it (MIDI 1.0, channel mode messages)."""

BEND_CENTRE = 8192


@dataclass(slots=True)
class HeldKeys:
    """The keys that are down on one port, by channel and number; and what came that means nothing here.

    `ignored` counts system, real-time and unknown messages and note-offs of keys that are not down; `truncated` counts
    messages whose data bytes are missing or are none.
    """

    contacts: dict[tuple[int, int], ContactId] = field(default_factory=dict)
    ignored: int = 0
    truncated: int = 0

    def lift(self, channel: int, number: int, time_s: float, seat: Seat) -> tuple[Lift, ...]:
        """Lift one key, if it is down."""
        contact_id = self.contacts.pop((channel, number), None)
        return () if contact_id is None else (Lift(contact_id, time_s, seat),)

    def lift_channel(self, channel: int, time_s: float, seat: Seat) -> tuple[Lift, ...]:
        """Lift whatever is down on one channel."""
        keys = [key for key in self.contacts if key[0] == channel]
        return tuple(Lift(self.contacts.pop(key), time_s, seat) for key in keys)

    def lift_all(self, time_s: float, seat: Seat) -> tuple[Lift, ...]:
        """Lift whatever is down: the port is gone."""
        lifts = tuple(Lift(contact_id, time_s, seat) for contact_id in self.contacts.values())
        self.contacts.clear()
        return lifts


@dataclass(frozen=True, slots=True)
class Origin:
    """Where messages come from: the seat, the port's name, the keys that are down on it and who numbers contacts."""

    seat: Seat
    port: str
    next_id: Callable[[], ContactId]
    held: HeldKeys = field(default_factory=HeldKeys)


def decode(message: Sequence[int], time_s: float, origin: Origin) -> tuple[Event, ...]:
    """The events of one message: Contact, Lift, Pedal, Expression, or none.

    A key struck again while it is down is lifted first: no two contacts of a key overlap.
    """
    kind, channel = (message[0] >> 4, (message[0] & 15) + 1) if message else (0, 0)
    data = tuple(message[1:])
    if kind not in DATA_BYTES:
        origin.held.ignored += 1
        return ()
    if len(data) != DATA_BYTES[kind] or max(data) > 127:
        origin.held.truncated += 1
        return ()
    events = _MEANINGS[kind](origin, time_s, channel, data) if kind in _MEANINGS else ()
    origin.held.ignored += not events
    return events


_Meaning = Callable[[Origin, float, int, tuple[int, ...]], tuple[Event, ...]]


def _note_on(origin: Origin, time_s: float, channel: int, data: tuple[int, ...]) -> tuple[Event, ...]:
    number, velocity = data
    lifts = origin.held.lift(channel, number, time_s, origin.seat)
    if velocity == 0:
        return lifts
    contact = Contact(
        id=origin.next_id(),
        time_s=time_s,
        seat=origin.seat,
        source=f"midi:{origin.port} ch {channel}",
        number=number,
        velocity=velocity,
        percussion=channel == PERCUSSION_CHANNEL,
    )
    origin.held.contacts[channel, number] = contact.id
    return *lifts, contact


def _note_off(origin: Origin, time_s: float, channel: int, data: tuple[int, ...]) -> tuple[Event, ...]:
    return origin.held.lift(channel, data[0], time_s, origin.seat)


def _controller(origin: Origin, time_s: float, channel: int, data: tuple[int, ...]) -> tuple[Event, ...]:
    number, value = data
    if number == SUSTAIN:
        return (Pedal(time_s, origin.seat, value),)
    if number == RESET_CONTROLLERS:
        return (Pedal(time_s, origin.seat, 0),)
    if number in ALL_OFF:
        return origin.held.lift_channel(channel, time_s, origin.seat)
    return (Expression(time_s, origin.seat, f"cc {number}", value / 127),)


def _key_pressure(origin: Origin, time_s: float, _channel: int, data: tuple[int, ...]) -> tuple[Event, ...]:
    number, value = data
    return (Expression(time_s, origin.seat, f"key pressure {number}", value / 127),)


def _pressure(origin: Origin, time_s: float, _channel: int, data: tuple[int, ...]) -> tuple[Event, ...]:
    return (Expression(time_s, origin.seat, "pressure", data[0] / 127),)


def _bend(origin: Origin, time_s: float, _channel: int, data: tuple[int, ...]) -> tuple[Event, ...]:
    away = data[0] + 128 * data[1] - BEND_CENTRE
    reach = BEND_CENTRE - 1 if away > 0 else BEND_CENTRE
    return (Expression(time_s, origin.seat, "pitch bend", away / reach),)


_MEANINGS: dict[int, _Meaning] = {
    NOTE_OFF: _note_off,
    NOTE_ON: _note_on,
    KEY_PRESSURE: _key_pressure,
    CONTROLLER: _controller,
    PRESSURE: _pressure,
    BEND: _bend,
}
