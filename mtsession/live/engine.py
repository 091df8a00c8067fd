"""What follows from an event: which sounds, which entries of the log? Pure: it knows no device and no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mtsession.audio.commands import FadeOut, SoundCommand
from mtsession.audio.palettes import Palette
from mtsession.events import (
    Action,
    AudioEpoch,
    AudioOnset,
    BlockCount,
    Choice,
    ClockPair,
    ConsentChange,
    Contact,
    Control,
    DeviceChange,
    Event,
    Expression,
    Gap,
    Lift,
    Mark,
    NoteOff,
    NoteOn,
    Pedal,
    Refused,
    Released,
    Seat,
    SetupChange,
    Sounded,
    VoicePitch,
)
from mtsession.live.access import Accept, Access, DirectAccess, Refuse
from mtsession.live.glance import glance_at
from mtsession.live.master import STOP_FADE_S, Answer, Declined, Master, Setting
from mtsession.live.plan import AS_PLAYED, LivePlan
from mtsession.live.seats import Command, Keep, SeatNow
from mtsession.live.state import LiveState, SeatState
from mtsession.wording import say

SILENT = "silent"
"""Why a touch was refused while the instrument was faded or silenced."""

UNKNOWN_SEAT = "unknown seat"
"""Why a touch was refused that came for a seat which is not in the plan."""

THERAPIST = Seat("therapist")
"""Whoever holds the therapist's screen may do everything, also where no therapist's input was planned."""


@dataclass(frozen=True, slots=True)
class SoundNow:
    """How the sound stands, for the picture: peak since the last one in dB, late and lost blocks so far."""

    peak_db: float
    audio_alive: bool
    late_blocks: int
    lost_blocks: int
    recording_audio: bool


class LiveEngine:
    """The instrument: `feed` it what happens, in the order it came, and do what it answers."""

    def __init__(
        self,
        plan: LivePlan,
        palettes: Mapping[str, Palette],
        access: Mapping[Seat, Access] | None = None,
    ) -> None:
        self.master = Master(palettes, plan.palette, plan.key, plan.level_db, plan.level_cap_db)
        self._plan = plan
        self._palettes = palettes
        self._access = access or {}
        self._direct = DirectAccess()
        self._seats = {seat.seat: SeatNow(seat, index) for index, seat in enumerate(plan.seats)}
        self._glance = glance_at(plan.seats)

    def feed(self, event: Event) -> list[Command]:
        """What to do about an event: sounds first, then what to keep (always the event itself)."""
        commands = self._answer(event)
        self._watch(commands)
        return commands

    def tick(self, time_s: float) -> list[Command]:
        """What is due by now without an event: the end of a fade, notes that a lost message left on."""
        commands = [command for seat in self._seats.values() for command in seat.end_stuck(time_s)]
        if self.master.fade_ends_s is not None and time_s >= self.master.fade_ends_s:
            self.master.fade_ends_s = None
            commands += self._end_all(time_s)
        self._watch(commands)
        return commands

    def stop(self, time_s: float) -> list[Command]:
        """The session ends: a short fade, and an end for every held note."""
        commands = [FadeOut(STOP_FADE_S), *self._end_all(time_s)]
        self._watch(commands)
        return commands

    def opening(self) -> list[SoundCommand]:
        """What a new mixer must be told before anything sounds."""
        return self.master.opening()

    def restore(self, kept: Iterable[Event]) -> None:
        """Take up a session where another engine left it; feed a `Gap` afterwards, which ends what was held."""
        for event in kept:
            self._glance.see(event)
            match event:
                case NoteOn() if not event.percussion and event.seat in self._seats:
                    self._seats[event.seat].hold(event)
                case NoteOff() if event.seat in self._seats:
                    self._seats[event.seat].notes.pop(event.contact_id, None)
                case Control() if event.action is not Action.STOP:
                    self.master.obey(event, from_guest=self._is_guest(event.seat))
                case _:
                    pass

    def state(self, time_s: float, sound: SoundNow) -> LiveState:
        """The therapist's glance now."""
        return LiveState(
            session_id=self._plan.session_id,
            time_s=time_s,
            seats=tuple(self._seat_state(seat) for seat in self._seats.values()),
            recent=self._glance.recent_at(time_s),
            marks_s=tuple(self._glance.marks_s),
            palette=self.master.palette,
            key=self.master.key,
            level_db=self.master.level_db,
            peak_db=sound.peak_db,
            silent=self.master.silent,
            recording_audio=sound.recording_audio,
            audio_alive=sound.audio_alive,
            late_blocks=sound.late_blocks,
            lost_blocks=sound.lost_blocks,
            message=self._glance.message,
        )

    def say(self, message: str) -> None:
        """Show a technical message on the screens."""
        self._glance.message = message

    def _end_all(self, time_s: float) -> list[Command]:
        return [command for seat in self._seats.values() for command in seat.end_all(time_s)]

    def _answer(self, event: Event) -> list[Command]:
        match event:
            case Contact():
                return self._touch(event)
            case Lift() | Pedal() | Expression():
                return [*self._hand(event), Keep(event)]
            case Control():
                return self._control(event)
            case DeviceChange():
                return [*self._device(event), Keep(event)]
            case Gap():
                return [*self._end_all(event.start_s), Keep(event)]
            case Mark() | Choice() | SetupChange() | ConsentChange() | AudioOnset() | VoicePitch():
                return [Keep(event)]
            case Sounded() | Released() | ClockPair() | AudioEpoch() | BlockCount():
                return [Keep(event)]
            case NoteOn() | NoteOff() | Refused():
                # An engine's own verdicts, of an earlier run: kept, and not judged again.
                return [Keep(event)]

    def _hand(self, event: Lift | Pedal | Expression) -> list[Command]:
        seat = self._alive(event.seat, event.time_s)
        match event:
            case Lift() if seat:
                return seat.lift(event)
            case Pedal() if seat:
                return seat.pedal(event)
            case _:
                return []

    def _touch(self, contact: Contact) -> list[Command]:
        seat = self._alive(contact.seat, contact.time_s)
        if seat is None:
            return _refuse(contact, UNKNOWN_SEAT)
        if self.master.silent:
            return _refuse(contact, SILENT)
        match self._access.get(contact.seat, self._direct).judge(contact):
            case Refuse(reason):
                return _refuse(contact, reason)
            case Accept(accepted_s):
                started = seat.start(contact, accepted_s, self._palette_of(seat), self.master.key)
                return [*started[:1], Keep(contact), *started[1:]]

    def _palette_of(self, seat: SeatNow) -> Palette:
        return self._palettes[self.master.palette if seat.plan.is_guest else AS_PLAYED]

    def _control(self, control: Control) -> list[Command]:
        answers = self.master.obey(control, from_guest=self._is_guest(control.seat))
        commands = [command for answer in answers for command in self._follow(answer, control)]
        if control.action is Action.PANIC or self.master.stopped:
            commands += self._end_all(control.time_s)
        return [*commands, Keep(control)]

    def _follow(self, answer: Answer, control: Control) -> list[Command]:
        match answer:
            case Setting(name, value):
                return [Keep(SetupChange(control.time_s, None, name, value))]
            case Declined(reason):
                self.say(say(f"live.{reason}", value=control.value))
                return [Keep(SetupChange(control.time_s, control.seat, f"declined {control.action}", reason))]
            case sound:
                return [sound]

    def _device(self, change: DeviceChange) -> list[Command]:
        seat = self._seats.get(change.seat) if change.seat is not None else None
        return seat.end_all(change.time_s) if seat and not change.present else []

    def _alive(self, name: Seat, time_s: float) -> SeatNow | None:
        """The seat, with this sign of life noted."""
        seat = self._seats.get(name)
        if seat:
            seat.last_sign_s = max(seat.last_sign_s, time_s)
        return seat

    def _is_guest(self, name: Seat) -> bool:
        seat = self._seats.get(name)
        return seat.plan.is_guest if seat else name != THERAPIST

    def _seat_state(self, seat: SeatNow) -> SeatState:
        seen = self._glance.seats[seat.seat]
        return SeatState(
            seat=seat.seat,
            role=seat.plan.role,
            source=seen.source,
            alive=seen.alive,
            notes_held=len(seat.notes),
            notes_played=seen.notes_played,
            last_onset_s=seen.last_onset_s,
        )

    def _watch(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Keep):
                self._glance.see(command.event)


def _refuse(contact: Contact, reason: str) -> list[Command]:
    return [Keep(contact), Keep(Refused(contact.id, contact.time_s, reason))]
