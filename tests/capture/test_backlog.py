"""What waits for the disk: in order, and no more than memory should hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mtsession.capture.backlog import Backlog, Loss, Statement


def row(at_s: float, audio_bytes: int = 0) -> Statement:
    return Statement("INSERT", (at_s,), at_s, at_s + 1, audio_bytes)


@given(st.integers(0, 20), st.lists(st.integers(0, 20), max_size=20))
def test_rows_leave_in_the_order_in_which_they_came(count: int, portions: list[int]) -> None:
    backlog, left = Backlog(), []
    for number in range(count):
        backlog.add(row(number))
    for portion in [*portions, count]:
        rows = backlog.first(portion)
        backlog.done(len(rows))
        left += [statement.start_s for statement in rows]
    assert left == list(range(count))
    assert len(backlog) == 0


def test_what_finds_no_room_is_counted_with_its_stretch() -> None:
    backlog = Backlog(max_rows=2)
    for at_s in (0, 1, 7, 3):
        backlog.add(row(at_s))
    assert [statement.start_s for statement in backlog.first(9)] == [0, 1]
    assert backlog.take_loss() == Loss(count=2, start_s=3, end_s=8)
    assert backlog.take_loss() == Loss()


def test_audio_that_finds_no_room_leaves_room_for_events() -> None:
    backlog = Backlog(max_audio_bytes=100)
    for audio_bytes in (60, 60, 0):
        backlog.add(row(0, audio_bytes))
    assert [statement.audio_bytes for statement in backlog.first(9)] == [60, 0]
    assert backlog.loss.count == 1


def test_there_is_room_again_when_rows_are_done() -> None:
    backlog = Backlog(max_rows=1, max_audio_bytes=100)
    for _ in range(3):
        backlog.add(row(0, 100))
        backlog.done(1)
    assert backlog.loss.count == 0
