"""What may a peer say to the engine, and what of it is believed? One intake a connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from mtsession.clock import Clock
from mtsession.events import Choice, ConsentChange, Contact, ContactId, Control, Lift, Mark, Pedal, Seat
from mtsession.live.typed import TypedReader

FromPeer: TypeAlias = Contact | Lift | Pedal | Control | Choice | Mark | ConsentChange
"""What pads, screens and the supervisor may send."""

BELIEVED_S = 1.0
"""A peer's time is taken as it is when it lies at most this far back; else the event happened when it arrived."""

LONGEST_TEXT = 200
"""Texts of peers are cut here: names of seats and sources, labels, values."""

MAX_HELD = 256
"""More touches than this are not held by one peer at once: it has lost count."""

READER = TypedReader[FromPeer]((Contact, Lift, Pedal, Control, Choice, Mark, ConsentChange))


@dataclass(slots=True)
class Intake:
    """Gives a peer's events the session's own contact numbers and times that can be true."""

    clock: Clock
    next_id: Callable[[], ContactId]
    _held: dict[ContactId, Contact] = field(default_factory=dict)

    def admit(self, event: FromPeer) -> FromPeer | None:
        """The event as the session takes it, or None: a lift of nothing, a touch too many."""
        match event:
            case Contact():
                return self._contact(event)
            case Lift():
                held = self._held.pop(event.contact_id, None)
                time_s = self._believed_s(event.time_s)
                return Lift(held.id, max(time_s, held.time_s), held.seat) if held else None
            case Mark():
                time_s = self._believed_s(event.time_s)
                start_s = max(0.0, min(event.start_s, time_s))
                return Mark(time_s, _cut(event.seat), start_s, event.label[:LONGEST_TEXT])
            case Control():
                value = event.value[:LONGEST_TEXT]
                return Control(self._believed_s(event.time_s), _cut(event.seat), event.action, value)
            case Choice():
                choice = event.choice[:LONGEST_TEXT]
                return Choice(self._believed_s(event.time_s), _cut(event.seat), choice)
            case Pedal():
                value_7_bit = min(max(event.value, 0), 127)
                return Pedal(self._believed_s(event.time_s), _cut(event.seat), value_7_bit)
            case ConsentChange():
                seat = None if event.seat is None else _cut(event.seat)
                return replace(event, time_s=self._believed_s(event.time_s), seat=seat)

    def goodbye(self) -> list[Lift]:
        """The peer has gone: whatever it held is lifted now."""
        now_s = self.clock.now_s()
        lifts = [Lift(contact.id, max(now_s, contact.time_s), contact.seat) for contact in self._held.values()]
        self._held.clear()
        return lifts

    def _contact(self, contact: Contact) -> Contact | None:
        if contact.id in self._held or len(self._held) >= MAX_HELD:
            return None
        admitted = Contact(
            id=self.next_id(),
            time_s=self._believed_s(contact.time_s),
            seat=_cut(contact.seat),
            source=contact.source[:LONGEST_TEXT],
            number=min(max(contact.number, 0), 127),
            velocity=min(max(contact.velocity, 1), 127),
            percussion=contact.percussion,
        )
        self._held[contact.id] = admitted
        return admitted

    def _believed_s(self, told_s: float) -> float:
        now_s = self.clock.now_s()
        return told_s if now_s - BELIEVED_S <= told_s <= now_s else now_s


def _cut(seat: Seat) -> Seat:
    return Seat(seat[:LONGEST_TEXT])
