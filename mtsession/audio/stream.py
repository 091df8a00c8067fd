"""How does the sound get out of the machine and into it, block by block, and when did each frame leave?"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

import numpy as np

from mtsession.audio import kernel
from mtsession.audio.driver import Block, CompiledCallback, OpenStream, PythonCallback, load_driver
from mtsession.audio.intrinsics import counter_is_compilable
from mtsession.audio.layout import STAMPS
from mtsession.audio.mixer import Mixer
from mtsession.audio.ring import Ring
from mtsession.audio.routes import Route, choose_route
from mtsession.audio.timing import counter_at_frame
from mtsession.clock import ManualClock, SessionClock
from mtsession.errors import AudioDeviceError
from mtsession.wording import say

BLOCK_FRAMES = 128
FIRST_BLOCK_S = 3.0
"""A device that has not asked for a block by then will not."""
STANDSTILL_S = 0.25
"""A callback that has not come for so long will not come again."""
CLOSE_S = 1.0
"""Closing that takes longer meets a server that has just died."""
PLAUSIBLE_LATENCY_S = 1.0

CallbackKind: TypeAlias = Literal["compiled", "python"]


@dataclass(frozen=True, slots=True)
class EpochFacts:
    """What a stream turned out to be. Latencies as the driver tells them; `input_latency_s` 0 without an input."""

    device: str
    sample_rate_hz: int
    block_frames: int
    output_latency_s: float
    input_latency_s: float
    callback: str


class Stream(Protocol):
    """A running output (and input), real or offline.

    `blocks`, `late` and `lost` count since the start; `frames_done` is the frame that comes next.
    """

    def start(self) -> None: ...

    def close(self) -> None: ...

    @property
    def epoch_facts(self) -> EpochFacts: ...

    @property
    def blocks(self) -> int: ...

    @property
    def late(self) -> int: ...

    @property
    def lost(self) -> int: ...

    @property
    def frames_done(self) -> int: ...

    def time_of_frame_s(self, frame: int) -> float:
        """Session time at which this frame of the epoch leaves the output."""
        ...


class _Counted:
    """What the callback has counted, and the stamps it has left."""

    def __init__(self, mixer: Mixer, ring: Ring) -> None:
        if mixer.frame or ring.frames:
            raise ValueError("a stream needs a mixer and a ring of its own, at frame 0")
        self.mixer = mixer
        self.ring = ring
        ring.facts["mixer_address"] = mixer.states.ctypes.data

    @property
    def blocks(self) -> int:
        return int(self.ring.facts["blocks"][0])

    @property
    def late(self) -> int:
        return int(self.ring.facts["late"][0])

    @property
    def lost(self) -> int:
        return int(self.ring.facts["lost"][0])

    @property
    def frames_done(self) -> int:
        return self.ring.frames

    @property
    def block_frames(self) -> int:
        """Length of the last block."""
        return int(self.ring.facts["block_frames"][0])

    def counter_at(self, frame: int) -> float:
        """The counter, in ns, at which a frame was asked for; the stream must have begun."""
        blocks = self.blocks
        places = np.arange(max(0, blocks - STAMPS // 2), blocks) % STAMPS
        stamps = self.ring.facts["stamps"][0][places]
        return counter_at_frame(stamps["frame"], stamps["counter_ns"], frame, self.mixer.sample_rate_hz)


class DeviceStream(_Counted):
    """A PortAudio stream: duplex where there is an input, else output only. Made by `open_stream`."""

    def __init__(self, mixer: Mixer, ring: Ring, clock: SessionClock, callback: CallbackKind) -> None:
        super().__init__(mixer, ring)
        self.callback: CallbackKind = callback if counter_is_compilable() else "python"
        self._clock = clock
        self._driver = load_driver()
        self._closed = False

    def open(self, wanted: str | None, block_frames: int) -> None:
        """Open the wanted or usual device: duplex, or output only where its input cannot be opened."""
        route = choose_route(self._driver.devices(), wanted)
        self._name = route.name
        try:
            self._stream = self._opened(route, block_frames)
        except AudioDeviceError:
            if route.input_index is None:
                raise
            self._stream = self._opened(replace(route, input_index=None), block_frames)

    def start(self) -> None:
        """Start, and wait until the first block has run. Raises AudioDeviceError where none does."""
        self._driver.start(self._stream, self._name, self.mixer.sample_rate_hz)
        deadline_s = time.monotonic() + FIRST_BLOCK_S
        while self.blocks == 0:
            if time.monotonic() > deadline_s:
                raise AudioDeviceError(say("audio.no_block", device=self._name), say("audio.no_block_next"))
            time.sleep(0.002)

    def close(self) -> None:
        """Stop and close; once is enough.

        A stream whose callback stands still is left behind with all it refers to: its server is dead, and closing
        it would wait for ever or abort the process.
        """
        if self._closed:
            return
        self._closed = True
        if self.blocks and not self._goes_on():
            self._leave_behind()
            return
        closing = threading.Thread(target=self._driver.close, args=(self._stream,), name="close audio", daemon=True)
        closing.start()
        closing.join(CLOSE_S)
        if closing.is_alive():
            self._leave_behind()

    @property
    def epoch_facts(self) -> EpochFacts:
        """What the stream turned out to be, once it has started."""
        return EpochFacts(
            device=self._name,
            sample_rate_hz=round(self._stream.samplerate),
            block_frames=self.block_frames,
            output_latency_s=self._output_latency_s,
            input_latency_s=self._latencies_s[0],
            callback=self.callback,
        )

    def time_of_frame_s(self, frame: int) -> float:
        """Session time at which this frame leaves the output: block stamps, minimum filter, output latency."""
        return self._clock.at_s(round(self.counter_at(frame))) + self._output_latency_s

    @property
    def _latencies_s(self) -> tuple[float, float]:
        latency = self._stream.latency
        return latency if isinstance(latency, tuple) else (0.0, latency)

    @property
    def _output_latency_s(self) -> float:
        """As reported; where that makes no sense (macOS reports none) at least the block that is being filled."""
        block_s = self.block_frames / self.mixer.sample_rate_hz
        return min(PLAUSIBLE_LATENCY_S, max(block_s, self._latencies_s[1]))

    def _goes_on(self) -> bool:
        before, deadline_s = self.blocks, time.monotonic() + STANDSTILL_S
        while self.blocks == before and time.monotonic() < deadline_s:
            time.sleep(0.002)
        return self.blocks != before

    def _leave_behind(self) -> None:
        _LEFT_BEHIND.append(self)
        self._driver.give_up()

    def _opened(self, route: Route, block_frames: int) -> OpenStream:
        self.ring.facts["inputs"] = 0 if route.input_index is None else 1
        callback: CompiledCallback | PythonCallback = PythonCallback(self._process)
        if self.callback == "compiled":
            callback = CompiledCallback(kernel.compiled_block.address, self.ring.facts.ctypes.data)
        return self._driver.open(route, self.mixer.sample_rate_hz, block_frames, callback)

    def _process(self, heard: Block, sounded: Block, late: int) -> None:
        now_ns = time.perf_counter_ns()
        kernel.python_block(self.ring.facts, self.mixer.states, heard, sounded, now_ns, late)


_LEFT_BEHIND: list[DeviceStream] = []
"""Streams that a dead server holds on to: their memory must stay where it is."""


def open_stream(
    mixer: Mixer,
    ring: Ring,
    clock: SessionClock,
    *,
    device: str | None = None,
    block_frames: int = BLOCK_FRAMES,
    callback: CallbackKind = "compiled",
) -> DeviceStream:
    """A stream on the named or the usual device, not yet started.

    Raises AudioDeviceError where there is no output, none of that name, or it cannot be opened as asked. Where
    compiled code cannot read the clock, the Python callback takes the place of the compiled one.
    """
    stream = DeviceStream(mixer, ring, clock, callback)
    stream.open(device, block_frames)
    return stream


class OfflineStream(_Counted):
    """Renders as fast as it can, on a clock that it moves itself. Nothing is late, nothing is lost."""

    def __init__(self, mixer: Mixer, ring: Ring, clock: ManualClock, *, block_frames: int = BLOCK_FRAMES) -> None:
        super().__init__(mixer, ring)
        self._clock = clock
        self._began_s = clock.now_s()
        self._block = np.zeros((block_frames, 2), np.float32)
        self._unheard = np.zeros((0, 0), np.float32)

    def start(self) -> None:
        """Frame 0 leaves now; the first block is rendered, as a device's first callback would."""
        self._began_s = self._clock.now_s()
        self._render_block()

    def close(self) -> None:
        """Nothing is held."""

    def run_until(self, time_s: float) -> None:
        """Render every block that begins before `time_s`, and let the clock go on to there."""
        while self._block_time_s() < time_s:
            self._clock.advance(max(0.0, self._block_time_s() - self._clock.now_s()))
            self._render_block()
        self._clock.advance(max(0.0, time_s - self._clock.now_s()))

    @property
    def epoch_facts(self) -> EpochFacts:
        """No device, no latency."""
        rate_hz = round(self.mixer.sample_rate_hz)
        return EpochFacts("offline", rate_hz, len(self._block), 0.0, 0.0, "offline")

    def time_of_frame_s(self, frame: int) -> float:
        """Frames leave exactly when their time has come."""
        return self._began_s + frame / self.mixer.sample_rate_hz

    def _block_time_s(self) -> float:
        return self.time_of_frame_s(self.frames_done)

    def _render_block(self) -> None:
        now_ns = round(self._block_time_s() * 1e9)
        kernel.python_block(self.ring.facts, self.mixer.states, self._unheard, self._block, now_ns, 0)
