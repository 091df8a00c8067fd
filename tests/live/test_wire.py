import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from multiprocessing.connection import Client
from pathlib import Path
from queue import Queue

import pytest

from mtsession.clock import ManualClock
from mtsession.errors import WireError
from mtsession.events import Action, Contact, ContactId, Control, Event, Lift, Mark, Seat
from mtsession.live.state import LiveState, RecentNote
from mtsession.live.wire import LONGEST_MESSAGE_BYTES, LONGEST_UNIX_PATH, WireClient, WireServer, wire_address

KEY = b"k" * 32
THERAPIST = Seat("therapist")
STOP = Control(5.0, THERAPIST, Action.STOP)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="hostile peers are made of Unix sockets here")


class Engine:
    """A server with an inbox that can be waited for."""

    def __init__(self, folder: Path) -> None:
        self.inbox: Queue[Event] = Queue()
        ids = count(1)
        self.address = wire_address(folder, "s")
        self.server = WireServer(
            self.address, KEY, clock=ManualClock(5.0), next_id=lambda: ContactId(next(ids)), put=self.inbox.put
        )

    def close(self) -> None:
        self.server.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with closing(Engine(tmp_path)) as running:
        yield running


def state(time_s: float, n_recent: int = 0) -> LiveState:
    recent = tuple(RecentNote(THERAPIST, time_s, None, 64) for _ in range(n_recent))
    return LiveState("s", time_s, (), recent, (), "open-keys", "C", -18.0, -90.0, False, False, True, 0, 0, "")


def until(true: Callable[[], bool], within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return true()


def raw_peer(engine: Engine) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(engine.address)
    return peer


def still_works(engine: Engine) -> bool:
    with closing(WireClient(engine.address, KEY)) as peer:
        peer.send(STOP)
        return engine.inbox.get(timeout=5) == STOP


def test_an_event_arrives_as_it_was_sent(engine: Engine) -> None:
    assert still_works(engine)


def test_every_peer_gets_the_state(engine: Engine) -> None:
    with ExitStack() as stack:
        peers = [stack.enter_context(closing(WireClient(engine.address, KEY))) for _ in range(3)]
        assert until(lambda: engine.server.peers == 3)

        engine.server.publish(state(1.0))

        assert [peer.receive(5.0) for peer in peers] == [state(1.0)] * 3


def test_no_state_yet_is_none_and_does_not_wait(engine: Engine) -> None:
    with closing(WireClient(engine.address, KEY)) as peer:
        assert peer.receive() is None


def test_a_touch_held_by_a_peer_that_goes_is_lifted(engine: Engine) -> None:
    peer = WireClient(engine.address, KEY)
    peer.send(Contact(ContactId(9), 5.0, Seat("client"), "pads", 60, 80))
    touched = engine.inbox.get(timeout=5)
    peer.close()

    assert isinstance(touched, Contact)
    assert engine.inbox.get(timeout=5) == Lift(touched.id, 5.0, Seat("client"))


def test_another_key_is_refused_and_counted(engine: Engine) -> None:
    with pytest.raises(WireError, match="no session is running"):
        WireClient(engine.address, b"another key")

    assert until(lambda: engine.server.cut_off == 1)
    assert still_works(engine)


def test_where_nobody_listens_there_is_no_session(tmp_path: Path) -> None:
    with pytest.raises(WireError, match="no session is running"):
        WireClient(wire_address(tmp_path, "nobody"), KEY)


@pytest.mark.parametrize(
    "message",
    [b"rubbish", b"{}", b"\x80\x04cos\nsystem\n.", b'{"kind": "Gap", "value": {}}', b"x" * LONGEST_MESSAGE_BYTES],
    ids=["text", "empty", "pickle", "kind", "long"],
)
def test_a_peer_that_sends_rubbish_is_cut_off_and_counted(engine: Engine, message: bytes) -> None:
    with Client(engine.address, family="AF_UNIX", authkey=KEY) as peer:
        peer.send_bytes(message)

        assert until(lambda: engine.server.cut_off == 1)
        assert until(lambda: engine.server.peers == 0)
    assert still_works(engine)


def test_a_message_over_the_limit_is_not_read_and_ends_the_connection(engine: Engine) -> None:
    with closing(WireClient(engine.address, KEY)) as peer:
        assert until(lambda: engine.server.peers == 1)
        peer.send(Mark(5.0, THERAPIST, 0.0, "x" * LONGEST_MESSAGE_BYTES))

        assert until(lambda: engine.server.peers == 0)
    assert still_works(engine)


def test_a_length_that_never_comes_ends_the_connection(engine: Engine) -> None:
    with Client(engine.address, family="AF_UNIX", authkey=KEY) as peer:
        assert until(lambda: engine.server.peers == 1)
        os.write(peer.fileno(), struct.pack("!i", 1000) + b"only this")

        assert until(lambda: engine.server.peers == 0)


def test_a_peer_that_says_nothing_holds_nobody_up(engine: Engine) -> None:
    with raw_peer(engine), raw_peer(engine):
        assert still_works(engine)


def test_a_peer_that_does_not_read_is_dropped_and_the_engine_does_not_wait(engine: Engine) -> None:
    with Client(engine.address, family="AF_UNIX", authkey=KEY):
        assert until(lambda: engine.server.peers == 1)
        slowest_s = 0.0
        for index in range(200):
            began_s = time.monotonic()
            engine.server.publish(state(float(index), n_recent=500))
            slowest_s = max(slowest_s, time.monotonic() - began_s)
            if index % 10 == 0:
                time.sleep(0.01)

        assert slowest_s < 0.2
        assert until(lambda: engine.server.peers == 0)


def test_a_slow_reader_gets_the_newest_state(engine: Engine) -> None:
    with closing(WireClient(engine.address, KEY)) as peer:
        assert until(lambda: engine.server.peers == 1)
        for index in range(50):
            engine.server.publish(state(float(index)))

        newest = [peer.receive(5.0)]
        while (received := peer.receive(0.2)) is not None:
            newest.append(received)
        assert newest[-1] == state(49.0)


def test_when_the_engine_goes_its_peers_are_told(engine: Engine) -> None:
    with closing(WireClient(engine.address, KEY)) as peer:
        assert until(lambda: engine.server.peers == 1)
        engine.close()

        with pytest.raises(WireError, match="no session is running"):
            peer.receive(5.0)


def test_a_new_engine_takes_the_place_of_a_dead_one(tmp_path: Path) -> None:
    left_behind = socket.socket(socket.AF_UNIX)
    left_behind.bind(wire_address(tmp_path, "s"))
    left_behind.close()

    with closing(Engine(tmp_path)) as engine:
        assert still_works(engine)


def test_nothing_is_left_when_the_engine_closes(tmp_path: Path) -> None:
    with closing(Engine(tmp_path)) as engine:
        assert still_works(engine)

    assert list(tmp_path.iterdir()) == []
    assert until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("wire")])


def test_a_long_path_gets_a_short_address(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)

    address = wire_address(folder, "20260101-000000-abcd")

    assert len(os.fsencode(address)) <= LONGEST_UNIX_PATH
    assert address == wire_address(folder, "20260101-000000-abcd")
    assert address != wire_address(folder, "20260101-000000-abce")
