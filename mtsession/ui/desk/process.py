"""How does the desk run? As a process of its own: one line of JSON in, one line with its address out."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvicorn
from starlette.types import ASGIApp

from mtsession.clock import new_clock
from mtsession.config import DataFolder
from mtsession.errors import MtSessionError
from mtsession.record.store import open_record
from mtsession.ui.desk.app import build_app
from mtsession.ui.desk.gate import HOST, new_keys
from mtsession.ui.desk.idle import LastUse, stop_when_idle
from mtsession.ui.desk.state import Desk
from mtsession.worker import Worker

LOG_NAME = "desk.log"

COULD_NOT_START = 2

CLOSING_S = 3
"""Open downloads of sound are cut after this: whoever stops the desk means it."""


class DeskPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the desk is told at its start. `idle_stop_s` None: it runs until it is stopped.

    One that is not `detached` ends when its standard input does: whoever started it is gone, and with an opened
    record it must not stay behind unseen.
    """

    folder: str
    passphrase: str | None = None
    demo: bool = False
    idle_stop_s: float | None = None
    detached: bool = False
    open_session: str | None = None


class Listening(msgspec.Struct, frozen=True):
    """What the desk answers when it listens: the address that lets a browser in."""

    url: str


def main() -> None:
    """Reads its plan from the standard input and serves until it is stopped or idle."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, _leave)
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=DeskPlan)
    folder = DataFolder(Path(plan.folder)).make()
    logging.basicConfig(filename=folder.logs / LOG_NAME, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        serve(plan, folder)
    except MtSessionError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(COULD_NOT_START) from error


def serve(plan: DeskPlan, folder: DataFolder) -> None:
    """Listen on a free port of this machine only, say where, and answer."""
    with socket.create_server((HOST, 0)) as listening, Worker() as worker:
        keys = new_keys(listening.getsockname()[1])
        record = None if plan.passphrase is None else open_record(folder, plan.passphrase)
        desk = Desk(folder, worker, keys, plan.demo, record)
        then = f"/sessions/{plan.open_session}" if plan.open_session else "/"
        try:
            asyncio.run(_answer(desk, listening, plan, lambda: _say(keys.entry_url(then))))
        finally:
            if desk.record is not None:
                desk.record.close()


async def _answer(desk: Desk, listening: socket.socket, plan: DeskPlan, say_url: Callable[[], None]) -> None:
    last_use = LastUse(new_clock())
    server = _Server(_config(build_app(desk, last_use)), say_url)
    if not plan.detached:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), name="stdin", daemon=True).start()
    if plan.idle_stop_s is None:
        await server.serve([listening])
        return
    watching = asyncio.create_task(stop_when_idle(last_use, plan.idle_stop_s, server.stop))
    await server.serve([listening])
    watching.cancel()


def _stop_at_end_of_input(server: _Server) -> None:
    # Not by way of `sys.stdin`, whose lock a thread that waits would still hold at the interpreter's end.
    while os.read(0, 1):
        pass
    server.stop()


class _Server(uvicorn.Server):
    """Says its address once it answers."""

    def __init__(self, config: uvicorn.Config, say_url: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_url = say_url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_url()

    def stop(self) -> None:
        """Answer what is asked, then end."""
        self.should_exit = True


def _config(app: ASGIApp) -> uvicorn.Config:
    """No access log: an address holds a session's id, and who looked at what when is the record's to account for."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=CLOSING_S,
    )


def _leave(*_: object) -> None:
    """The server hands the signal on once it has stopped; the record is closed on the way out."""
    raise SystemExit(0)


def _say(url: str) -> None:
    sys.stdout.write(msgspec.json.encode(Listening(url)).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
