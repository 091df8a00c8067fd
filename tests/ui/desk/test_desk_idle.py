"""When the desk was idle for long enough."""

from __future__ import annotations

import asyncio

from mtsession.clock import ManualClock, new_clock
from mtsession.ui.desk.idle import LastUse, stop_when_idle


def test_idle_time_counts_from_the_end_of_the_last_answer() -> None:
    clock = ManualClock()
    last_use = LastUse(clock)
    clock.advance(5)
    last_use.begin()
    clock.advance(60)
    assert last_use.idle_s() == 0.0
    last_use.end()
    clock.advance(2)
    assert last_use.idle_s() == 2.0


def test_two_answers_under_way_end_apart() -> None:
    clock = ManualClock()
    last_use = LastUse(clock)
    last_use.begin()
    last_use.begin()
    last_use.end()
    clock.advance(3)
    assert last_use.idle_s() == 0.0


def test_it_stops_once_it_was_idle_for_that_long() -> None:
    stopped: list[float] = []
    clock = new_clock()
    last_use = LastUse(clock)
    asyncio.run(stop_when_idle(last_use, 0.2, lambda: stopped.append(clock.now_s())))
    assert len(stopped) == 1
    assert stopped[0] >= 0.2
