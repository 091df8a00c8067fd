"""What was heard, what was sounded, and when, in the last seconds? Memory that the callback writes and others read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtsession.audio.layout import STREAM

SAFE_DISTANCE = 16384
"""Frames about to be overwritten are not read: room for the longest block while a reader copies."""


@dataclass(frozen=True, slots=True)
class Frames:
    """A stretch of the stream: `microphone` float32 (n, channels), `output` float32 (n, 2), aligned by frame.

    `lost` counts the frames before `first_frame` that were asked for and already overwritten.
    """

    first_frame: int
    microphone: NDArray[np.float32]
    output: NDArray[np.float32]
    lost: int

    def __len__(self) -> int:
        return len(self.output)

    @property
    def next_frame(self) -> int:
        """What to ask for next."""
        return self.first_frame + len(self)


class Ring:
    """Microphone, limited output and stream time of at least the last `seconds`; any number of readers.

    `microphones` is the number of input channels that are kept. `facts` is the memory the callback counts in.
    """

    def __init__(self, sample_rate_hz: float, seconds: float = 10.0, microphones: int = 1) -> None:
        wanted = int(sample_rate_hz * seconds) + SAFE_DISTANCE
        self.capacity = 1 << (wanted - 1).bit_length()
        self.sample_rate_hz = sample_rate_hz
        # written to once here, so that the callback never waits for a page of memory
        self.microphone = np.full((self.capacity, microphones), 0.0, np.float32)
        self.output = np.full((self.capacity, 2), 0.0, np.float32)
        self.facts = np.zeros(1, STREAM)
        self.facts["capacity"] = self.capacity
        self.facts["kept_inputs"] = microphones
        self.facts["microphone_address"] = self.microphone.ctypes.data
        self.facts["output_address"] = self.output.ctypes.data
        self.facts["anchor_ns"] = self.facts["nearest_ns"] = np.inf

    @property
    def frames(self) -> int:
        """Frames of the stream so far."""
        return int(self.facts["frames"][0])

    @property
    def inputs(self) -> int:
        """Channels that the stream listens to; 0 where there is no microphone."""
        return int(self.facts["inputs"][0])

    def read_since(self, frame: int) -> Frames:
        """What there is from `frame` on, copied: as much of it as the ring still holds."""
        end = self.frames
        oldest = max(0, end - self.capacity + SAFE_DISTANCE)
        first = min(end, max(frame, oldest))
        places = np.arange(first, end) & (self.capacity - 1)
        return Frames(first, self.microphone[places], self.output[places], max(0, first - frame))
