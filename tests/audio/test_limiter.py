"""Whatever is played, the true peak stays under −6 dBFS; below it, the sound is left exactly as it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from mtsession.audio.bank import SoundBank, Take, lay_bank
from mtsession.audio.commands import SetLevel, StartVoice
from mtsession.audio.mixer import Mixer
from mtsession.audio.sounds import load_bank
from mtsession.events import ContactId

RATE_HZ = 48_000
CEILING_DB = -6.0

RANDOM = np.random.default_rng(3)
T = np.arange(RATE_HZ) / RATE_HZ
HOSTILE: dict[str, NDArray[np.float64]] = {
    "white noise": RANDOM.uniform(-1, 1, RATE_HZ),
    "signs at random": RANDOM.choice([-1.0, 1.0], RATE_HZ),
    "clicks": (RANDOM.random(RATE_HZ) < 0.001) * RANDOM.choice([-1.0, 1.0], RATE_HZ),
    "square wave": np.sign(np.sin(2 * np.pi * 997 * T)),
    "peaks between the samples": np.sin(2 * np.pi * 12_000 * T + np.pi / 4),
    "near half the rate, in bursts": np.sin(2 * np.pi * 22_800 * T) * (np.sin(2 * np.pi * 9 * T) > 0),
    "bursts": np.sin(2 * np.pi * 3000 * T) * (np.sin(2 * np.pi * 7 * T) > 0),
    "low tone": np.sin(2 * np.pi * 40 * T),
}


def true_peak_db(out: NDArray[np.float32]) -> float:
    """Sixteenfold oversampled peak of both channels."""
    return max(
        float(20 * np.log10(np.abs(resample_poly(out[:, channel].astype(np.float64), 16, 1)).max() + 1e-12))
        for channel in range(2)
    )


def bank_of(samples: NDArray[np.float64]) -> SoundBank:
    return lay_bank({"it": (Take(samples.astype(np.float32), 60.0),)}, RATE_HZ, {})


def played(
    bank: SoundBank, *, seats: int, level_db: float, pan: float = 0.0, seconds: float = 1.1
) -> NDArray[np.float32]:
    mixer = Mixer(bank, RATE_HZ)
    mixer.push(SetLevel(level_db))
    mixer.render(RATE_HZ)
    for seat in range(seats):
        mixer.push(StartVoice(ContactId(seat + 1), seat, "it", 60, 127, pan=pan))
    return mixer.render(round(seconds * RATE_HZ))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("seats", [1, 16])
def test_the_true_peak_never_passes_the_ceiling(name: str, seats: int) -> None:
    assert true_peak_db(played(bank_of(HOSTILE[name]), seats=seats, level_db=0.0, pan=0.4)) <= CEILING_DB


def test_the_ceiling_is_used_not_wasted() -> None:
    assert true_peak_db(played(bank_of(HOSTILE["low tone"]), seats=16, level_db=0.0)) > CEILING_DB - 0.5


def test_what_is_under_the_ceiling_passes_unchanged() -> None:
    samples = 0.25 * HOSTILE["white noise"]
    out = played(bank_of(samples), seats=1, level_db=0.0)
    assert np.array_equal(out[48 : 48 + RATE_HZ, 0], samples.astype(np.float32))


def test_after_a_peak_the_gain_comes_all_the_way_back() -> None:
    loud_then_soft = np.concatenate((np.ones(480), np.full(2 * RATE_HZ, 0.25)))
    out = played(bank_of(loud_then_soft), seats=1, level_db=0.0, seconds=1.9)
    assert out[600, 0] < 0.2
    assert out[RATE_HZ // 2, 0] == pytest.approx(0.25, rel=0.01)
    assert out[-1, 0] == np.float32(0.25)


def test_the_gain_moves_without_a_click() -> None:
    tone_then_burst = 0.05 * np.sin(2 * np.pi * 100 * T)
    tone_then_burst[20_000:20_100] += 4.0 * np.hanning(100)
    out = played(bank_of(tone_then_burst), seats=1, level_db=0.0)[:, 0]
    after = out[20_200 : 20_200 + 4800]
    assert np.abs(np.diff(after, n=2)).max() < 0.05 * (2 * np.pi * 100 / RATE_HZ) ** 2 * 1.5 + 2e-4


TAPS_A_SECOND = 20
SEATS = 8


def test_eight_players_tapping_twenty_times_a_second_stay_under_the_ceiling() -> None:
    mixer = Mixer(load_bank(RATE_HZ), RATE_HZ)
    mixer.push(SetLevel(0.0))
    sounds: tuple[Callable[[int], tuple[str, int]], ...] = (
        lambda i: ("drum kit", (36, 38, 42, 49)[i % 4]),
        lambda i: ("felt piano", 36 + 7 * i % 60),
    )
    contacts = iter(range(1, 10_000))
    for tap in range(2 * TAPS_A_SECOND):
        for seat in range(SEATS):
            name, pitch = sounds[seat % 2](tap + seat)
            at_frame = 48 + tap * RATE_HZ // TAPS_A_SECOND
            mixer.push(StartVoice(ContactId(next(contacts)), seat, name, pitch, 127, at_frame=at_frame))
    out = mixer.render(2 * RATE_HZ)
    assert np.abs(out).max() > 0.4
    assert true_peak_db(out) <= CEILING_DB
