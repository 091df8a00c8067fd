"""The instrument's sounds are equally loud, decay as such things do, and are there in no time."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from mtsession.audio.bank import Sound, SoundBank, Zone
from mtsession.audio.commands import ReleaseVoice, StartVoice
from mtsession.audio.mixer import Mixer
from mtsession.audio.recipes.matter import perceived_level_db
from mtsession.audio.sounds import PITCHED, SOUND_NAMES, is_percussion, load_bank
from mtsession.events import ContactId

RATE_HZ = 48_000

PHRASE = (60, 64, 67, 72, 69, 65, 62, 55)
PERCUSSION_PHRASES = {
    "drum kit": (36, 42, 38, 42, 36, 46, 38, 42),
    "frame drum": (36, 38, 36, 45, 38, 42, 36, 45),
    "shaker": (69, 70) * 4,
}


@pytest.fixture(scope="module")
def bank() -> SoundBank:
    return load_bank(RATE_HZ)


def samples_of(bank: SoundBank, zone: Zone) -> np.ndarray:
    return bank.samples[zone.first_sample : zone.first_sample + zone.n_frames]


def phrase_of(bank: SoundBank, name: str, velocity: int) -> np.ndarray:
    """Eight notes, two a second, through the mixer as it is at the start."""
    mixer = Mixer(bank, RATE_HZ)
    for i, pitch in enumerate(PERCUSSION_PHRASES.get(name, PHRASE)):
        begin = 4800 + i * RATE_HZ // 2
        mixer.push(StartVoice(ContactId(i + 1), 0, name, pitch, velocity, at_frame=begin))
        mixer.push(ReleaseVoice(ContactId(i + 1), at_frame=begin + 20_000))
    return mixer.render(5 * RATE_HZ)


def decay_60_s(samples: np.ndarray) -> float:
    """Time to fall by 60 dB, from the straight line through the fall from −5 to −25 dB (ISO 3382's T20)."""
    window = 1024
    levels_db = 10 * np.log10(np.convolve(samples**2, np.ones(window) / window, "same") + 1e-12)
    top = int(levels_db.argmax())
    falling = levels_db[top:] - levels_db[top]
    begin, end = int(np.argmax(falling < -5)), int(np.argmax(falling < -25))
    slope = np.polyfit(np.arange(begin, end), falling[begin:end], 1)[0]
    return float(-60 / slope / RATE_HZ)


def centroid_hz(samples: np.ndarray) -> float:
    """Of the first half second's power."""
    spectrum = np.abs(np.fft.rfft(samples[: RATE_HZ // 2])) ** 2
    return float((spectrum * np.fft.rfftfreq(min(len(samples), RATE_HZ // 2), 1 / RATE_HZ)).sum() / spectrum.sum())


def test_every_sound_that_is_named_is_there_and_only_those(bank: SoundBank) -> None:
    assert tuple(bank.sounds) == SOUND_NAMES
    assert {name for name, sound in bank.sounds.items() if sound.kit} == set(filter(is_percussion, SOUND_NAMES))


@pytest.mark.parametrize("velocity", [60, 100])
def test_the_sounds_are_equally_loud_within_one_and_a_half_lu(bank: SoundBank, velocity: int) -> None:
    meter = pyloudnorm.Meter(RATE_HZ)
    loudness = {
        name: meter.integrated_loudness(phrase_of(bank, name, velocity).astype(np.float64)) for name in SOUND_NAMES
    }
    assert max(loudness.values()) - min(loudness.values()) <= 1.5, loudness


def test_the_level_of_the_recipes_is_that_of_the_standard_s_meter() -> None:
    t = np.arange(2 * RATE_HZ) / RATE_HZ
    meter = pyloudnorm.Meter(RATE_HZ)
    for frequency_hz in (60.0, 400.0, 1000.0, 3000.0, 9000.0):
        tone = 0.1 * np.sin(2 * np.pi * frequency_hz * t)
        assert perceived_level_db(tone.astype(np.float32), RATE_HZ, 2.0) == pytest.approx(
            meter.integrated_loudness(tone), abs=0.3
        )


@pytest.mark.parametrize("name", SOUND_NAMES)
def test_no_zone_clicks_at_its_beginning_or_end_or_drifts(bank: SoundBank, name: str) -> None:
    for zone in bank.sounds[name].zones:
        samples = samples_of(bank, zone)
        peak = np.abs(samples).max()
        assert np.isfinite(samples).all()
        assert abs(samples.mean()) < 0.02 * peak
        if not zone.loop_frames:
            assert abs(samples[0]) < 0.1 * peak
            assert np.abs(samples[-20:]).max() < 0.002 * peak


@pytest.mark.parametrize("name", [name for name in PITCHED if name != "soft pad"])
def test_a_struck_or_plucked_note_begins_at_once(bank: SoundBank, name: str) -> None:
    """Heard, that is within 20 dB of its peak, within 5 ms; the pad swells by design."""
    for zone in bank.sounds[name].zones:
        samples = np.abs(samples_of(bank, zone))
        assert int(np.argmax(samples > 0.1 * samples.max())) / RATE_HZ < 0.005


@pytest.mark.parametrize(
    ("name", "pitch", "least_s", "most_s"),
    [
        ("felt piano", 40, 2.0, 12.0),
        ("felt piano", 60, 1.5, 9.0),
        ("felt piano", 100, 0.3, 2.5),
        ("marimba", 48, 1.0, 3.0),
        ("marimba", 84, 0.2, 0.9),
        ("kalimba", 60, 1.0, 4.0),
        ("harp", 40, 1.5, 7.0),
        ("harp", 88, 0.4, 2.5),
        ("singing bowl", 54, 8.0, 25.0),
    ],
)
def test_notes_decay_as_such_instruments_do(
    bank: SoundBank, name: str, pitch: int, least_s: float, most_s: float
) -> None:
    assert least_s <= decay_60_s(samples_of(bank, bank.sounds[name].zone(pitch, 100))) <= most_s


@pytest.mark.parametrize("name", ["felt piano", "marimba", "kalimba", "harp", "singing bowl", "soft pad"])
def test_a_harder_stroke_is_brighter(bank: SoundBank, name: str) -> None:
    sound = bank.sounds[name]
    for pitch in (48, 60, 72):
        soft, hard = (centroid_hz(samples_of(bank, sound.zone(pitch, velocity))) for velocity in (30, 127))
        assert hard > 1.03 * soft


@pytest.mark.parametrize("name", PITCHED)
def test_every_zone_has_the_pitch_that_it_says(bank: SoundBank, name: str) -> None:
    """The fundamental is found within 10 cents; below 40 Hz a second of sound does not show it."""
    for zone in bank.sounds[name].zones:
        f0_hz = 440 * 2 ** ((zone.root_pitch - 69) / 12)
        if f0_hz < 40 or zone.n_frames < RATE_HZ // 4:
            continue
        samples = samples_of(bank, zone)[:RATE_HZ]
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * RATE_HZ))
        near = slice(round(f0_hz * 8 * 0.97), round(f0_hz * 8 * 1.03) + 2)
        found_hz = (near.start + int(spectrum[near].argmax())) / 8
        assert abs(1200 * np.log2(found_hz / f0_hz)) < 10 + 1200 * np.log2(1 + 0.5 / f0_hz)


def test_the_kit_answers_every_number_and_unknown_ones_with_the_nearest_kind(bank: SoundBank) -> None:
    kit = bank.sounds["drum kit"]
    assert {kit.zone(number, 100).root_pitch for number in (35, 36)} == {36.0}
    assert kit.zone(26, 100).root_pitch == 46.0
    assert kit.zone(57, 100).root_pitch == 49.0
    assert all(isinstance(kit.zone(number, 1), Zone) for number in range(128))


def test_closed_open_and_pedal_hi_hat_stop_each_other(bank: SoundBank) -> None:
    kit: Sound = bank.sounds["drum kit"]
    assert len({kit.zone(number, 100).choke for number in (42, 44, 46, 22, 26)} - {0}) == 1
    assert kit.zone(38, 100).choke == 0


def test_a_cymbal_rings_longer_than_a_hat_and_a_kick_is_low(bank: SoundBank) -> None:
    kit = bank.sounds["drum kit"]
    kick, closed, opened, crash = (samples_of(bank, kit.zone(number, 100)) for number in (36, 42, 46, 49))
    assert len(closed) < len(opened) < len(crash)
    assert centroid_hz(kick) < 1500 < 4000 < centroid_hz(closed)


def test_the_bank_is_made_once_and_then_read_within_half_a_second(bank: SoundBank) -> None:
    began_s = time.process_time()
    again = load_bank(RATE_HZ)
    assert time.process_time() - began_s < 0.5
    assert np.array_equal(again.samples, bank.samples)
    assert again.sounds == bank.sounds


def test_a_damaged_cache_is_made_anew_and_an_older_one_goes(tmp_path: Path, bank: SoundBank) -> None:
    load_bank(RATE_HZ, tmp_path)
    (kept,) = tmp_path.glob("sounds-*.npz")
    kept.write_bytes(kept.read_bytes()[:1000])
    older = tmp_path / f"sounds-0123456789ab-{RATE_HZ}.npz"
    older.write_bytes(b"")
    assert np.allclose(load_bank(RATE_HZ, tmp_path).samples, bank.samples, atol=1e-5)
    assert not older.exists()
    assert kept.stat().st_size > 1000


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    no_folder = tmp_path / "a file"
    no_folder.write_text("", encoding="utf-8")
    assert tuple(load_bank(RATE_HZ, no_folder).sounds) == SOUND_NAMES
