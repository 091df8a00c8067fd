"""How loud is the whole, and is it fading, silenced or coming back?

Level and gate make one amplitude before the limiter, in straight lines between ticks.
"""

from __future__ import annotations

import math

from mtsession.audio.intrinsics import njit
from mtsession.audio.layout import TICK_FRAMES, Number, Record

START_LEVEL_DB = -18.0
"""Rises only by the therapist's act (care rules, §4)."""
HIGHEST_LEVEL_DB = 0.0
LOWEST_LEVEL_DB = -90.0
PANIC_S = 0.01
"""With the limiter's millisecond and the block at hand this is well within 50 ms (care rules, §4)."""
RESUME_S = 0.5
LEVEL_TIME_S = 0.05
"""Time constant of a change of level."""
LEVEL_REACHED_DB = 0.01
PEAK_FALL_DB_PER_S = 20.0
_NO_PEAK = 1e-6
_LOG_PER_DB = math.log(10.0) / 20.0


def set_up(master: Record) -> None:
    """Write the level at the start, gate open, into the shared memory."""
    master["level_db"] = master["level_target_db"] = START_LEVEL_DB
    master["gate_from"] = master["gate_to"] = 1.0
    master["line_from"] = master["line_to"] = 10 ** (START_LEVEL_DB / 20)


@njit
def gate_at(master: Record, frame: int) -> Number:
    """The gate's amplitude: down by the square, which the ear takes for steady; up along a smooth step."""
    if master.gate_frames <= 0 or frame >= master.gate_start + master.gate_frames:
        return master.gate_to
    x = (frame - master.gate_start) / master.gate_frames
    if master.gate_to < master.gate_from:
        return master.gate_to + (master.gate_from - master.gate_to) * (1.0 - x) * (1.0 - x)
    return master.gate_from + (master.gate_to - master.gate_from) * x * x * (3.0 - 2.0 * x)


@njit
def amplitude_at(master: Record, frame: int) -> Number:
    """The master amplitude on its present line."""
    return master.line_from + master.line_slope * (frame - master.line_origin)


@njit
def draw_line(master: Record, amplitude: float, frame: int) -> None:
    """Lay the master's line from this amplitude to where level and gate are at the next tick."""
    frames = TICK_FRAMES - frame % TICK_FRAMES
    level = math.exp(master.level_db * _LOG_PER_DB)
    master.line_from = amplitude
    master.line_to = level * gate_at(master, frame + frames)
    master.line_slope = (master.line_to - amplitude) / frames
    master.line_origin = frame


@njit
def go_on(master: Record, frame: int, sample_rate_hz: float) -> None:
    """At a tick: one step of the level towards its target, and the next line."""
    missing_db = master.level_target_db - master.level_db
    if abs(missing_db) <= LEVEL_REACHED_DB:
        master.level_db = master.level_target_db
    else:
        master.level_db += missing_db * (1.0 - math.exp(-TICK_FRAMES / (LEVEL_TIME_S * sample_rate_hz)))
    fall = math.exp(-PEAK_FALL_DB_PER_S * _LOG_PER_DB * TICK_FRAMES / sample_rate_hz)
    master.peak = master.peak * fall if master.peak > _NO_PEAK else 0.0
    draw_line(master, master.line_to, frame)


@njit
def move_gate(master: Record, gate_to: float, frames: int, frame: int) -> None:
    """Begin a fade, a panic or a return from where the gate is."""
    master.gate_from = gate_at(master, frame)
    master.gate_to = gate_to
    master.gate_start = frame
    master.gate_frames = frames
    draw_line(master, amplitude_at(master, frame), frame)


@njit
def set_level(master: Record, level_db: float) -> None:
    """A new level to move to, within what the master allows."""
    master.level_target_db = min(HIGHEST_LEVEL_DB, max(LOWEST_LEVEL_DB, level_db))
