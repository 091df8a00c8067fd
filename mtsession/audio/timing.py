"""When did a frame of the stream pass, on the session's counter? Block stamps with the jitter taken out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDE_BLOCKS = 24
"""Blocks on either side whose promptest stamp is taken: at 128 frames and 48 kHz, 64 ms."""
NARROW_BLOCKS = 3
"""After a jump of the stream's time only the blocks from here on count."""
JUMP_SHARE = 0.6
"""Stamps that stay this share of a block later than before are lost blocks, not jitter."""


def counter_at_frame(
    frames: NDArray[np.int64], counters_ns: NDArray[np.int64], frame: int, sample_rate_hz: float
) -> float:
    """The counter (ns) at which `frame` was asked for.

    `frames` and `counters_ns` (n,), n ≥ 1, ascending, say when the block that begins with a frame was asked for. A
    callback may come late and never early: the smallest distance of counter and stream is the true one (minimum
    filter), unless the stream itself has jumped.
    """
    ns_per_frame = 1e9 / sample_rate_hz
    here = max(0, int(np.searchsorted(frames, frame, side="right")) - 1)
    first = max(0, here - WIDE_BLOCKS)
    window = slice(first, here + WIDE_BLOCKS + 1)
    distance_ns = counters_ns[window] - frames[window] * ns_per_frame
    wide_ns = distance_ns.min()
    narrow_ns = distance_ns[max(0, here - first - NARROW_BLOCKS) :].min()
    block_ns = np.diff(frames[window]).max(initial=0) * ns_per_frame
    jumped = len(frames) > NARROW_BLOCKS and narrow_ns - wide_ns > JUMP_SHARE * block_ns > 0
    return float((narrow_ns if jumped else wide_ns) + frame * ns_per_frame)
