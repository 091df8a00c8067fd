"""What the sound engine can be told, and what it tells back: pure values that cross the audio callback's rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from mtsession.events import ContactId

NEXT_BLOCK = -1
"""For `at_frame`: start with the next block."""


@dataclass(frozen=True, slots=True)
class StartVoice:
    """Sound one note. `pitch` in MIDI semitones, fractions allowed; `seat_index` 0–15 (voice limits are a seat's).

    `pan` −1 (left) … 1; `attack_s` the least rise time; `at_frame` is a frame of the epoch, or `NEXT_BLOCK`.
    """

    contact_id: ContactId
    seat_index: int
    sound: str
    pitch: float
    velocity: int
    gain_db: float = 0.0
    pan: float = 0.0
    attack_s: float = 0.0
    at_frame: int = NEXT_BLOCK


@dataclass(frozen=True, slots=True)
class ReleaseVoice:
    """Let the note go: its release begins. Nothing happens to sounds that ring out by themselves."""

    contact_id: ContactId
    at_frame: int = NEXT_BLOCK


@dataclass(frozen=True, slots=True)
class FadeOut:
    """Bring everything to silence over `seconds`, and stay silent until `Resume`."""

    seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Silence:
    """Panic: silent within 50 ms, every voice dropped, silent until `Resume`."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Sound again after a fade or a panic, from silence over half a second."""


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Master level in dB re full scale before the limiter (start −18 dB; care rules, §4), ramped."""

    level_db: float


SoundCommand: TypeAlias = StartVoice | ReleaseVoice | FadeOut | Silence | Resume | SetLevel


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """The voice's first sample is at this frame of the epoch."""

    contact_id: ContactId
    frame: int


@dataclass(frozen=True, slots=True)
class VoiceReleased:
    """The voice's release began at this frame of the epoch."""

    contact_id: ContactId
    frame: int


SoundReport: TypeAlias = VoiceStarted | VoiceReleased
