"""How do stored audio frames become FLAC and back?"""

from __future__ import annotations

import io
from typing import TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

Frames: TypeAlias = NDArray[np.float32]
"""Samples −1…1, (n, channels)."""

FULL_SCALE = 2**23
"""24 bits: a microphone whose gain nobody rides needs the room below."""

_TO_32_BIT = 2**8


def to_flac(frames: Frames, sample_rate_hz: int) -> bytes:
    """Frames (n, channels) as one FLAC stream of 24 bits. Beyond full scale is clipped; NaN is silence."""
    whole = np.rint(np.nan_to_num(frames.astype(np.float64), nan=0.0) * FULL_SCALE)
    samples = np.clip(whole, -FULL_SCALE, FULL_SCALE - 1).astype(np.int32) * _TO_32_BIT
    stream = io.BytesIO()
    soundfile.write(stream, samples, sample_rate_hz, format="FLAC", subtype="PCM_24")
    return stream.getvalue()


def from_flac(stream: bytes) -> Frames:
    """The frames (n, channels) of a FLAC stream; soundfile.LibsndfileError where it is none."""
    samples, _ = soundfile.read(io.BytesIO(stream), dtype="int32", always_2d=True)
    frames: Frames = (samples / (FULL_SCALE * _TO_32_BIT)).astype(np.float32)
    return frames
