"""What was worked out lately."""

from __future__ import annotations

import asyncio

import pytest

from mtsession.ui.desk.lately import Lately


class Counted:
    """Work that counts how often it was done, and waits until it may end."""

    def __init__(self, *, fails: bool = False) -> None:
        self.done = 0
        self.may_end = asyncio.Event()
        self._fails = fails

    async def work(self) -> int:
        self.done += 1
        await self.may_end.wait()
        if self._fails:
            raise ValueError("no result")
        return self.done


def test_however_many_ask_at_once_it_is_worked_out_once() -> None:
    async def ask() -> tuple[list[int], int]:
        counted, lately = Counted(), Lately[int](2)
        asking = [asyncio.create_task(lately.get("a", counted.work)) for _ in range(5)]
        await asyncio.sleep(0)
        counted.may_end.set()
        return await asyncio.gather(*asking), counted.done

    assert asyncio.run(ask()) == ([1] * 5, 1)


def test_only_the_last_few_are_kept() -> None:
    async def ask() -> list[int]:
        counted, lately = Counted(), Lately[int](2)
        counted.may_end.set()
        return [await lately.get(key, counted.work) for key in ("a", "b", "a", "c", "a", "b")]

    assert asyncio.run(ask()) == [1, 2, 1, 3, 1, 4]


def test_work_that_failed_is_done_anew() -> None:
    async def ask() -> int:
        failing, good, lately = Counted(fails=True), Counted(), Lately[int](2)
        failing.may_end.set()
        good.may_end.set()
        with pytest.raises(ValueError, match="no result"):
            await lately.get("a", failing.work)
        return await lately.get("a", good.work)

    assert asyncio.run(ask()) == 1


def test_who_leaves_stops_nobody_elses_work() -> None:
    async def ask() -> tuple[int, int]:
        counted, lately = Counted(), Lately[int](2)
        leaving = asyncio.create_task(lately.get("a", counted.work))
        staying = asyncio.create_task(lately.get("a", counted.work))
        await asyncio.sleep(0)
        leaving.cancel()
        counted.may_end.set()
        return await staying, counted.done

    assert asyncio.run(ask()) == (1, 1)
