import pytest

from mtsession.events import ClockPair
from mtsession.live.joined import SLEPT, JoinedClock, offset_after

SECOND = 1_000_000_000


class Machine:
    """A machine that can sleep: its counter stands still, its other clock does not."""

    def __init__(self) -> None:
        self.counter_ns = 5 * SECOND
        self.unresting_ns = 900 * SECOND

    def run(self, seconds: float) -> None:
        self.counter_ns += round(seconds * SECOND)
        self.unresting_ns += round(seconds * SECOND)

    def sleep(self, seconds: float) -> None:
        self.unresting_ns += round(seconds * SECOND)

    def clock(self) -> JoinedClock:
        return JoinedClock(5 * SECOND, counter_ns=lambda: self.counter_ns, unresting_ns=lambda: self.unresting_ns)


def test_an_awake_machine_has_no_gap() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.run(3600)

    assert clock.rejoin() is None
    assert clock.now_s() == pytest.approx(3600)


def test_a_sleep_is_a_gap_and_session_time_goes_on() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.run(10)
    machine.sleep(300)

    gap = clock.rejoin()

    assert gap is not None
    assert (gap.start_s, gap.end_s) == pytest.approx((10, 310))
    assert gap.reason == SLEPT
    assert clock.now_s() == pytest.approx(310)
    assert clock.rejoin() is None


def test_two_sleeps_add_up() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(2):
        machine.sleep(60)
        clock.rejoin()
        machine.run(1)

    assert clock.now_s() == pytest.approx(122)


def test_the_noise_of_two_readings_is_no_sleep() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.sleep(0.9)

    assert clock.rejoin() is None
    assert clock.now_s() == pytest.approx(0)


def test_a_new_process_goes_on_after_a_sleep_that_another_saw() -> None:
    kept = [ClockPair(1.0, 1000 * SECOND), ClockPair(310.0, 1310 * SECOND)]

    offset_s = offset_after(kept, origin_ns=0, wall_ns=1312 * SECOND, counter_ns=12 * SECOND)

    assert offset_s == pytest.approx(300)


def test_a_new_process_without_a_sleep_before_it_has_no_offset() -> None:
    kept = [ClockPair(1.0, 1000 * SECOND), ClockPair(10.0, 1009 * SECOND)]

    assert offset_after(kept, origin_ns=0, wall_ns=1011 * SECOND, counter_ns=12 * SECOND) == 0.0
    assert offset_after([], origin_ns=0, wall_ns=1011 * SECOND, counter_ns=12 * SECOND) == 0.0
