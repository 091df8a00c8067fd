"""When has nobody used the desk for long enough? It then stops by itself and takes the opened record with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from mtsession.clock import Clock


@dataclass(slots=True)
class LastUse:
    """When the desk was last asked for anything, and how many answers are under way."""

    clock: Clock
    at_s: float = field(init=False)
    under_way: int = 0

    def __post_init__(self) -> None:
        self.at_s = self.clock.now_s()

    def idle_s(self) -> float:
        """Seconds since the last answer; 0 while one is under way."""
        return 0.0 if self.under_way else self.clock.now_s() - self.at_s

    def begin(self) -> None:
        """A request came."""
        self.under_way += 1

    def end(self) -> None:
        """Its answer went, or its browser left."""
        self.under_way -= 1
        self.at_s = self.clock.now_s()


@dataclass(frozen=True, slots=True)
class NoteUse:
    """Tells `last_use` of every request."""

    app: ASGIApp
    last_use: LastUse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        self.last_use.begin()
        try:
            await self.app(scope, receive, send)
        finally:
            self.last_use.end()


async def stop_when_idle(last_use: LastUse, idle_stop_s: float, stop: Callable[[], None]) -> None:
    """Call `stop` once the desk was idle for `idle_stop_s`."""
    while (left_s := idle_stop_s - last_use.idle_s()) > 0:
        await asyncio.sleep(max(left_s, 0.05))
    stop()
