"""Every stream keeps the same promises, offline or on a real JACK server, whoever calls the kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import jack as jack_client
import numpy as np
import pytest

from mtsession.audio.bank import SoundBank
from mtsession.audio.commands import ReleaseVoice, StartVoice, VoiceReleased, VoiceStarted
from mtsession.audio.devices import audio_devices
from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Ring
from mtsession.audio.stream import CallbackKind, OfflineStream, Stream, open_stream
from mtsession.clock import Clock, ManualClock, new_clock
from mtsession.errors import AudioDeviceError
from mtsession.events import ContactId

RATE_HZ = 48_000
BLOCK = 128


@dataclass(frozen=True)
class Jack:
    """A JACK server of the test's own, with a dummy driver: real streams without a sound card."""

    name: str
    process: subprocess.Popen[bytes]


def new_server(name: str) -> subprocess.Popen[bytes]:
    """A JACK server that answers; the environment must already name it."""
    command = ["jackd", "-n", name, "-r", "-d", "dummy", "-r", str(RATE_HZ), "-p", str(BLOCK)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: any(device.outputs for device in audio_devices()), "the JACK server")
    return server


def end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(timeout=10)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module")
def jack() -> Iterator[Jack]:
    if not shutil.which("jackd"):
        pytest.skip("jackd is not installed")
    import sounddevice

    name = f"mtsession-sound-{os.getpid()}"
    with environment(JACK_NO_AUDIO_RESERVATION="1", JACK_NO_START_SERVER="1", JACK_DEFAULT_SERVER=name):
        server = new_server(name)
        try:
            sounddevice._terminate()  # what was loaded before does not know of this server
            sounddevice._initialize()
            yield Jack(name, server)
            sounddevice._terminate()
        finally:
            end(server)
    sounddevice._initialize()


def wait_for(done: Callable[[], bool], what: str, limit_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > deadline_s:
            pytest.fail(f"waited {limit_s} s for {what}")
        time.sleep(0.01)


@dataclass
class Running:
    """A stream with all its parts, and a way to let time pass."""

    mixer: Mixer
    ring: Ring
    clock: Clock
    stream: Stream

    def go_on(self, seconds: float) -> None:
        if isinstance(self.stream, OfflineStream):
            self.stream.run_until(self.clock.now_s() + seconds)
            return
        until = self.stream.frames_done + seconds * RATE_HZ
        wait_for(lambda: self.stream.frames_done >= until, "blocks")


@pytest.fixture(
    params=[
        "offline",
        pytest.param("compiled", marks=pytest.mark.e2e),
        pytest.param("python", marks=pytest.mark.e2e),
    ]
)
def running(request: pytest.FixtureRequest, bank: SoundBank) -> Iterator[Running]:
    mixer, ring = Mixer(bank, RATE_HZ), Ring(RATE_HZ, seconds=4)
    kind: CallbackKind
    match request.param:
        case "offline":
            manual = ManualClock(12.5)
            made = Running(mixer, ring, manual, OfflineStream(mixer, ring, manual, block_frames=BLOCK))
        case kind:
            request.getfixturevalue("jack")
            clock = new_clock()
            made = Running(mixer, ring, clock, open_stream(mixer, ring, clock, callback=kind))
    made.stream.start()
    yield made
    made.stream.close()


def test_once_started_it_has_run_a_block_and_says_what_it_is(running: Running) -> None:
    facts = running.stream.epoch_facts
    assert running.stream.blocks >= 1
    assert (facts.sample_rate_hz, facts.block_frames) == (RATE_HZ, BLOCK)
    assert 0.0 <= facts.output_latency_s < 0.1
    assert facts.callback in ("offline", "compiled", "python")
    assert facts.device


def test_its_frames_are_its_blocks_and_what_is_late_or_lost_is_counted(running: Running) -> None:
    running.go_on(0.5)
    running.stream.close()
    assert running.stream.frames_done == running.stream.blocks * BLOCK
    assert running.stream.frames_done >= 0.5 * RATE_HZ
    assert 0 <= running.stream.late <= running.stream.blocks
    stamps = running.ring.facts["stamps"][0][: running.stream.blocks]
    missing_ns = np.ptp(stamps["counter_ns"]) - np.ptp(stamps["frame"]) * 1e9 / RATE_HZ
    assert 0 <= running.stream.lost <= missing_ns * RATE_HZ / BLOCK / 1e9 + 2


def test_its_frames_leave_evenly_on_the_session_clock(running: Running) -> None:
    running.go_on(0.5)
    times_s = [running.stream.time_of_frame_s(frame) for frame in range(0, RATE_HZ // 2, 480)]
    assert np.median(np.diff(times_s)) == pytest.approx(0.01, abs=0.0005)
    assert np.diff(times_s).min() > 0.005
    due_s = running.stream.time_of_frame_s(running.stream.frames_done)
    assert due_s == pytest.approx(running.clock.now_s(), abs=0.03)


def test_a_note_sounds_at_the_frame_and_time_that_are_reported(running: Running) -> None:
    running.go_on(0.2)
    pushed_s = running.clock.now_s()
    running.mixer.push(StartVoice(ContactId(7), 0, "constant", 60, 127))
    running.go_on(0.05)
    (report,) = running.mixer.reports()
    assert isinstance(report, VoiceStarted)
    assert report.contact_id == 7
    assert int(np.flatnonzero(running.ring.read_since(0).output[:, 0])[0]) == report.frame
    assert pushed_s <= running.stream.time_of_frame_s(report.frame) <= pushed_s + 0.05


def test_a_note_ends_at_the_frame_that_is_reported(running: Running) -> None:
    running.mixer.push(StartVoice(ContactId(1), 0, "constant", 60, 127))
    running.go_on(0.05)
    running.mixer.push(ReleaseVoice(ContactId(1)))
    running.go_on(0.3)
    released = running.mixer.reports()[-1]
    assert isinstance(released, VoiceReleased)
    output = running.ring.read_since(0).output[:, 0]
    assert output[released.frame] > 0.99 * output.max() > output[released.frame + 200]
    assert not output[-1000:].any()


def test_the_ring_holds_the_limited_output_and_a_microphone_s_silence(running: Running) -> None:
    running.go_on(0.1)
    frames = running.ring.read_since(0)
    assert len(frames) >= 0.1 * RATE_HZ
    assert frames.microphone.shape == (len(frames), 1)
    assert not frames.output.any()
    assert not frames.microphone.any()


def test_closing_twice_does_no_harm(running: Running) -> None:
    running.stream.close()
    running.stream.close()


def test_a_stream_wants_a_mixer_and_a_ring_of_its_own(running: Running) -> None:
    running.go_on(0.01)
    with pytest.raises(ValueError, match="of its own"):
        OfflineStream(running.mixer, Ring(RATE_HZ), ManualClock())


def test_the_offline_clock_goes_exactly_where_it_is_told(bank: SoundBank) -> None:
    clock = ManualClock()
    mixer = Mixer(bank, RATE_HZ)
    stream = OfflineStream(mixer, Ring(RATE_HZ), clock)
    stream.start()
    for time_s in (0.0001, 0.01, 0.01, 0.37):
        stream.run_until(time_s)
        assert clock.now_s() == pytest.approx(time_s, abs=1e-12)
        mixer.push(StartVoice(ContactId(1), 0, "constant", 60, 127))
        assert stream.time_of_frame_s(stream.frames_done) >= time_s


@pytest.mark.e2e
def test_a_real_duplex_stream_listens_and_says_how_late_it_is(jack: Jack, bank: SoundBank) -> None:
    mixer, ring = Mixer(bank, RATE_HZ), Ring(RATE_HZ)
    stream = open_stream(mixer, ring, new_clock(), device="system")
    stream.start()
    assert ring.inputs == 1
    assert stream.epoch_facts.device == "system"
    assert stream.epoch_facts.output_latency_s >= BLOCK / RATE_HZ
    stream.close()


@pytest.mark.e2e
def test_what_the_microphone_hears_is_kept_beside_what_sounded(jack: Jack, bank: SoundBank) -> None:
    """The stream's own output is led into its input: it hears itself some blocks later, sample for sample."""
    mixer, ring = Mixer(bank, RATE_HZ), Ring(RATE_HZ)
    stream = open_stream(mixer, ring, new_clock())
    stream.start()
    with closing(jack_client.Client("patch", servername=jack.name, no_start_server=True)) as patch:
        (microphone,) = patch.get_ports("PortAudio:in_")
        output, *_ = patch.get_ports("PortAudio:out_")
        patch.disconnect("system:capture_1", microphone)
        patch.connect(output, microphone)
        mixer.push(StartVoice(ContactId(1), 0, "noise", 60, 127))
        before = stream.blocks
        wait_for(lambda: stream.blocks > before + 100, "blocks")
        frames = ring.read_since(0)
        stream.close()
    heard, sounded = frames.microphone[:, 0], frames.output[:, 0]
    delay = int(np.flatnonzero(heard)[0]) - int(np.flatnonzero(sounded)[0])
    assert delay % BLOCK == 0
    assert 0 < delay <= 3 * BLOCK
    assert np.array_equal(heard[delay:], sounded[: len(sounded) - delay])


@pytest.mark.e2e
def test_a_wrong_rate_and_an_unknown_name_are_told_with_the_next_step(jack: Jack, bank: SoundBank) -> None:
    with pytest.raises(AudioDeviceError, match="44100 Hz"):
        open_stream(Mixer(bank, 44_100), Ring(44_100), new_clock())
    with pytest.raises(AudioDeviceError, match="There are: system"):
        open_stream(Mixer(bank, RATE_HZ), Ring(RATE_HZ), new_clock(), device="no such thing")


@pytest.mark.e2e
def test_the_compiled_callback_goes_on_while_python_holds_its_lock(jack: Jack, bank: SoundBank) -> None:
    """While the interpreter lock is held the Python callback cannot run; this one does."""
    mixer, ring = Mixer(bank, RATE_HZ), Ring(RATE_HZ)
    stream = open_stream(mixer, ring, new_clock())
    stream.start()
    before, began_s = stream.blocks, time.monotonic()
    sum(range(30_000_000))
    blocks, seconds = stream.blocks - before, time.monotonic() - began_s
    stream.close()
    assert seconds > 0.1
    assert blocks >= 0.5 * seconds * RATE_HZ / BLOCK


@pytest.mark.e2e
def test_a_server_that_dies_is_seen_by_the_counter_and_closing_does_not_hang(jack: Jack) -> None:
    """In a process of its own: nothing can be mended there afterwards."""
    child = [sys.executable, str(Path(__file__).with_name("outlive_a_server.py"))]
    name = f"{jack.name}-dying"
    with environment(JACK_DEFAULT_SERVER=name, PYTHONPATH=os.pathsep.join(sys.path)), ExitStack() as last:
        server = new_server(name)
        last.callback(lambda: end(new_server(name)))  # JACK counts a killed server until its name ends in order
        last.callback(server.wait)
        last.callback(server.kill)
        stream = subprocess.Popen(child, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        last.callback(stream.kill)
        assert stream.stdout
        assert stream.stdout.readline() == "running\n"
        server.kill()
        server.wait()
        told, _ = stream.communicate("killed\n", timeout=30)
    assert told.split() == ["still", "closed"]
    assert stream.returncode == 0


@pytest.mark.e2e
def test_without_a_server_the_devices_are_none_and_opening_says_so(jack: Jack) -> None:
    program = (
        "from mtsession.audio.routes import choose_route\n"
        "from mtsession.audio.devices import audio_devices\n"
        "try:\n    choose_route([d for d in audio_devices() if 'JACK' in d.host_api], None)\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    nowhere = os.environ | {"JACK_DEFAULT_SERVER": "no-such-server", "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=nowhere, timeout=60)
    assert told.stdout.startswith("AudioDeviceError no audio output was found")
