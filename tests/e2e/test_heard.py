"""Does the comparison of recording and render find what is there, and notice what is not?"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mtsession.events import ContactId, Sounded
from tests.e2e.heard import FIRST_FRAMES, compared, squared_differences


@pytest.fixture
def render() -> NDArray[np.float32]:
    """Two seconds of noise in both channels."""
    return np.random.default_rng(7).normal(0, 0.1, (96_000, 2)).astype(np.float32)


def note() -> Sounded:
    return Sounded(ContactId(1), 0.0, epoch=1, frame=0)


@pytest.mark.parametrize("shift", [-200, -1, 0, 3, 255])
def test_a_copy_is_found_at_its_shift_without_a_difference(render: NDArray[np.float32], shift: int) -> None:
    recorded = np.roll(render, 1000 + shift, axis=0)
    found = compared(note(), 20_000, 21_000, render, recorded)
    assert found.shift_frames == shift
    assert found.error_db < -150


@pytest.mark.parametrize("error_db", [-70.0, -45.0, -20.0])
def test_a_difference_is_told_in_decibels(render: NDArray[np.float32], error_db: float) -> None:
    noise = np.random.default_rng(8).normal(0, 0.1 * 10 ** (error_db / 20), render.shape)
    found = compared(note(), 20_000, 20_000, render, (render + noise).astype(np.float32))
    assert found.error_db == pytest.approx(error_db, abs=0.5)
    assert found.shift_frames == 0


def test_another_sound_is_no_match(render: NDArray[np.float32]) -> None:
    other = np.random.default_rng(9).normal(0, 0.1, render.shape).astype(np.float32)
    assert compared(note(), 20_000, 20_000, render, other).error_db > 0


def test_silence_is_no_match(render: NDArray[np.float32]) -> None:
    assert compared(note(), 20_000, 20_000, render, np.zeros_like(render)).error_db == pytest.approx(0)


def test_one_lost_block_is_noticed(render: NDArray[np.float32]) -> None:
    recorded = render.copy()
    recorded[21_000:21_128] = 0
    assert compared(note(), 20_000, 20_000, render, recorded).error_db > -50


def test_the_differences_are_those_of_a_plain_sum(render: NDArray[np.float32]) -> None:
    wanted = render[100 : 100 + FIRST_FRAMES].astype(np.float64)
    heard = render[80 : 130 + FIRST_FRAMES].astype(np.float64)
    plain = [((heard[k : k + FIRST_FRAMES] - wanted) ** 2).sum() for k in range(51)]
    assert np.allclose(squared_differences(wanted, heard), plain, atol=1e-6)
