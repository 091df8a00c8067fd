"""What do two coupled players play on one pulse that changes its tempo?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from mtsession.simulate.performance import Hit, TempoPoint
from mtsession.simulate.phrases import CHORDS, SCALE, spread
from mtsession.simulate.timing import Timekeeper, Times, coupled_pulse, tempo_curve_s

TEMPO = ((0.0, 84.0), (0.4, 84.0), (0.7, 100.0), (1.0, 100.0))
"""(share of the beats, BPM): steady, then faster, then steady."""

CLIENT_KEEPER = Timekeeper(phase=0.30, period=0.05, keeper_sd_s=0.014, motor_sd_s=0.010)
THERAPIST_KEEPER = Timekeeper(phase=0.45, period=0.08, keeper_sd_s=0.008, motor_sd_s=0.005)

BAR = 4

ALONE = 4
"""The client begins alone with this many beats; the therapist joins."""

SHARE_LEFT_OUT, SHARE_OFFBEAT = 0.12, 0.22

MELODY = range(4, len(SCALE))


@dataclass(frozen=True, slots=True)
class Together:
    """The hits of both, the moment of the last beat, and the intended tempo at each beat."""

    client: tuple[Hit, ...]
    therapist: tuple[Hit, ...]
    last_s: float
    tempo: tuple[TempoPoint, ...]


def play_together(rng: Generator, start_s: float, room_s: float, ring_s: float) -> Together:
    """A pulse from `start_s` of as many whole bars as the room holds, and a last chord that rings for `ring_s`."""
    intended_s = _intended_s(room_s)
    client_s, therapist_s = coupled_pulse(rng, intended_s, CLIENT_KEEPER, THERAPIST_KEEPER)
    client_s, therapist_s = client_s + start_s, therapist_s + start_s
    points = zip(client_s[:-1].tolist(), (60.0 / intended_s).tolist(), strict=True)
    return Together(
        client=tuple(_melody(rng, client_s, ring_s)),
        therapist=tuple(_chords(rng, therapist_s, ring_s)),
        last_s=float(max(client_s[-1], therapist_s[-1])),
        tempo=tuple(TempoPoint(time_s, bpm) for time_s, bpm in points),
    )


def _intended_s(room_s: float) -> Times:
    bars = 2
    while np.sum(tempo_curve_s((bars + 1) * BAR, TEMPO)) <= room_s:
        bars += 1
    return tempo_curve_s(bars * BAR, TEMPO)


def _melody(rng: Generator, beats_s: Times, ring_s: float) -> list[Hit]:
    """A walk in the upper scale, some beats left out (never two running), some with a quaver after; then home."""
    hits, step, rested = [], MELODY[1], True
    for beat in range(len(beats_s) - 1):
        length_s = float(beats_s[beat + 1] - beats_s[beat])
        step = int(np.clip(step + rng.integers(-2, 3), MELODY[0], MELODY[-1]))
        rested = beat >= ALONE and not rested and rng.uniform() < SHARE_LEFT_OUT
        if rested:
            continue
        offbeat = beat >= ALONE and rng.uniform() < SHARE_OFFBEAT
        velocity = int(rng.normal(78 if beat % BAR == 0 else 68, 4))
        held_s = length_s * (0.45 if offbeat else 0.85)
        hits.append(Hit(float(beats_s[beat]), held_s, SCALE[step], velocity))
        if offbeat:
            after_s = float(beats_s[beat]) + length_s / 2 + rng.normal(0.0, 0.008)
            hits.append(Hit(after_s, length_s * 0.4, SCALE[min(step + 1, MELODY[-1])], velocity - 8))
    return [*hits, Hit(float(beats_s[-1]), ring_s, SCALE[5], 70)]


def _chords(rng: Generator, beats_s: Times, ring_s: float) -> list[Hit]:
    """A chord on the first beat of each bar, its upper notes singly between; at last the key chord."""
    hits: list[Hit] = []
    for beat in range(ALONE, len(beats_s) - 1):
        length_s = float(beats_s[beat + 1] - beats_s[beat])
        chord = CHORDS[(beat // BAR) % len(CHORDS)]
        swell = 6.0 * np.sin(2 * np.pi * beat / (4 * BAR))
        if beat % BAR == 0:
            hits += spread(rng, chord, float(beats_s[beat]), 1.8 * length_s, 62 + swell)
        else:
            pitch = chord[2] if beat % 2 == 0 else chord[1] + 12
            hits.append(Hit(float(beats_s[beat]), 0.8 * length_s, pitch, int(52 + swell)))
    return [*hits, *spread(rng, CHORDS[0], float(beats_s[-1]), ring_s, 60)]
