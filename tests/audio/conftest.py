"""A small bank that is quick to make: a constant, a tone, a held tone, noise, and a kit of two."""

from __future__ import annotations

import numpy as np
import pytest

from mtsession.audio.bank import SoundBank, Take, lay_bank

RATE_HZ = 48_000


def tone(frequency_hz: float, seconds: float, decay_s: float = np.inf) -> np.ndarray:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(np.cos(2 * np.pi * frequency_hz * t) * np.exp(-t / decay_s), np.float32)


@pytest.fixture(scope="session")
def bank() -> SoundBank:
    noise = np.random.default_rng(1).uniform(-1, 1, 2 * RATE_HZ).astype(np.float32)
    takes = {
        "constant": (Take(np.ones(4 * RATE_HZ, np.float32), 60.0, release_s=0.02),),
        "tone": (Take(tone(440.0, 4.0), 69.0, release_s=0.05),),
        "struck": (Take(tone(880.0, 2.0, 0.3), 81.0),),
        "held": (Take(tone(300.0, 0.5), 60.0, loop_frames=12_000, attack_s=0.01, release_s=0.02),),
        "noise": (Take(noise, 60.0),),
        "layers": (
            Take(np.full(4800, 0.25, np.float32), 60.0, top_velocity=60),
            Take(np.full(4800, 0.5, np.float32), 60.0, top_velocity=127),
        ),
        "hats": (
            Take(np.ones(RATE_HZ, np.float32), 42.0, choke=1),
            Take(np.ones(RATE_HZ, np.float32), 46.0, choke=1),
        ),
    }
    return lay_bank(takes, RATE_HZ, {"hats": {44: 42}})
