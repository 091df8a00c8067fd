"""Does the glance screen stay calm whatever is played? Rendered frames, luminance, and the budget of the care rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from mtsession.live.state import LiveState
from mtsession.ui.screen.draw import Layout, View, picture, settled_db
from mtsession.ui.screen.paint import Painter
from mtsession.ui.screen.theme import DARK
from tests.ui.screen.example_states import eight_seats, hit, live_state

SIZE = (800, 480)
TILE_PX = 32
FRAMES_PER_S = 30
SECONDS = 3
FLASHES_ALLOWED = 2
"""In any second, per screen (care rules, §4). A flash is a pair of opposing changes."""

LEAST_CHANGE = 0.05
"""Opposing changes of relative luminance from this on count."""

Settling: TypeAlias = Callable[[float, float, float], float]

_CHANNELS = np.array([0.2126, 0.7152, 0.0722])


def tiles(surface: pygame.Surface) -> NDArray[np.float64]:
    """Mean relative luminance of each tile, (rows × columns,)."""
    part = pygame.surfarray.array3d(surface) / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4) @ _CHANNELS
    columns, rows = SIZE[0] // TILE_PX, SIZE[1] // TILE_PX
    whole = linear[: columns * TILE_PX, : rows * TILE_PX]
    return np.asarray(whole.reshape(columns, TILE_PX, rows, TILE_PX).mean(axis=(1, 3)).ravel())


def opposing_changes(luminance: NDArray[np.float64]) -> int:
    """How often the luminance of one tile turned round by at least 0.05, from extreme to extreme."""
    changes, extreme, direction = 0, luminance[0], 0
    for value in luminance[1:]:
        if direction >= 0 and value <= extreme - LEAST_CHANGE:
            changes, direction, extreme = changes + 1, -1, value
        elif direction <= 0 and value >= extreme + LEAST_CHANGE:
            changes, direction, extreme = changes + 1, 1, value
        elif (value - extreme) * direction > 0 or direction == 0:
            extreme = value if direction else extreme
    return changes


def most_changes_in_a_second(frames: NDArray[np.float64]) -> int:
    """The worst tile in the worst second of (frames, tiles)."""
    starts = range(0, len(frames) - FRAMES_PER_S + 1, 5)
    return max(opposing_changes(frames[s : s + FRAMES_PER_S, t]) for s in starts for t in range(frames.shape[1]))


def played(taps_per_s: float, now_s: float) -> LiveState:
    """Eight players who all tap together at that rate, for a minute so far."""
    first_s = max(100.0, now_s - 60)
    onsets = [100.0 + k / taps_per_s for k in range(int((now_s - 100.0) * taps_per_s) + 1)]
    seats = eight_seats()
    recent = tuple(hit(s.seat, onset, 0.03) for onset in onsets if onset >= first_s for s in seats)
    sounding = any(now_s - onset < 0.05 for onset in onsets)
    return live_state(seats=seats, time_s=now_s, recent=recent, peak_db=-6.0 if sounding else -60.0)


def frames_of(taps_per_s: float, settle: Settling = settled_db) -> Iterator[NDArray[np.float64]]:
    """Three seconds of the screen while they tap."""
    surface, painter, meter_db = pygame.Surface(SIZE), Painter(), -60.0
    for n in range(SECONDS * FRAMES_PER_S):
        state = played(taps_per_s, 115.0 + n / FRAMES_PER_S)
        meter_db = settle(meter_db, state.peak_db, 1 / FRAMES_PER_S)
        painter.paint(surface, picture(View(state, "Open keys", meter_db), Layout(*SIZE), DARK))
        yield tiles(surface)


@pytest.fixture(autouse=True)
def fonts() -> Iterator[None]:
    """Fonts, without a window."""
    pygame.font.init()
    yield
    pygame.font.quit()


@pytest.mark.parametrize("taps_per_s", [20.0, 3.0, 0.9])
def test_eight_players_cannot_make_the_screen_flash(taps_per_s: float) -> None:
    frames = np.array(list(frames_of(taps_per_s)))
    assert most_changes_in_a_second(frames) <= 2 * FLASHES_ALLOWED


def test_a_meter_that_does_not_fall_slowly_would_make_the_screen_flash() -> None:
    frames = np.array(list(frames_of(3.0, settle=lambda _meter_db, peak_db, _elapsed_s: peak_db)))
    assert most_changes_in_a_second(frames) > 2 * FLASHES_ALLOWED


def test_the_counter_of_flashes_counts_a_light_that_blinks_with_every_hit() -> None:
    blinking = np.array([[float(n % 6 < 3)] for n in range(SECONDS * FRAMES_PER_S)])
    assert most_changes_in_a_second(blinking) > 2 * FLASHES_ALLOWED


def test_the_counter_of_flashes_does_not_count_a_slow_change() -> None:
    rising = np.linspace(0, 1, SECONDS * FRAMES_PER_S)[:, np.newaxis]
    assert most_changes_in_a_second(rising) <= 1
