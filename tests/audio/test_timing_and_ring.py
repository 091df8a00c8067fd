"""Frames find their times although callbacks are late; readers of the ring get what there is, aligned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mtsession.audio import kernel
from mtsession.audio.bank import SoundBank
from mtsession.audio.commands import StartVoice
from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Ring
from mtsession.audio.stream import OfflineStream
from mtsession.audio.timing import counter_at_frame
from mtsession.clock import ManualClock
from mtsession.events import ContactId

RATE_HZ = 48_000
BLOCK = 128
Counts = NDArray[np.int64]
BLOCK_NS = BLOCK / RATE_HZ * 1e9


def stamps(lateness_ns: np.ndarray, *, lost_before: int | None = None, lost_blocks: int = 0) -> tuple[Counts, Counts]:
    blocks = np.arange(len(lateness_ns))
    skipped = np.where(blocks >= lost_before, lost_blocks, 0) if lost_before is not None else 0
    return blocks * BLOCK, np.asarray(1e12 + (blocks + skipped) * BLOCK_NS + lateness_ns, np.int64)


def test_with_prompt_blocks_a_frame_has_its_exact_time() -> None:
    frames, counters = stamps(np.zeros(100))
    assert counter_at_frame(frames, counters, 1234, RATE_HZ) == pytest.approx(1e12 + 1234 / RATE_HZ * 1e9, abs=2)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(0, 199 * BLOCK))
def test_late_callbacks_do_not_move_the_times(seed: int, frame: int) -> None:
    random = np.random.default_rng(seed)
    lateness_ns = random.exponential(300_000, 200) + (random.random(200) < 0.1) * 5e6
    found_ns = counter_at_frame(*stamps(lateness_ns), frame, RATE_HZ)
    assert abs(found_ns - 1e12 - frame / RATE_HZ * 1e9) < 150_000


def test_after_lost_blocks_the_times_go_on_later_and_before_them_they_stay() -> None:
    frames, counters = stamps(np.zeros(200), lost_before=100, lost_blocks=5)
    before, after = (counter_at_frame(frames, counters, block * BLOCK, RATE_HZ) - 1e12 for block in (90, 110))
    assert before == pytest.approx(90 * BLOCK_NS, abs=2)
    assert after == pytest.approx(115 * BLOCK_NS, abs=2)


def test_a_frame_that_is_still_to_come_has_a_time_too() -> None:
    frames, counters = stamps(np.zeros(10))
    assert counter_at_frame(frames, counters, 480_000, RATE_HZ) == pytest.approx(1e12 + 10e9, abs=2)


def test_one_block_is_enough() -> None:
    frames, counters = stamps(np.zeros(1))
    assert counter_at_frame(frames, counters, 64, RATE_HZ) == pytest.approx(1e12 + BLOCK_NS / 2, abs=2)


def called_back(bank: SoundBank, counters_ns: Counts, late: int = 0) -> Ring:
    """A ring after a callback at each of these times."""
    mixer, ring = Mixer(bank, RATE_HZ), Ring(RATE_HZ)
    ring.facts["mixer_address"] = mixer.states.ctypes.data
    out, unheard = np.zeros((BLOCK, 2), np.float32), np.zeros((0, 0), np.float32)
    for counter_ns in counters_ns:
        kernel.python_block(ring.facts, mixer.states, unheard, out, counter_ns, late)
    return ring


def test_blocks_that_the_stream_has_skipped_are_counted_as_lost(bank: SoundBank) -> None:
    _, counters = stamps(np.zeros(400), lost_before=200, lost_blocks=7)
    assert called_back(bank, counters).facts["lost"][0] == 7


def test_late_callbacks_are_not_lost_blocks(bank: SoundBank) -> None:
    random = np.random.default_rng(5)
    lateness_ns = random.exponential(400_000, 2000) + (random.random(2000) < 0.2) * 4e6
    assert called_back(bank, stamps(lateness_ns)[1]).facts["lost"][0] == 0


def test_a_clock_that_drifts_a_little_loses_nothing(bank: SoundBank) -> None:
    drift_ns = np.arange(20_000) * BLOCK_NS * 1e-4
    assert called_back(bank, stamps(drift_ns)[1]).facts["lost"][0] == 0


def test_blocks_that_the_driver_calls_late_are_counted(bank: SoundBank) -> None:
    assert called_back(bank, stamps(np.zeros(5))[1], late=1).facts["late"][0] == 5


@pytest.fixture
def running(bank: SoundBank) -> tuple[OfflineStream, Ring, Mixer]:
    mixer, ring = Mixer(bank, RATE_HZ), Ring(RATE_HZ, seconds=0.5)
    stream = OfflineStream(mixer, ring, ManualClock(), block_frames=BLOCK)
    stream.start()
    return stream, ring, mixer


def test_the_ring_gives_what_was_sounded_from_a_frame_on(running: tuple[OfflineStream, Ring, Mixer]) -> None:
    stream, ring, mixer = running
    mixer.push(StartVoice(ContactId(1), 0, "constant", 60, 127))
    stream.run_until(0.1)
    frames = ring.read_since(0)
    (started,) = mixer.reports()
    assert int(np.flatnonzero(frames.output[:, 0])[0]) == started.frame
    assert len(frames) == stream.frames_done == frames.next_frame
    assert frames.lost == 0


def test_reading_on_gives_each_frame_once(running: tuple[OfflineStream, Ring, Mixer]) -> None:
    stream, ring, mixer = running
    mixer.push(StartVoice(ContactId(1), 0, "noise", 60, 127))
    pieces, at = [], 0
    for tenth in range(1, 8):
        stream.run_until(tenth / 10)
        read = ring.read_since(at)
        pieces.append(read.output)
        at = read.next_frame
    assert np.array_equal(np.concatenate(pieces)[-10_000:], ring.read_since(at - 10_000).output)


def test_a_reader_that_comes_too_late_is_told_what_it_has_lost(running: tuple[OfflineStream, Ring, Mixer]) -> None:
    stream, ring, _ = running
    stream.run_until(5.0)
    frames = ring.read_since(0)
    assert frames.lost == frames.first_frame > 0
    assert len(frames) >= 0.5 * RATE_HZ


def test_without_a_microphone_nothing_was_heard(running: tuple[OfflineStream, Ring, Mixer]) -> None:
    stream, ring, _ = running
    stream.run_until(0.2)
    assert ring.inputs == 0
    assert not ring.read_since(0).microphone.any()
