"""What lies where in the memory that Python and the audio callback share?

One contiguous structured buffer a mixer. Frames are frames of the output stream; `int64` fixed-point
numbers (32.32) keep sample positions exact, so that rendering does not depend on the size of a block.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Record: TypeAlias = Any
"""A row of one of the structures below, as compiled code sees it: its fields are attributes."""
Number: TypeAlias = Any
"""A number out of a row: compiled code knows of which kind."""
Samples: TypeAlias = NDArray[np.float32]
Pair: TypeAlias = tuple[np.float32, np.float32]

TICK_FRAMES = 64
"""Envelopes, levels and voice counts are decided on this grid of frames and run in straight lines between."""

PROFILE_BITS = 10
"""A sound's loudness profile has one value each 1,024 samples."""

MAX_SEATS = 16
SEAT_VOICES = 12
"""Sounding voices a seat (care rules, §4)."""
TOTAL_VOICES = 96
"""Sounding voices in all (care rules, §4)."""
VOICE_SLOTS = 128
"""The slots beyond the 96 are for voices that have given way and are in their last milliseconds."""

COMMAND_RING = 1024
REPORT_RING = 2048
PENDING_COMMANDS = 512
"""Commands for a later frame that can wait at one time; further ones wait in the ring."""

STAMPS = 4096
"""Blocks whose times are remembered (11 s at 128 frames and 48 kHz)."""

MAX_LOOKAHEAD = 96
"""Longest limiter delay in frames: 1 ms at 96 kHz."""
LIMITER_PAST = 128
"""Samples that the limiter remembers before the run at hand: its delay and its interpolation filter."""

START, RELEASE, FADE, SILENCE, RESUME, LEVEL = range(1, 7)
"""Kinds of command; START and RELEASE are kinds of report too."""

FREE, HELD, RELEASED, DYING = range(4)
"""States of a voice."""

COMMAND = np.dtype(
    [
        ("kind", "i4"),
        ("seat", "i4"),
        ("choke", "i4"),
        ("contact_id", "i8"),
        ("at_frame", "i8"),
        ("first_sample", "i8"),
        ("profile_start", "i8"),
        ("end", "i8"),
        ("loop_length", "i8"),
        ("step", "i8"),
        ("attack_frames", "f8"),
        ("release_frames", "f8"),
        ("gain", "f8"),
        ("left", "f4"),
        ("right", "f4"),
        ("value", "f8"),
    ],
    align=True,
)
"""`end`, `loop_length` and `step` in 32.32; `release_frames` 0 rings out; `value` seconds or dB."""

REPORT = np.dtype([("kind", "i4"), ("contact_id", "i8"), ("frame", "i8")], align=True)

VOICE = np.dtype(
    [
        ("state", "i4"),
        ("seat", "i4"),
        ("choke", "i4"),
        ("contact_id", "i8"),
        ("born", "i8"),
        ("first_sample", "i8"),
        ("profile_start", "i8"),
        ("position", "i8"),
        ("step", "i8"),
        ("end", "i8"),
        ("loop_length", "i8"),
        ("attack_frames", "f8"),
        ("release_frames", "f8"),
        ("gain", "f8"),
        ("left", "f4"),
        ("right", "f4"),
        ("envelope", "f8"),
        ("envelope_to", "f8"),
        ("line_origin", "i8"),
        ("line_from", "f8"),
        ("line_slope", "f8"),
    ],
    align=True,
)
"""The line is the voice's amplitude from `line_origin` to the next tick; `envelope` is its part at the origin."""

MASTER = np.dtype(
    [
        ("level_db", "f8"),
        ("level_target_db", "f8"),
        ("gate_from", "f8"),
        ("gate_to", "f8"),
        ("gate_start", "i8"),
        ("gate_frames", "i8"),
        ("muted", "i4"),
        ("line_origin", "i8"),
        ("line_from", "f8"),
        ("line_to", "f8"),
        ("line_slope", "f8"),
        ("peak", "f8"),
    ],
    align=True,
)
"""The level before the limiter, and the gate that fades, panics and resumes."""

LIMITER = np.dtype(
    [
        ("lookahead", "i8"),
        ("ceiling", "f8"),
        ("release", "i8"),
        ("at_rest", "i8"),
        ("past", "f4", (2, LIMITER_PAST + TICK_FRAMES)),
        ("needed", "f4", TICK_FRAMES),
        ("queue_gain", "i8", MAX_LOOKAHEAD),
        ("queue_frame", "i8", MAX_LOOKAHEAD),
        ("queue_head", "i8"),
        ("queue_size", "i8"),
        ("recovering", "i8"),
        ("first", "i8", MAX_LOOKAHEAD),
        ("second", "i8", MAX_LOOKAHEAD),
        ("first_sum", "i8"),
        ("second_sum", "i8"),
    ],
    align=True,
)
"""See `limiter`: gains are integers of 2**-30, so that their running sums are exact for ever."""

STATE = np.dtype(
    [
        ("kernel_version", "i8"),
        ("sample_rate_hz", "f8"),
        ("frame", "i8"),
        ("samples_address", "i8"),
        ("profile_address", "i8"),
        ("command_head", "i8"),
        ("command_tail", "i8"),
        ("report_head", "i8"),
        ("report_tail", "i8"),
        ("reports_dropped", "i8"),
        ("n_pending", "i8"),
        ("n_sounding", "i8"),
        ("seat_db", "f8", MAX_SEATS),
        ("seat_gain", "f8", MAX_SEATS),
        ("seat_gain_to", "f8", MAX_SEATS),
        ("seat_voices", "i8", MAX_SEATS),
        ("seat_loudest", "f8", MAX_SEATS),
        ("mix", "f4", (2, TICK_FRAMES)),
        ("master", MASTER),
        ("limiter", LIMITER),
        ("voices", VOICE, VOICE_SLOTS),
        ("pending", COMMAND, PENDING_COMMANDS),
        ("commands", COMMAND, COMMAND_RING),
        ("reports", REPORT, REPORT_RING),
    ],
    align=True,
)
"""Everything the mixer is, but its sounds, which are read only."""

STAMP = np.dtype([("frame", "i8"), ("counter_ns", "i8")], align=True)

STREAM = np.dtype(
    [
        ("mixer_address", "i8"),
        ("output_address", "i8"),
        ("microphone_address", "i8"),
        ("capacity", "i8"),
        ("inputs", "i8"),
        ("kept_inputs", "i8"),
        ("frames", "i8"),
        ("blocks", "i8"),
        ("late", "i8"),
        ("lost", "i8"),
        ("block_frames", "i8"),
        ("anchor_ns", "f8"),
        ("nearest_ns", "f8"),
        ("scratch", "i8", 2),
        ("stamps", STAMP, STAMPS),
    ],
    align=True,
)
"""What the callback counts and remembers of its stream: its address is the callback's user data.

`inputs` is what the device delivers, `kept_inputs` what the ring has room for.
"""
