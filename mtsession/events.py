"""What happens in a session, one value an event. Times are seconds on the session clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, TypeAlias

Seat = NewType("Seat", str)
"""A player's place: "client", "therapist", "client-2". Never a person's name."""

ContactId = NewType("ContactId", int)
"""Numbers every touch of a session, over all seats and inputs, also the refused ones. Counts from 1."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A finger, stick, switch or gaze arrived: also the ones that an access filter will refuse.

    `source` names the input ("midi:LPK25 ch 1", "pads", "simulated"), `number` the key, pad or switch on it
    (0–127 for MIDI), `velocity` 1–127. `percussion` is true for inputs that say they are drums (MIDI channel 10).
    """

    id: ContactId
    time_s: float
    seat: Seat
    source: str
    number: int
    velocity: int
    percussion: bool = False


@dataclass(frozen=True, slots=True)
class Lift:
    """The contact left the key, pad or switch."""

    contact_id: ContactId
    time_s: float
    seat: Seat


@dataclass(frozen=True, slots=True)
class Refused:
    """A contact that was not let through to sound, and which rule held it back."""

    contact_id: ContactId
    time_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A contact was accepted as a note. `pitch` 0–127, `velocity` 1–127, `sound` names what it sounds with."""

    contact_id: ContactId
    accepted_s: float
    seat: Seat
    pitch: int
    velocity: int
    sound: str
    percussion: bool = False


@dataclass(frozen=True, slots=True)
class NoteOff:
    """The note of this contact was let go (after the pedal, where one is down)."""

    contact_id: ContactId
    time_s: float
    seat: Seat
    pitch: int


@dataclass(frozen=True, slots=True)
class Sounded:
    """The note's first sample left: reported by the audio callback, with its frame in audio epoch `epoch`."""

    contact_id: ContactId
    time_s: float
    epoch: int
    frame: int


@dataclass(frozen=True, slots=True)
class Released:
    """The note's release began at this frame: with `Sounded` it makes an offline render equal to what was heard."""

    contact_id: ContactId
    time_s: float
    epoch: int
    frame: int


@dataclass(frozen=True, slots=True)
class Pedal:
    """Sustain pedal: down at 64 and above (MIDI 1.0, controller 64)."""

    time_s: float
    seat: Seat
    value: int


@dataclass(frozen=True, slots=True)
class Expression:
    """A continuous controller: "cc 1", "pitch bend", "pressure", "key pressure 60"; value 0–1 (bend −1…1)."""

    time_s: float
    seat: Seat
    kind: str
    value: float


class Pass(StrEnum):
    """Which listening found an onset: the live one, or the refined one after the session."""

    LIVE = "live"
    REFINED = "refined"


@dataclass(frozen=True, slots=True)
class AudioOnset:
    """A hit or note heard by a microphone. `strength` 0–1; `doubtful` when it cannot be told whose it was."""

    time_s: float
    seat: Seat
    strength: float
    listening: Pass
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class VoicePitch:
    """Singing: fundamental frequency, confidence 0–1."""

    time_s: float
    seat: Seat
    f0_hz: float
    confidence: float


class Action(StrEnum):
    """What the therapist (or the client's *finished* and *quieter* pads) can do to the sound."""

    FADE = "fade"
    PANIC = "panic"
    RESUME = "resume"
    LEVEL = "level"
    PALETTE = "palette"
    KEY = "key"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Control:
    """Something done to the whole instrument; `value` as text: a level in dB, a palette's name, a key's name."""

    time_s: float
    seat: Seat
    action: Action
    value: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client chose with a pad of their own: "again", "finished", "quieter", a symbol."""

    time_s: float
    seat: Seat
    choice: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The therapist marked a moment: the stretch from `start_s` to `time_s` ("the last 10 seconds")."""

    time_s: float
    seat: Seat
    start_s: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class SetupChange:
    """A setting changed (an assist, an access filter, a latency); `seat` None is the whole instrument."""

    time_s: float
    seat: Seat | None
    setting: str
    value: str


class ConsentTo(StrEnum):
    """What may be consented to, each apart (care rules, governance)."""

    PLAY = "play"
    LOG = "log"
    AUDIO = "audio"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """Consent given or withdrawn, by or for the seat."""

    time_s: float
    seat: Seat | None
    consent: ConsentTo
    given: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing was captured between these times, and why ("engine restarted", "machine slept")."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """An input or output came or went in mid-session."""

    time_s: float
    seat: Seat | None
    device: str
    present: bool


@dataclass(frozen=True, slots=True)
class ClockPair:
    """Session clock and wall clock read together; joins segments after the machine slept."""

    time_s: float
    wall_ns: int


@dataclass(frozen=True, slots=True)
class AudioEpoch:
    """An audio stream began: frame 0 left at `time_s`. A session has one an engine start.

    `device` as its driver names it, or "offline"; `output_latency_s` as reported or measured.
    """

    epoch: int
    time_s: float
    device: str
    sample_rate_hz: int
    block_frames: int
    output_latency_s: float
    input_latency_s: float
    callback: str


@dataclass(frozen=True, slots=True)
class BlockCount:
    """How many audio blocks ran since the epoch began, how many were late, how many lost."""

    time_s: float
    epoch: int
    blocks: int
    late: int
    lost: int


Event: TypeAlias = (
    Contact
    | Lift
    | Refused
    | NoteOn
    | NoteOff
    | Sounded
    | Released
    | Pedal
    | Expression
    | AudioOnset
    | VoicePitch
    | Control
    | Choice
    | Mark
    | SetupChange
    | ConsentChange
    | Gap
    | DeviceChange
    | ClockPair
    | AudioEpoch
    | BlockCount
)
