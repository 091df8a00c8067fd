"""What may be relied on of the sound: when it begins, how many sound, how loud, and that it never clicks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mtsession.audio import kernel
from mtsession.audio.bank import SoundBank
from mtsession.audio.commands import (
    FadeOut,
    ReleaseVoice,
    Resume,
    SetLevel,
    Silence,
    SoundCommand,
    StartVoice,
    VoiceReleased,
    VoiceStarted,
)
from mtsession.audio.layout import COMMAND_RING, REPORT_RING, VOICE_SLOTS
from mtsession.audio.mixer import Mixer, amplitude, velocity_gain
from mtsession.events import ContactId

RATE_HZ = 48_000
LEVEL = amplitude(-18.0)


def start(contact: int, sound: str = "constant", *, pitch: float = 60.0, seat: int = 0, **more: object) -> StartVoice:
    return StartVoice(ContactId(contact), seat, sound, pitch, 127, **more)  # type: ignore[arg-type]


def release(contact: int, **more: int) -> ReleaseVoice:
    return ReleaseVoice(ContactId(contact), **more)


def mixer_with(bank: SoundBank, *commands: SoundCommand) -> Mixer:
    mixer = Mixer(bank, RATE_HZ)
    for command in commands:
        mixer.push(command)
    return mixer


def steps_db(out: NDArray[np.float32]) -> float:
    """The largest jump between neighbouring samples, in dB re full scale."""
    return float(20 * np.log10(np.abs(np.diff(out, axis=0)).max() + 1e-12))


# when it begins and ends


def test_a_voice_is_reported_at_the_frame_at_which_its_first_sample_leaves(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1))
    out = np.concatenate([mixer.render(128), mixer.render(128)])
    (report,) = mixer.reports()
    assert isinstance(report, VoiceStarted)
    assert report.frame == int(np.flatnonzero(out[:, 0])[0])
    assert report.frame == mixer.lookahead_frames


def test_the_limiter_holds_the_sound_back_by_a_millisecond_at_most(bank: SoundBank) -> None:
    assert Mixer(bank, 48_000).lookahead_frames <= 48
    assert Mixer(bank, 44_100).lookahead_frames <= 44
    assert Mixer(bank, 96_000).lookahead_frames <= 96


@pytest.mark.parametrize("at_frame", [48, 300, 1000, 4801])
def test_a_timed_voice_leaves_at_its_very_frame(bank: SoundBank, at_frame: int) -> None:
    mixer = mixer_with(bank, start(1, at_frame=at_frame))
    out = mixer.render(6000)
    assert int(np.flatnonzero(out[:, 0])[0]) == at_frame
    assert mixer.reports() == [VoiceStarted(ContactId(1), at_frame)]


def test_a_voice_whose_frame_has_passed_begins_with_the_next_block(bank: SoundBank) -> None:
    mixer = Mixer(bank, RATE_HZ)
    mixer.render(1024)
    mixer.push(start(1, at_frame=10))
    mixer.render(128)
    assert mixer.reports() == [VoiceStarted(ContactId(1), 1024 + mixer.lookahead_frames)]


def test_a_release_is_reported_where_the_sound_begins_to_go(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1), release(1, at_frame=2000))
    out = mixer.render(20_000)[:, 0]
    assert mixer.reports()[-1] == VoiceReleased(ContactId(1), 2000)
    assert np.ptp(out[100:2000]) < 1e-6
    assert out[2100] < out[2000]
    assert not out[-1000:].any()


def test_a_sound_that_rings_out_is_not_released(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, "struck", pitch=81.0), release(1, at_frame=500))
    alone = mixer_with(bank, start(1, "struck", pitch=81.0))
    assert np.array_equal(mixer.render(4000), alone.render(4000))
    assert mixer.reports() == [VoiceStarted(ContactId(1), mixer.lookahead_frames)]


def test_a_release_that_comes_before_its_timed_start_still_ends_the_note(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, "held", at_frame=1000), release(1))
    mixer.render(48_000)
    assert [type(report) for report in mixer.reports()] == [VoiceStarted, VoiceReleased]
    assert mixer.voices_sounding == 0


def test_a_held_sound_goes_on_without_a_seam(bank: SoundBank) -> None:
    out = mixer_with(bank, start(1, "held")).render(3 * RATE_HZ)[2000:]
    assert np.abs(out[-2000:]).max() == pytest.approx(LEVEL, rel=0.01)
    assert steps_db(out) < 20 * np.log10(LEVEL * 2 * np.pi * 300 / RATE_HZ) + 0.5


def test_the_least_rise_time_is_kept(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, attack_s=0.008))
    out = mixer.render(2000)[:, 0]
    (begin,) = (report.frame for report in mixer.reports())
    full = int(np.flatnonzero(out >= 0.999 * LEVEL)[0])
    assert 0.008 * RATE_HZ <= full - begin <= 0.0095 * RATE_HZ
    assert np.all(np.diff(out[begin:full]) > 0)


def test_pitch_transposes_by_interpolation_with_little_distortion(bank: SoundBank) -> None:
    out = mixer_with(bank, start(1, "tone", pitch=69 + 7)).render(RATE_HZ)[2000:34_768, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(out * np.blackman(len(out)))) ** 2
    peak = int(spectrum.argmax())
    rest = spectrum.sum() - spectrum[peak - 4 : peak + 5].sum()
    assert peak * RATE_HZ / len(out) == pytest.approx(440 * 2 ** (7 / 12), abs=RATE_HZ / len(out))
    assert 10 * np.log10(spectrum.sum() / rest) > 70


def test_the_bank_may_have_another_rate_than_the_stream(bank: SoundBank) -> None:
    mixer = Mixer(bank, 44_100)
    mixer.push(start(1, "tone", pitch=69))
    out = mixer.render(44_100)[4410:]
    crossings = np.count_nonzero(np.diff(np.signbit(out[:, 0])))
    assert crossings == pytest.approx(2 * 440 * 0.9, abs=2)


# which samples


def test_a_stronger_stroke_takes_another_layer_and_is_louder(bank: SoundBank) -> None:
    soft, hard = (Mixer(bank, RATE_HZ) for _ in range(2))
    soft.push(StartVoice(ContactId(1), 0, "layers", 60, 60))
    hard.push(StartVoice(ContactId(1), 0, "layers", 60, 61))
    ratio = hard.render(1000)[500, 0] / soft.render(1000)[500, 0]
    assert ratio == pytest.approx(2 * velocity_gain(61) / velocity_gain(60), rel=1e-4)


def test_velocity_rises_steadily_and_the_softest_touch_is_heard() -> None:
    gains = [velocity_gain(velocity) for velocity in range(1, 128)]
    assert gains == sorted(gains)
    assert gains[-1] == 1.0
    assert 20 * np.log10(gains[0]) >= -36.001


def test_a_hit_of_the_same_choke_group_ends_the_one_before(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, "hats", pitch=46), start(2, "hats", pitch=44, at_frame=4800))
    out = mixer.render(9600)[:, 0]
    assert mixer.voices_sounding == 1
    assert out[9000] == pytest.approx(out[4000], rel=1e-3)


def test_panning_keeps_the_power(bank: SoundBank) -> None:
    for pan in (-1.0, -0.3, 0.0, 0.8):
        left, right = mixer_with(bank, start(1, pan=pan)).render(500)[400]
        assert left**2 + right**2 == pytest.approx(2 * LEVEL**2, rel=1e-4)
        assert (left > right) == (pan < 0) or pan == 0


# how many, how loud


def test_a_full_stroke_begins_eighteen_db_under_full_scale(bank: SoundBank) -> None:
    assert mixer_with(bank, start(1)).render(1000).max() == pytest.approx(amplitude(-18), rel=1e-4)


def test_each_further_voice_of_a_seat_lowers_it_by_one_and_a_half_db(bank: SoundBank) -> None:
    for voices in (2, 5, 12):
        mixer = mixer_with(bank, *(start(i + 1, gain_db=-20.0) for i in range(voices)))
        steady = mixer.render(RATE_HZ)[-1, 0]
        expected = voices * amplitude(-38.0 - 1.5 * (voices - 1))
        assert steady == pytest.approx(expected, rel=0.01)


def test_a_seat_does_not_lower_another(bank: SoundBank) -> None:
    together = mixer_with(bank, start(1, seat=0, gain_db=-6.0), start(2, seat=1, gain_db=-6.0)).render(RATE_HZ)[-1, 0]
    assert together == pytest.approx(2 * amplitude(-24.0), rel=1e-3)


def test_a_seat_sounds_twelve_voices_and_the_oldest_quietest_gives_way(bank: SoundBank) -> None:
    quiet = 5
    mixer = Mixer(bank, RATE_HZ)
    for contact in range(1, 13):
        mixer.push(start(contact, gain_db=-40.0 if contact in (quiet, 8) else -20.0))
        mixer.render(128)
    mixer.push(start(13, gain_db=-20.0))
    mixer.render(1280)
    assert mixer.voices_sounding == 12
    mixer.push(release(quiet))
    mixer.render(128)
    assert VoiceReleased not in {type(report) for report in mixer.reports()}
    mixer.push(release(8))
    mixer.render(128)
    assert VoiceReleased in {type(report) for report in mixer.reports()}


def test_ninety_six_voices_sound_in_all(bank: SoundBank) -> None:
    mixer = mixer_with(bank, *(start(i + 1, "held", seat=i % 16) for i in range(16 * 12)))
    for _ in range(20):
        mixer.render(128)
        assert mixer.voices_sounding <= 96
    assert mixer.voices_sounding == 96


def test_giving_way_does_not_click(bank: SoundBank) -> None:
    mixer = mixer_with(bank, *(start(i + 1, "tone", pitch=57, gain_db=-10.0) for i in range(12)))
    mixer.render(RATE_HZ)
    mixer.push(start(13, "tone", pitch=57, gain_db=-60.0))
    out = mixer.render(RATE_HZ // 4)
    twelve = 12 * amplitude(-28.0 - 16.5)
    assert steps_db(out) < 20 * np.log10(twelve * 2 * np.pi * 220 / RATE_HZ * 1.3)


def test_more_voices_in_an_instant_than_there_are_slots_do_not_break_it(bank: SoundBank) -> None:
    mixer = mixer_with(bank, *(start(i + 1, "held", seat=i % 16) for i in range(4 * VOICE_SLOTS)))
    assert np.isfinite(mixer.render(512)).all()
    assert mixer.voices_sounding == 96


def test_the_level_moves_without_a_step_and_never_above_full_scale(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, gain_db=-30.0))
    mixer.render(4800)
    mixer.push(SetLevel(20.0))
    out = mixer.render(RATE_HZ)
    assert mixer.level_db == 0.0
    assert out[-1, 0] == pytest.approx(amplitude(-30.0), rel=1e-3)
    assert steps_db(out) < -70


# fade, panic, resume


def test_a_fade_takes_two_seconds_and_stays_silent(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1))
    mixer.render(4800)
    mixer.push(FadeOut())
    out = np.abs(mixer.render(4 * RATE_HZ)[:, 0])
    last = np.flatnonzero(out)[-1] / RATE_HZ
    assert 1.9 <= last <= 2.1
    assert mixer.silent
    half = out[RATE_HZ] / LEVEL
    assert 0.1 < half < 0.5
    assert steps_db(out[:, np.newaxis]) < -60


def test_panic_silences_within_fifty_milliseconds_without_a_click(bank: SoundBank) -> None:
    mixer = mixer_with(bank, *(start(i + 1, seat=i % 16) for i in range(96)))
    mixer.render(RATE_HZ)
    mixer.push(Silence())
    out = mixer.render(RATE_HZ)
    assert not out[int(0.05 * RATE_HZ) - 128 :].any()
    assert steps_db(out) < -40
    assert mixer.voices_sounding == 0


def test_nothing_begins_until_somebody_resumes_and_nothing_old_comes_back(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1), Silence())
    mixer.render(4800)
    mixer.reports()
    mixer.push(start(2))
    assert not mixer.render(4800).any()
    assert mixer.reports() == []
    mixer.push(Resume())
    assert not mixer.render(RATE_HZ).any()
    mixer.push(start(3))
    assert mixer.render(4800)[-1, 0] == pytest.approx(LEVEL, rel=1e-3)
    assert not mixer.silent


def test_resuming_in_the_midst_of_a_fade_brings_the_sound_back_smoothly(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1), FadeOut())
    mixer.render(RATE_HZ)
    mixer.push(Resume())
    out = mixer.render(RATE_HZ)[:, :1]
    assert out[-1, 0] == pytest.approx(LEVEL, rel=1e-3)
    assert np.all(np.diff(out[100:, 0]) > -1e-6)


def test_a_panic_drops_what_was_timed_for_later(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, at_frame=9600))
    mixer.render(128)
    mixer.push(Silence())
    mixer.render(4800)
    mixer.push(Resume())
    assert not mixer.render(RATE_HZ).any()


# silence, counters, determinism


def test_the_machine_code_that_runs_was_made_from_the_sources_as_they_are(bank: SoundBank) -> None:
    mixer = mixer_with(bank)
    mixer.render(1)
    assert mixer.states["kernel_version"][0] == kernel.KERNEL_VERSION


def test_where_nothing_plays_the_output_is_exactly_nothing(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1), release(1, at_frame=500), start(2, "struck", pitch=81.0))
    mixer.render(3 * RATE_HZ)
    out = mixer.render(RATE_HZ)
    assert not out.any()
    mixer.render(3 * RATE_HZ)
    assert mixer.peak_db == -120.0


def test_no_sample_is_denormal(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1, "held"), release(1, at_frame=4800), FadeOut(1.0))
    out = np.abs(mixer.render(2 * RATE_HZ))
    assert not np.any((out > 0) & (out < np.finfo(np.float32).tiny))


def test_the_peak_is_seen_and_falls(bank: SoundBank) -> None:
    mixer = mixer_with(bank, start(1), release(1, at_frame=4800))
    mixer.render(4800)
    assert mixer.peak_db == pytest.approx(-18.0, abs=0.01)
    mixer.render(RATE_HZ)
    assert -40.0 < mixer.peak_db < -35.0


def test_commands_beyond_the_ring_are_counted_not_lost_in_silence(bank: SoundBank) -> None:
    mixer = mixer_with(bank, *(release(i) for i in range(COMMAND_RING + 3)))
    assert mixer.commands_dropped == 3


def test_reports_that_nobody_reads_do_not_stop_the_sound(bank: SoundBank) -> None:
    mixer = Mixer(bank, RATE_HZ)
    for contact in range(REPORT_RING + 10):
        mixer.push(start(contact, "struck", pitch=81.0))
        mixer.render(64)
    assert len(mixer.reports()) == REPORT_RING
    mixer.push(start(1))
    mixer.render(64)
    assert len(mixer.reports()) == 1


def test_an_unknown_sound_is_a_fault_of_the_program(bank: SoundBank) -> None:
    with pytest.raises(KeyError):
        Mixer(bank, RATE_HZ).push(start(1, "bagpipe"))


SOUNDS = st.sampled_from(["constant", "tone", "held", "struck", "noise", "layers"])
NOTES = st.builds(
    StartVoice,
    contact_id=st.integers(1, 40),
    seat_index=st.integers(0, 3),
    sound=SOUNDS,
    pitch=st.floats(30, 100),
    velocity=st.integers(1, 127),
    gain_db=st.floats(-30, 20),
    pan=st.floats(-1, 1),
    attack_s=st.sampled_from([0.0, 0.0003, 0.008, 0.05]),
    at_frame=st.integers(48, 6000),
)
RELEASES = st.builds(ReleaseVoice, contact_id=st.integers(1, 40), at_frame=st.integers(48, 6000))
CUTS = st.lists(st.integers(1, 700), min_size=1, max_size=40)


def rendered(bank: SoundBank, commands: Sequence[SoundCommand], cuts: Sequence[int]) -> tuple[bytes, list[object]]:
    mixer = mixer_with(bank, *commands)
    whole, sizes = [], cycle(cuts)
    while mixer.frame < 7000:
        whole.append(mixer.render(min(next(sizes), 7000 - mixer.frame)))
    return np.concatenate(whole).tobytes(), list(mixer.reports())


@settings(max_examples=40, deadline=None)
@given(st.lists(NOTES | RELEASES, max_size=60), CUTS, st.sampled_from([-18.0, 0.0]))
def test_the_sound_does_not_depend_on_how_the_stream_is_cut_into_blocks(
    bank: SoundBank, commands: list[SoundCommand], cuts: list[int], level_db: float
) -> None:
    commands = [SetLevel(level_db), *commands]
    assert rendered(bank, commands, cuts) == rendered(bank, commands, [7000])


def test_the_same_commands_give_the_same_samples(bank: SoundBank) -> None:
    random = np.random.default_rng(7)
    commands = [
        start(i, "tone", pitch=float(random.uniform(40, 90)), seat=i % 4, at_frame=int(random.integers(48, 40_000)))
        for i in range(150)
    ]
    first, second = (mixer_with(bank, *commands).render(RATE_HZ) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_render_told_the_reported_frames_is_equal_to_what_was_heard(bank: SoundBank) -> None:
    live, heard = Mixer(bank, RATE_HZ), []
    random = np.random.default_rng(8)
    notes = {}
    for i in range(1, 200):
        note = start(i, "tone", pitch=float(random.uniform(40, 90)), seat=i % 3)
        notes[i] = note
        live.push(note)
        if i > 5:
            live.push(release(i - 5))
        heard.append(live.render(int(random.integers(1, 3)) * 128))
    again = Mixer(bank, RATE_HZ)
    for report in live.reports():
        if isinstance(report, VoiceStarted):
            again.push(start(report.contact_id, "tone", pitch=notes[report.contact_id].pitch,
                             seat=report.contact_id % 3, at_frame=report.frame))  # fmt: skip
        else:
            again.push(release(report.contact_id, at_frame=report.frame))
    assert np.array_equal(np.concatenate(heard), again.render(live.frame))
