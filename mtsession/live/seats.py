"""What is held on one seat now, and what ends it? Each touch has a voice of its own, so none cuts another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from mtsession.audio.commands import ReleaseVoice, SoundCommand, StartVoice
from mtsession.audio.palettes import Palette
from mtsession.events import Contact, ContactId, Event, Lift, NoteOff, NoteOn, Pedal, Seat, SetupChange
from mtsession.live.plan import SeatPlan

STUCK_AFTER_S = 120.0
"""A note held this long while nothing else comes from its seat was left on by a lost message, not by a hand."""

PEDAL_DOWN = 64
"""From this value on the sustain pedal is down (MIDI 1.0, controller 64)."""

STUCK = "held note ended"
"""The setting under which the log says that a stuck note was ended; its value is the contact's number."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Write this event to the session file."""

    event: Event


Command: TypeAlias = SoundCommand | Keep


@dataclass(slots=True)
class HeldNote:
    """A note between its start and its end; `lifted` while only the pedal holds it."""

    pitch: int
    percussion: bool
    lifted: bool = False


@dataclass(slots=True)
class SeatNow:
    """One seat's notes. `index` is its number in the mixer, `last_sign_s` when anything last came from it."""

    plan: SeatPlan
    index: int
    notes: dict[ContactId, HeldNote] = field(default_factory=dict)
    pedal_down: bool = False
    last_sign_s: float = 0.0

    @property
    def seat(self) -> Seat:
        """The seat's name."""
        return self.plan.seat

    def start(self, contact: Contact, accepted_s: float, palette: Palette, key: str) -> list[Command]:
        """Sound an accepted touch. Percussion keeps its number: each is a drum, not a pitch."""
        if contact.id in self.notes:
            return []
        note = note_on(contact, accepted_s, palette, key)
        self.hold(note)
        voice = StartVoice(
            note.contact_id, self.index, note.sound, note.pitch, note.velocity, attack_s=self.plan.attack_s
        )
        return [voice, Keep(note)]

    def hold(self, note: NoteOn) -> None:
        """Take a note as held."""
        self.notes[note.contact_id] = HeldNote(note.pitch, note.percussion)

    def lift(self, lift: Lift) -> list[Command]:
        """End the note of a contact, unless the pedal holds it; drums have no pedal."""
        note = self.notes.get(lift.contact_id)
        if note is None:
            return []
        if self.pedal_down and not note.percussion:
            note.lifted = True
            return []
        return self.end(lift.contact_id, lift.time_s)

    def pedal(self, pedal: Pedal) -> list[Command]:
        """Hold what is lifted from now on, or end all that only the pedal held."""
        self.pedal_down = pedal.value >= PEDAL_DOWN
        if self.pedal_down:
            return []
        waiting = [contact_id for contact_id, note in self.notes.items() if note.lifted]
        return [command for contact_id in waiting for command in self.end(contact_id, pedal.time_s)]

    def end(self, contact_id: ContactId, time_s: float) -> list[Command]:
        """End one held note."""
        note = self.notes.pop(contact_id)
        return [ReleaseVoice(contact_id), Keep(NoteOff(contact_id, time_s, self.seat, note.pitch))]

    def end_all(self, time_s: float) -> list[Command]:
        """End every held note and let the pedal up: the input has gone, or the sound has."""
        self.pedal_down = False
        return [command for contact_id in tuple(self.notes) for command in self.end(contact_id, time_s)]

    def end_stuck(self, time_s: float) -> list[Command]:
        """End what has been held too long without a sign of life from the seat, and say so in the log."""
        if not self.notes or time_s - self.last_sign_s < STUCK_AFTER_S:
            return []
        return [command for contact_id in tuple(self.notes) for command in self._end_stuck(contact_id, time_s)]

    def _end_stuck(self, contact_id: ContactId, time_s: float) -> list[Command]:
        if self.notes[contact_id].percussion:
            # Pads without note-offs are no fault: the stroke stays as short as it was.
            del self.notes[contact_id]
            return [ReleaseVoice(contact_id)]
        return [*self.end(contact_id, time_s), Keep(SetupChange(time_s, self.seat, STUCK, str(contact_id)))]


def note_on(contact: Contact, accepted_s: float, palette: Palette, key: str) -> NoteOn:
    """The note that a touch becomes: its pitch by the palette, its sound by what was struck."""
    number = min(max(contact.number, 0), 127)
    return NoteOn(
        contact_id=contact.id,
        accepted_s=accepted_s,
        seat=contact.seat,
        pitch=number if contact.percussion else palette.snap(number, key),
        velocity=min(max(contact.velocity, 1), 127),
        sound=palette.percussion_sound if contact.percussion else palette.sound,
        percussion=contact.percussion,
    )
