"""What does the therapist see at a glance? Built from what is kept, so a restarted engine shows the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mtsession.events import (
    AudioOnset,
    ContactId,
    DeviceChange,
    Event,
    Mark,
    NoteOff,
    NoteOn,
    Seat,
)
from mtsession.live.plan import SeatPlan
from mtsession.live.state import RecentNote
from mtsession.session import PERCUSSION_DECAY_S
from mtsession.wording import say

RECENT_S = 60.0
"""The strip shows the last minute."""


@dataclass(slots=True)
class SeatSeen:
    """What was last seen of a seat's input and playing."""

    source: str
    alive: bool
    notes_played: int = 0
    last_onset_s: float | None = None

    def onset(self, time_s: float) -> None:
        """Something was played here."""
        self.notes_played += 1
        self.last_onset_s = time_s


@dataclass(slots=True)
class Glance:
    """Follows the log: `seats` by seat, `recent` notes in order of their start, `marks_s`, the last `message`."""

    seats: dict[Seat, SeatSeen]
    recent: dict[ContactId, RecentNote] = field(default_factory=dict)
    marks_s: list[float] = field(default_factory=list)
    message: str = ""

    def see(self, event: Event) -> None:
        """Take one kept event into the picture; most leave it as it is."""
        match event:
            case NoteOn():
                self._note_on(event)
            case NoteOff() if event.contact_id in self.recent:
                self.recent[event.contact_id] = replace(self.recent[event.contact_id], end_s=event.time_s)
            case AudioOnset() if not event.doubtful and event.seat in self.seats:
                self.seats[event.seat].onset(event.time_s)
            case Mark():
                self.marks_s.append(event.time_s)
            case DeviceChange():
                self._device(event)
            case _:
                pass

    def recent_at(self, time_s: float) -> tuple[RecentNote, ...]:
        """The notes that sounded in the last minute; older ones are forgotten."""
        # All are looked at: behind one key that rests held, a whole session's notes would pile up in every picture.
        old = [contact_id for contact_id, note in self.recent.items() if _is_over(note, time_s - RECENT_S)]
        for contact_id in old:
            del self.recent[contact_id]
        return tuple(self.recent.values())

    def _note_on(self, note: NoteOn) -> None:
        if note.seat in self.seats:
            self.seats[note.seat].onset(note.accepted_s)
        end_s = note.accepted_s + PERCUSSION_DECAY_S if note.percussion else None
        self.recent[note.contact_id] = RecentNote(note.seat, note.accepted_s, end_s, note.velocity)

    def _device(self, change: DeviceChange) -> None:
        key = "live.device_came" if change.present else "live.device_went"
        self.message = say(key, device=change.device)
        if change.seat in self.seats:
            seen = self.seats[change.seat]
            seen.alive, seen.source = change.present, change.device


def _is_over(note: RecentNote, before_s: float) -> bool:
    return note.end_s is not None and note.end_s < before_s


def glance_at(seats: tuple[SeatPlan, ...]) -> Glance:
    """The picture before anything happened: an input is there once it was opened; a script always is."""
    return Glance({plan.seat: SeatSeen(source=plan.port, alive=not plan.port) for plan in seats})
