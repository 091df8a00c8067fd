"""Which recorded or synthesised samples does a note sound with? One block of samples, cut into zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.audio.layout import PROFILE_BITS

LEAD_IN = 1
LEAD_OUT = 3
"""Samples around a zone that the four-point interpolation may read."""

PROFILE_WINDOW_S = 0.02


@dataclass(frozen=True, slots=True)
class Zone:
    """One recording of a sound: at this pitch, for strokes up to this strength.

    `root_pitch` in MIDI semitones at the bank's sample rate; `top_velocity` the hardest stroke it serves;
    `loop_frames` 0 for a sound that ends by itself, else the length of the loop that ends where the zone ends.
    `release_s` is the time constant of the release, 0 for sounds that ring out; `attack_s` the least rise time.
    `choke` above 0 names a group of which a player hears one at a time: open and closed hi-hat.
    """

    root_pitch: float
    top_velocity: int
    first_sample: int
    n_frames: int
    profile_start: int
    loop_frames: int = 0
    attack_s: float = 0.0
    release_s: float = 0.0
    choke: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """One instrument: its zones, by root pitch and then by strength.

    In a kit every number has its own instrument: zones are never transposed, `aliases` send a number without
    zones to the nearest kind.
    """

    name: str
    zones: tuple[Zone, ...]
    kit: bool = False
    aliases: Mapping[int, int] | None = None

    def zone(self, pitch: float, velocity: int) -> Zone:
        """The nearest zone in pitch that serves a stroke of this strength."""
        wanted = self.aliases.get(round(pitch), round(pitch)) if self.aliases else pitch
        root = min((zone.root_pitch for zone in self.zones), key=lambda root: (abs(root - wanted), root))
        layers = [zone for zone in self.zones if zone.root_pitch == root]
        return next((zone for zone in layers if velocity <= zone.top_velocity), layers[-1])


@dataclass(frozen=True, slots=True)
class SoundBank:
    """All sounds: `samples` float32 (n,) mono, `profile` float32 (m,) the loudness along each zone."""

    sample_rate_hz: float
    samples: NDArray[np.float32]
    profile: NDArray[np.float32]
    sounds: Mapping[str, Sound]


@dataclass(frozen=True, slots=True)
class Take:
    """One zone before it is laid into a bank: its samples float32 (n,), and the zone's other facts."""

    samples: NDArray[np.float32]
    root_pitch: float
    top_velocity: int = 127
    loop_frames: int = 0
    attack_s: float = 0.0
    release_s: float = 0.0
    choke: int = 0


def loudness_profile(samples: NDArray[np.float32], sample_rate_hz: float) -> NDArray[np.float32]:
    """Root mean square over 20 ms, one value each 1,024 samples and one beyond the end."""
    window = int(PROFILE_WINDOW_S * sample_rate_hz)
    energy = np.concatenate(([0.0], np.cumsum(samples.astype(np.float64) ** 2)))
    starts = np.arange(0, len(samples) + (1 << PROFILE_BITS), 1 << PROFILE_BITS)
    first, last = np.minimum(starts, len(samples)), np.minimum(starts + window, len(samples))
    profile: NDArray[np.float64] = np.sqrt(np.maximum(0.0, energy[last] - energy[first]) / window)
    return profile.astype(np.float32)


def padded(take: Take) -> NDArray[np.float32]:
    """The take's samples with what the interpolation reads around them: silence, or the loop's other end."""
    samples = take.samples
    loop_start = len(samples) - take.loop_frames
    after = samples[loop_start : loop_start + LEAD_OUT] if take.loop_frames else np.zeros(LEAD_OUT, np.float32)
    before = samples[-LEAD_IN:] if take.loop_frames == len(samples) else np.zeros(LEAD_IN, np.float32)
    return np.concatenate((before, samples, after))


def lay_bank(
    takes: Mapping[str, tuple[Take, ...]], sample_rate_hz: float, kits: Mapping[str, Mapping[int, int]]
) -> SoundBank:
    """Lay takes end to end in one block. `kits` names the sounds that are kits, with their aliases."""
    blocks: list[NDArray[np.float32]] = []
    profiles: list[NDArray[np.float32]] = []
    sounds = {}
    place = profile_place = 0
    for name, sound_takes in takes.items():
        zones = []
        for take in sorted(sound_takes, key=lambda take: (take.root_pitch, take.top_velocity)):
            blocks.append(padded(take))
            profiles.append(loudness_profile(take.samples, sample_rate_hz))
            zones.append(_zone(take, place + LEAD_IN, profile_place))
            place += len(blocks[-1])
            profile_place += len(profiles[-1])
        sounds[name] = Sound(name, tuple(zones), name in kits, kits.get(name))
    return SoundBank(sample_rate_hz, np.concatenate(blocks), np.concatenate(profiles), sounds)


def _zone(take: Take, first_sample: int, profile_start: int) -> Zone:
    return Zone(
        root_pitch=take.root_pitch,
        top_velocity=take.top_velocity,
        first_sample=first_sample,
        n_frames=len(take.samples),
        profile_start=profile_start,
        loop_frames=take.loop_frames,
        attack_s=take.attack_s,
        release_s=take.release_s,
        choke=take.choke,
    )
