"""What does the program know of PortAudio? The only module that touches sounddevice, and its private names.

`_StreamBase` takes a C function as callback (offered to library authors by its docstring) and is pinned by the
project's dependencies.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from mtsession.audio.devices import AudioDevice, devices_from
from mtsession.audio.routes import Route
from mtsession.errors import AudioDeviceError
from mtsession.wording import say

Block: TypeAlias = NDArray[np.float32]

_INVALID_SAMPLE_RATE = -9997
_DEVICE_UNAVAILABLE = -9985


class Status(Protocol):
    """The driver's flags of a block."""

    input_underflow: bool
    input_overflow: bool
    output_underflow: bool
    output_overflow: bool


class OpenStream(Protocol):
    """A stream of the driver. `latency` is a pair (input, output) for a duplex stream."""

    samplerate: float
    latency: float | tuple[float, float]

    def start(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CompiledCallback:
    """Addresses of a C function with PortAudio's signature and of what it is given."""

    function: int
    user_data: int


@dataclass(frozen=True, slots=True)
class PythonCallback:
    """`process(heard, sounded, late)`: blocks float32 (n, inputs) and (n, 2); `late` 1 where the driver says so."""

    process: Callable[[Block, Block, int], None]


@dataclass(frozen=True, slots=True)
class Driver:
    """PortAudio, with the devices that it found when it was loaded."""

    library: ModuleType

    def devices(self) -> tuple[AudioDevice, ...]:
        """In the driver's own order: its indices are what a `Route` holds."""
        library = self.library
        rows, hosts = list(library.query_devices()), list(library.query_hostapis())
        return devices_from(rows, hosts, (library.default.device[0], library.default.device[1]))

    def open(
        self, route: Route, rate_hz: float, block_frames: int, callback: CompiledCallback | PythonCallback
    ) -> OpenStream:
        """Open two channels out and, where the route listens, one in. Raises AudioDeviceError."""
        listens = route.input_index is not None
        try:
            stream = self.library._StreamBase(  # noqa: SLF001
                "duplex" if listens else "output",
                samplerate=rate_hz,
                blocksize=0 if route.paces_itself else block_frames,
                device=(route.input_index, route.output_index) if listens else route.output_index,
                channels=(1, 2) if listens else 2,
                dtype="float32",
                latency="low",
                **self._callback_arguments(callback, listens=listens),
            )
        except (self.library.PortAudioError, ValueError) as error:
            raise refusal(route.name, rate_hz, error) from error
        return cast("OpenStream", stream)

    def start(self, stream: OpenStream, name: str, rate_hz: float) -> None:
        """Begin to ask for blocks. Raises AudioDeviceError."""
        try:
            stream.start()
        except self.library.PortAudioError as error:
            raise refusal(name, rate_hz, error) from error

    def close(self, stream: OpenStream) -> None:
        """Stop and close; a device that is gone cannot be closed, and need not be."""
        try:
            stream.close()
        except self.library.PortAudioError:
            return

    def give_up(self) -> None:
        """Leave the library as it is when the process ends: it would wait for a dead server."""
        atexit.unregister(self.library._exit_handler)  # noqa: SLF001

    def _callback_arguments(self, callback: CompiledCallback | PythonCallback, *, listens: bool) -> dict[str, object]:
        if isinstance(callback, CompiledCallback):
            pointer = self.library._ffi.cast  # noqa: SLF001
            function = pointer("PaStreamCallback*", callback.function)
            return {"callback": function, "userdata": pointer("void*", callback.user_data)}
        process = callback.process

        def duplex(heard: Block, sounded: Block, _frames: int, _times: object, status: Status) -> None:
            process(heard, sounded, _is_late(status))

        def output(sounded: Block, _frames: int, _times: object, status: Status) -> None:
            process(_UNHEARD, sounded, _is_late(status))

        return {"callback": duplex if listens else output, "wrap_callback": "array"}


_UNHEARD = np.zeros((0, 0), np.float32)


def load_driver() -> Driver:
    """Load PortAudio, which asks every driver for its devices: so only when a stream is wanted.

    Raises AudioDeviceError where the library is missing.
    """
    try:
        import sounddevice
    except OSError as error:
        raise AudioDeviceError(say("audio.no_library", reason=error), say("audio.no_library_next")) from error
    return Driver(sounddevice)


def refusal(device: str, rate_hz: float, error: Exception) -> AudioDeviceError:
    """What a person can do about PortAudio's error (codes of portaudio.h)."""
    code = error.args[1] if len(error.args) > 1 else None
    rate = f"{rate_hz:g}"
    if code == _INVALID_SAMPLE_RATE:
        what = say("audio.wrong_rate", device=device, rate=rate)
        return AudioDeviceError(what, say("audio.wrong_rate_next", rate=rate))
    if code == _DEVICE_UNAVAILABLE:
        return AudioDeviceError(say("audio.in_use", device=device), say("audio.in_use_next"))
    what = say("audio.not_opened", device=device, reason=error.args[0])
    return AudioDeviceError(what, say("audio.not_opened_next"))


def _is_late(status: Status) -> int:
    heard_late = status.input_underflow or status.input_overflow
    return int(heard_late or status.output_underflow or status.output_overflow)
