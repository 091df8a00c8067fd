"""What was worked out lately? The last few results, each worked out once however many ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    """Keeps the results of the last `kept` keys."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """The result for this key; work that failed is not kept. Whoever asked and left stops nobody else's work."""
        task = self._tasks.pop(key, None) or asyncio.ensure_future(_awaited(work))
        self._tasks[key] = task
        while len(self._tasks) > self._kept:
            del self._tasks[next(iter(self._tasks))]
        try:
            return await asyncio.shield(task)
        finally:
            if task.done() and (task.cancelled() or task.exception()) and self._tasks.get(key) is task:
                del self._tasks[key]

    def clear(self) -> None:
        """Forget everything; work that is under way ends for those who wait for it."""
        self._tasks.clear()


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
