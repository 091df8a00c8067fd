"""What do the players' notes sound like together, safely? Commands in, limited sound and reports out."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mtsession.audio import kernel, limiter, master
from mtsession.audio.bank import SoundBank, Zone
from mtsession.audio.commands import (
    FadeOut,
    ReleaseVoice,
    Resume,
    SetLevel,
    Silence,
    SoundCommand,
    SoundReport,
    StartVoice,
    VoiceReleased,
    VoiceStarted,
)
from mtsession.audio.layout import (
    COMMAND,
    FADE,
    LEVEL,
    RELEASE,
    REPORT_RING,
    RESUME,
    SILENCE,
    START,
    STATE,
)

SOFTEST_DB = -36.0
VELOCITY_DB_PER_DECADE = 28.0
"""Between the linear 20 and the 40 of the DLS curve: a light touch is still heard."""
NO_PEAK_DB = -120.0


def velocity_gain(velocity: int) -> float:
    """Amplitude of a stroke: 1 at 127, 28 dB per decade, never under −36 dB."""
    decibels = VELOCITY_DB_PER_DECADE * math.log10(max(1, velocity) / 127)
    return amplitude(max(SOFTEST_DB, decibels))


def amplitude(decibels: float) -> float:
    """DB as amplitude."""
    return float(10 ** (decibels / 20))


def pan_gains(pan: float) -> tuple[float, float]:
    """Left and right amplitude of equal power, 1 and 1 in the middle; `pan` −1 … 1."""
    angle = (pan + 1) * math.pi / 4
    return math.sqrt(2) * math.cos(angle), math.sqrt(2) * math.sin(angle)


class Mixer:
    """All voices and the way out, in one block of memory that the audio callback shares.

    One thread pushes and one thread reads reports; the callback, or `render`, runs between them without a lock.
    """

    def __init__(self, bank: SoundBank, sample_rate_hz: float) -> None:
        self.bank = bank
        self.sample_rate_hz = sample_rate_hz
        self.commands_dropped = 0
        self.states = np.zeros(1, STATE)
        self._command = np.zeros(1, COMMAND)
        state = self.states[0]
        state["sample_rate_hz"] = sample_rate_hz
        state["samples_address"] = bank.samples.ctypes.data
        state["profile_address"] = bank.profile.ctypes.data
        state["seat_gain"] = state["seat_gain_to"] = 1.0
        master.set_up(state["master"])
        limiter.set_up(state["limiter"], sample_rate_hz)

    def push(self, command: SoundCommand) -> None:
        """Tell the mixer something; it is obeyed in the block that begins next, or at its own frame.

        Raises KeyError for a sound that the bank has not. A command that finds the ring full is counted in
        `commands_dropped`.
        """
        row = self._command[0]
        match command:
            case StartVoice():
                self._write_start(command)
            case ReleaseVoice():
                row["kind"], row["contact_id"], row["at_frame"] = RELEASE, command.contact_id, command.at_frame
            case FadeOut():
                self._write_plain(FADE, command.seconds)
            case Silence():
                self._write_plain(SILENCE, 0.0)
            case Resume():
                self._write_plain(RESUME, 0.0)
            case SetLevel():
                self._write_plain(LEVEL, command.level_db)
        if not kernel.push(self.states, self._command):
            self.commands_dropped += 1

    def reports(self) -> list[SoundReport]:
        """What has happened since the last call."""
        state = self.states[0]
        head, tail = int(state["report_head"]), int(state["report_tail"])
        told = [_report(state["reports"][place % REPORT_RING]) for place in range(head, tail)]
        state["report_head"] = tail
        return told

    def render(self, n_frames: int) -> NDArray[np.float32]:
        """The next frames of the limited output, float32 (n, 2): what the callback does in a block of that size."""
        out = np.empty((n_frames, 2), np.float32)
        kernel.render(self.states, out)
        return out

    @property
    def frame(self) -> int:
        """The frame that is rendered next."""
        return int(self.states["frame"][0])

    @property
    def lookahead_frames(self) -> int:
        """How long the limiter holds the sound back."""
        return int(self.states["limiter"]["lookahead"][0])

    @property
    def peak_db(self) -> float:
        """The output's peak now, falling by 20 dB a second; −120 where there is none."""
        peak = float(self.states["master"]["peak"][0])
        return max(NO_PEAK_DB, 20 * math.log10(peak)) if peak > 0 else NO_PEAK_DB

    @property
    def level_db(self) -> float:
        """The level that the master has or is moving to."""
        return float(self.states["master"]["level_target_db"][0])

    @property
    def silent(self) -> bool:
        """Whether a fade or a panic was asked for and nobody has resumed."""
        return float(self.states["master"]["gate_to"][0]) == 0.0

    @property
    def voices_sounding(self) -> int:
        """Voices that sound and have not given way, as counted at the last tick."""
        return int(self.states["n_sounding"][0])

    def _write_plain(self, kind: int, value: float) -> None:
        row = self._command[0]
        row["kind"], row["value"], row["at_frame"] = kind, value, -1

    def _write_start(self, start: StartVoice) -> None:
        zone = self.bank.sounds[start.sound].zone(start.pitch, start.velocity)
        row = self._command[0]
        row["kind"], row["at_frame"], row["contact_id"] = START, start.at_frame, start.contact_id
        row["seat"], row["choke"] = start.seat_index, zone.choke
        row["first_sample"], row["profile_start"] = zone.first_sample, zone.profile_start
        row["end"], row["loop_length"] = zone.n_frames << 32, zone.loop_frames << 32
        row["step"] = self._step(start, zone)
        row["attack_frames"] = max(start.attack_s, zone.attack_s) * self.sample_rate_hz
        row["release_frames"] = zone.release_s * self.sample_rate_hz
        row["gain"] = velocity_gain(start.velocity) * amplitude(start.gain_db)
        row["left"], row["right"] = pan_gains(start.pan)

    def _step(self, start: StartVoice, zone: Zone) -> int:
        semitones = 0.0 if self.bank.sounds[start.sound].kit else start.pitch - zone.root_pitch
        return round(2 ** (32 + semitones / 12) * self.bank.sample_rate_hz / self.sample_rate_hz)


def _report(row: np.void) -> SoundReport:
    kind = VoiceStarted if row["kind"] == START else VoiceReleased
    return kind(contact_id=row["contact_id"].item(), frame=row["frame"].item())
