"""Does the screen hold on to an engine that dies and comes back? Against the engine's own end of the wire."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

import pytest

from mtsession.clock import new_clock
from mtsession.events import Action, ContactId, Control, Event, Mark
from mtsession.live.state import LiveState
from mtsession.live.wire import WireServer
from mtsession.ui.screen.inbox import Inbox
from mtsession.ui.screen.link import EngineLink
from tests.ui.screen.example_states import THERAPIST, live_state

KEY = b"k" * 32
WITHIN_S = 5.0


@dataclass(slots=True)
class Heard:
    """What a loop would do: take the newest state whenever it is woken."""

    woken: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait(self) -> None:
        assert self.woken.acquire(timeout=WITHIN_S)


@dataclass(slots=True)
class EngineEnd:
    """Servers that come and go at one address, and what reached them."""

    address: str
    got: Queue[Event] = field(default_factory=Queue)

    def serve(self) -> WireServer:
        numbers = itertools.count(1)
        return WireServer(
            self.address, KEY, clock=new_clock(), next_id=lambda: ContactId(next(numbers)), put=self.got.put
        )


@pytest.fixture
def engine(tmp_path: Path) -> EngineEnd:
    return EngineEnd(str(tmp_path / "s.sock"))


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def linked(engine: EngineEnd, ending: ExitStack) -> tuple[EngineLink, Inbox, Heard, threading.Thread]:
    heard = Heard()
    inbox = Inbox(heard.woken.release)
    link = EngineLink(engine.address, KEY, inbox)
    thread = threading.Thread(target=link.listen)
    thread.start()
    ending.callback(thread.join, WITHIN_S)
    ending.callback(link.end)
    return link, inbox, heard, thread


def publish_until_seen(server: WireServer, inbox: Inbox, heard: Heard, time_s: float) -> LiveState:
    """The engine publishes thirty times a second: a state that comes before the link stands is followed by others."""
    for _ in range(100):
        server.publish(live_state(time_s=time_s))
        heard.woken.acquire(timeout=0.05)
        if (arrived := inbox.take()) is not None and arrived.state.time_s == time_s:
            return arrived.state
    raise AssertionError("no state came through")


def test_states_come_through(engine: EngineEnd, ending: ExitStack) -> None:
    server = engine.serve()
    ending.callback(server.close)
    _, inbox, heard, _ = linked(engine, ending)
    assert publish_until_seen(server, inbox, heard, 7.0) == live_state(time_s=7.0)
    assert not inbox.engine_lost


def test_what_is_asked_reaches_the_engine(engine: EngineEnd, ending: ExitStack) -> None:
    server = engine.serve()
    ending.callback(server.close)
    link, inbox, heard, _ = linked(engine, ending)
    publish_until_seen(server, inbox, heard, 7.0)
    link.send(Mark(0.0, THERAPIST, 0.0))
    assert isinstance(engine.got.get(timeout=WITHIN_S), Mark)


def test_an_engine_that_comes_back_at_its_address_is_shown_again(engine: EngineEnd, ending: ExitStack) -> None:
    first = engine.serve()
    _, inbox, heard, _ = linked(engine, ending)
    publish_until_seen(first, inbox, heard, 1.0)
    first.close()
    while not inbox.engine_lost:
        inbox.take()
        heard.wait()
    second = engine.serve()
    ending.callback(second.close)
    publish_until_seen(second, inbox, heard, 2.0)
    assert not inbox.engine_lost


def test_after_stop_the_screen_closes_with_the_engine(engine: EngineEnd, ending: ExitStack) -> None:
    server = engine.serve()
    link, inbox, heard, thread = linked(engine, ending)
    publish_until_seen(server, inbox, heard, 1.0)
    link.send(Control(0.0, THERAPIST, Action.STOP))
    assert isinstance(engine.got.get(timeout=WITHIN_S), Control)
    server.close()
    thread.join(WITHIN_S)
    assert not thread.is_alive()
    assert inbox.closed


def test_what_is_asked_while_there_is_no_engine_falls_away(engine: EngineEnd, ending: ExitStack) -> None:
    link, inbox, heard, _ = linked(engine, ending)
    heard.wait()
    assert inbox.engine_lost
    link.send(Mark(0.0, THERAPIST, 0.0))
    assert engine.got.empty()


def test_only_the_newest_state_waits_and_wakes_once() -> None:
    heard = Heard()
    inbox = Inbox(heard.woken.release)
    for time_s in (1.0, 2.0, 3.0):
        inbox.put(live_state(time_s=time_s))
    assert heard.woken.acquire(blocking=False)
    assert not heard.woken.acquire(blocking=False)
    arrived = inbox.take()
    assert arrived is not None
    assert arrived.state.time_s == 3.0


def test_the_session_clock_goes_on_between_states() -> None:
    inbox = Inbox(lambda: None)
    inbox.put(live_state(time_s=50.0))
    arrived = inbox.take()
    assert arrived is not None
    assert arrived.session_s(arrived.at_s + 0.25) == pytest.approx(50.25)
