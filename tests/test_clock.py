"""The session clock."""

from __future__ import annotations

import time

import pytest

from mtsession.clock import ManualClock, SessionClock, new_clock


def test_a_new_clock_reads_nought() -> None:
    assert new_clock().now_s() == pytest.approx(0.0, abs=0.05)


def test_two_processes_with_the_same_origin_read_the_same_time() -> None:
    origin_ns = time.perf_counter_ns()
    one, other = SessionClock(origin_ns), SessionClock(origin_ns)
    reading_ns = time.perf_counter_ns()
    assert one.at_s(reading_ns) == other.at_s(reading_ns)


def test_an_offset_joins_the_time_before_a_sleep_to_the_time_after() -> None:
    assert SessionClock(1_000_000_000, offset_s=60.0).at_s(3_000_000_000) == pytest.approx(62.0)


def test_a_pair_holds_both_clocks_of_one_moment() -> None:
    before_ns = time.time_ns()
    session_s, wall_ns = new_clock().pair()
    assert before_ns <= wall_ns <= time.time_ns()
    assert session_s >= 0.0


def test_a_manual_clock_moves_when_told_and_never_back() -> None:
    clock = ManualClock()
    clock.advance(0.5)
    assert clock.now_s() == 0.5
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-0.1)
