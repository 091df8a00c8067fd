"""What does the audio callback do with a block, whoever calls it?

Compiled, without the interpreter and its lock: it allocates nothing, locks nothing, tells nobody; it takes the
commands that are due, mixes, limits, reports, and counts. `render` and the two callbacks run the same code.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
from pathlib import Path

import numba
import numpy as np
from numba import from_dtype, types

from mtsession.audio.intrinsics import array_at, counter_ns, fence, njit, pointer_at
from mtsession.audio.layout import (
    COMMAND,
    COMMAND_RING,
    FREE,
    MAX_SEATS,
    STAMPS,
    STATE,
    STREAM,
    TICK_FRAMES,
    VOICE_SLOTS,
    Record,
    Samples,
)
from mtsession.audio.limiter import limit
from mtsession.audio.master import gate_at
from mtsession.audio.master import go_on as master_go_on
from mtsession.audio.orders import obey_what_is_due, take_commands
from mtsession.audio.voices import count_voices, frames_to_tick, go_on, mix_voice

FURTHER_VOICE_DB = -1.5
"""Each further voice of a seat lowers the seat by this (care rules, §4)."""
SEAT_TIME_S = 0.03
SEAT_REACHED_DB = 0.001

LOST_BLOCKS_WINDOW = 32
"""Blocks over which the earliest arrival is taken before a jump of the stream's time counts as lost blocks."""
LOST_SHARE = 0.6
_SAMPLES_BOUND = 1 << 40
"""Arrays at an address need a length; the commands keep within the bank's own."""
_LOG_PER_DB = math.log(10.0) / 20.0
_KERNEL_SOURCES = ("kernel.py", "orders.py", "voices.py", "limiter.py", "master.py", "layout.py", "intrinsics.py")


def _version_of_sources() -> int:
    """A number that changes with any of the kernel's sources.

    numba keeps compiled code by the file of the function that is called from Python and does not see that a
    function in another file has changed. The entries below close over this number, which is part of their key.
    """
    digest = hashlib.sha256()
    for name in _KERNEL_SOURCES:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return int.from_bytes(digest.digest()[:6], "big")


KERNEL_VERSION = _version_of_sources()


@njit
def settle_seats(state: Record) -> None:
    """Each seat's gain one step nearer to what its number of voices asks for."""
    share = 1.0 - math.exp(-TICK_FRAMES / (SEAT_TIME_S * state.sample_rate_hz))
    for seat in range(MAX_SEATS):
        target_db = FURTHER_VOICE_DB * max(0, state.seat_voices[seat] - 1)
        missing_db = target_db - state.seat_db[seat]
        state.seat_gain[seat] = state.seat_gain_to[seat]
        if missing_db != 0.0:
            state.seat_db[seat] = (
                target_db if abs(missing_db) < SEAT_REACHED_DB else state.seat_db[seat] + missing_db * share
            )
            state.seat_gain_to[seat] = math.exp(state.seat_db[seat] * _LOG_PER_DB)


@njit
def tick(state: Record, profile: Samples) -> None:
    """Decide voice counts, levels and envelopes for the next `TICK_FRAMES` frames."""
    frame = state.frame
    closed = state.master.gate_to == 0.0 and gate_at(state.master, frame) == 0.0
    if closed:
        state.master.muted = 1
    count_voices(state, profile, frame)
    settle_seats(state)
    for slot in range(VOICE_SLOTS):
        voice = state.voices[slot]
        if voice.state == FREE:
            continue
        if closed:
            voice.state = FREE
        else:
            go_on(state, voice, frame)
    master_go_on(state.master, frame, state.sample_rate_hz)


@njit
def mix_run(state: Record, samples: Samples, out: Samples, start: int, n: int) -> None:
    """Mix, level and limit `n` frames in which nothing is decided, into `out` (frames, 2) from row `start`."""
    mix = state.mix
    mix[:, :n] = 0.0
    for slot in range(VOICE_SLOTS):
        if state.voices[slot].state != FREE:
            mix_voice(state.voices[slot], samples, mix, state.frame, n)
    k = state.frame - state.master.line_origin
    for i in range(n):
        amplitude = np.float32(state.master.line_from + state.master.line_slope * (k + i))
        mix[0, i] *= amplitude
        mix[1, i] *= amplitude
    limit(state.limiter, mix, out, start, n, state.frame)
    peak = np.float32(0.0)
    for i in range(start, start + n):
        peak = max(peak, abs(out[i, 0]), abs(out[i, 1]))
    state.master.peak = max(state.master.peak, peak)


@njit
def render_frames(state: Record, out: Samples, n: int) -> None:
    """Fill the first `n` rows of `out` float32 (frames, 2) with the next frames of the output."""
    samples = array_at(pointer_at(state.samples_address), (_SAMPLES_BOUND,), np.float32)
    profile = array_at(pointer_at(state.profile_address), (_SAMPLES_BOUND,), np.float32)
    fence()
    take_commands(state)
    done = 0
    while done < n:
        if state.frame % TICK_FRAMES == 0:
            tick(state, profile)
        due = obey_what_is_due(state, profile)
        run = min(n - done, frames_to_tick(state.frame), due - state.frame)
        mix_run(state, samples, out, done, run)
        state.frame += run
        done += run


@njit
def count_lost(stream: Record, offset_ns: float, block_ns: float) -> None:
    """Blocks that the stream's time has jumped by: seen where even the promptest of many blocks came later."""
    stream.nearest_ns = min(stream.nearest_ns, offset_ns)
    if stream.blocks % LOST_BLOCKS_WINDOW != LOST_BLOCKS_WINDOW - 1:
        return
    jump_ns = stream.nearest_ns - stream.anchor_ns
    if stream.blocks >= 2 * LOST_BLOCKS_WINDOW and jump_ns > LOST_SHARE * block_ns:
        stream.lost += max(1, round(jump_ns / block_ns))
    stream.anchor_ns = stream.nearest_ns
    stream.nearest_ns = np.inf


@njit
def stamp(stream: Record, n: int, now_ns: int, late: int, block_ns: float) -> None:
    """Remember when this block was asked for; count it, and count it `late` (1) where the driver says so."""
    place = stream.stamps[stream.blocks % STAMPS]
    place.frame = stream.frames
    place.counter_ns = now_ns
    count_lost(stream, now_ns - stream.frames * (block_ns / n), block_ns)
    stream.block_frames = n
    stream.late += late


@njit
def keep(stream: Record, microphone: Samples, out: Samples, n: int) -> None:
    """Copy what was heard, `microphone` (n, channels), and what was sounded into the ring."""
    kept_out = array_at(pointer_at(stream.output_address), (stream.capacity, 2), np.float32)
    kept_in = array_at(pointer_at(stream.microphone_address), (stream.capacity, stream.kept_inputs), np.float32)
    channels = min(stream.inputs, stream.kept_inputs)
    mask = stream.capacity - 1
    for i in range(n):
        place = (stream.frames + i) & mask
        kept_out[place, 0] = out[i, 0]
        kept_out[place, 1] = out[i, 1]
        for channel in range(channels):
            kept_in[place, channel] = microphone[i, channel]


@njit
def run_block(stream: Record, state: Record, microphone: Samples, out: Samples, n: int, now_ns: int, late: int) -> None:
    """One block of the stream: stamp, render, keep, count."""
    stamp(stream, n, now_ns, late, n * 1e9 / state.sample_rate_hz)
    render_frames(state, out, n)
    keep(stream, microphone, out, n)
    fence()
    stream.frames += n
    stream.blocks += 1


_OUT = types.Array(types.float32, 2, "C")
_STATES = types.Array(from_dtype(STATE), 1, "C")
_COMMANDS = types.Array(from_dtype(COMMAND), 1, "C")
_STREAMS = types.Array(from_dtype(STREAM), 1, "C")
_UNSIGNED_LONG = types.uint32 if ctypes.sizeof(ctypes.c_ulong) == 4 else types.uint64
_LATE_FLAGS = 0x1 | 0x2 | 0x4 | 0x8
"""paInputUnderflow, paInputOverflow, paOutputUnderflow, paOutputOverflow (portaudio.h); not paPrimingOutput."""


def _render_entry(version: int) -> Record:
    @numba.njit(types.void(_STATES, _OUT), cache=True)
    def render(states: Record, out: Samples) -> None:
        states[0].kernel_version = version
        render_frames(states[0], out, len(out))

    return render


def _python_entry(version: int) -> Record:
    @numba.njit(types.void(_STREAMS, _STATES, _OUT, _OUT, types.int64, types.int64), cache=True)
    def python_block(
        streams: Record, states: Record, microphone: Samples, out: Samples, now_ns: int, late: int
    ) -> None:
        states[0].kernel_version = version
        run_block(streams[0], states[0], microphone, out, len(out), now_ns, late)

    return python_block


def _compiled_entry(version: int) -> Record:
    signature = types.int32(types.voidptr, types.voidptr, _UNSIGNED_LONG, types.voidptr, _UNSIGNED_LONG, types.voidptr)

    @numba.cfunc(signature, cache=True)
    def compiled_block(
        heard: Record, sounded: Record, frames: Record, _times: Record, flags: Record, user_data: Record
    ) -> int:
        stream = array_at(user_data, (1,), STREAM)[0]
        now_ns = counter_ns(stream.scratch)
        state = array_at(pointer_at(stream.mixer_address), (1,), STATE)[0]
        state.kernel_version = version
        n = int(frames)
        microphone = array_at(heard, (n, stream.inputs), np.float32)
        run_block(
            stream, state, microphone, array_at(sounded, (n, 2), np.float32), n, now_ns, int(flags & _LATE_FLAGS != 0)
        )
        return 0

    return compiled_block


def _push_entry(version: int) -> Record:
    @numba.njit(types.boolean(_STATES, _COMMANDS), cache=True)
    def push(states: Record, commands: Record) -> bool:
        state = states[0]
        state.kernel_version = version
        if state.command_tail - state.command_head >= COMMAND_RING:
            return False
        state.commands[state.command_tail % COMMAND_RING] = commands[0]
        fence()
        state.command_tail += 1
        return True

    return push


render = _render_entry(KERNEL_VERSION)
"""`render(states, out)`: the next frames of the output into `out` float32 (n, 2)."""
python_block = _python_entry(KERNEL_VERSION)
"""`python_block(streams, states, microphone, out, now_ns, late)`: the Python callback's block."""
compiled_block = _compiled_entry(KERNEL_VERSION)
"""A `PaStreamCallback` whose user data is the address of a STREAM."""
push = _push_entry(KERNEL_VERSION)
"""`push(states, commands)`: put `commands[0]` into the command ring; False where it is full."""
