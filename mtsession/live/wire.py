"""How do the processes of a session talk? One local socket, proven by a key, typed messages; the engine never waits.

The engine listens (`WireServer`), peers connect (`WireClient`). Peers send what `live.intake` admits; the engine
sends `LiveState`, of which a slow reader gets the newest only. A peer that sends rubbish is cut off and counted.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path

from mtsession.clock import Clock
from mtsession.errors import WireError
from mtsession.events import ContactId, Event
from mtsession.live.intake import READER, FromPeer, Intake
from mtsession.live.state import LiveState
from mtsession.live.typed import TypedReader, encode
from mtsession.wording import say

LONGEST_MESSAGE_BYTES = 65_536
"""What a peer may send at once."""

LONGEST_STATE_BYTES = 4_194_304
"""What a peer accepts from the engine: a minute of dense playing on 16 seats is a tenth of it."""

MAX_PEERS = 8
"""Pads, screen, desk and supervisor, and some to spare."""

PATIENCE_S = 1.0
"""A peer that stops in the middle of a message, or reads nothing while its buffer is full, is dropped after this."""

LONGEST_UNIX_PATH = 100
"""Bytes in the path of a Unix socket: 104 on macOS, 108 on Linux, with its closing zero."""

BROKEN = (OSError, EOFError, AuthenticationError, AssertionError, ValueError)
"""How a connection ends badly; `AssertionError` is what multiprocessing raises for a malformed challenge."""

STATE_READER = TypedReader[LiveState]((LiveState,))

logger = logging.getLogger(__name__)


def wire_address(run_folder: Path, session_id: str) -> str:
    """Where the engine of this session listens: a named pipe on Windows, else a Unix socket with a short path."""
    if sys.platform == "win32":
        return rf"\\.\pipe\mtsession-{session_id}"
    path = run_folder / f"{session_id}.sock"
    if len(os.fsencode(path)) <= LONGEST_UNIX_PATH:
        return str(path)
    name = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"mtsession-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise WireError(say("live.foreign_folder", name=folder.name), say("live.foreign_folder_next"))
    return str(folder / f"{name}.sock")


class _Patient:
    """A connection as `multiprocessing`'s challenges use it, with an end to waiting for the other side."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send_bytes(self, message: bytes) -> None:
        self._connection.send_bytes(message)

    def recv_bytes(self, longest: int) -> bytes:
        if not self._connection.poll(PATIENCE_S):
            raise EOFError
        return self._connection.recv_bytes(longest)


def _limit_waiting(connection: Connection) -> None:
    """Let reads and writes that got stuck half way fail after a while (sockets only; pipes of Windows have none)."""
    if sys.platform == "win32":
        return
    timeout = struct.pack("@ll", int(PATIENCE_S), int(PATIENCE_S % 1 * 1e6))
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeout)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)


class _Peer:
    """One connection of the server: a thread that reads, a thread that sends the newest state."""

    def __init__(self, connection: Connection, intake: Intake, put: Callable[[Event], None]) -> None:
        self._connection = connection
        self._intake = intake
        self._put = put
        self._newest: bytes | None = None
        self._fresh = threading.Condition()
        self._open = True

    def offer(self, state: bytes) -> None:
        """Send this next; a state that was not sent yet is forgotten for it."""
        with self._fresh:
            self._newest = state
            self._fresh.notify()

    def close(self) -> None:
        """Send nothing more."""
        with self._fresh:
            self._open = False
            self._fresh.notify()

    def prove(self, authkey: bytes) -> None:
        """Both sides show that they know the key; raises one of `BROKEN` where they do not."""
        _limit_waiting(self._connection)
        patient = _Patient(self._connection)
        deliver_challenge(patient, authkey)  # type: ignore[arg-type]
        answer_challenge(patient, authkey)  # type: ignore[arg-type]

    def read_until_gone(self) -> None:
        """Pass on what comes; raises WireError for rubbish. Held touches are lifted in the end."""
        try:
            while message := self._next_message():
                event = self._intake.admit(READER.decode(message))
                if event is not None:
                    self._put(event)
        finally:
            self.close()
            for lift in self._intake.goodbye():
                self._put(lift)

    def send_until_closed(self) -> None:
        """Send states as they come, until the peer has gone or does not read."""
        try:
            while (state := self._next_state()) is not None:
                self._connection.send_bytes(state)
        except OSError:
            logger.info("a peer does not read, or has gone: it is dropped")
        finally:
            self._hang_up()

    def _next_message(self) -> bytes | None:
        """None when the peer has gone, in order or not."""
        try:
            self._connection.poll(None)
            return self._connection.recv_bytes(LONGEST_MESSAGE_BYTES)
        except (EOFError, OSError):
            return None

    def _next_state(self) -> bytes | None:
        with self._fresh:
            self._fresh.wait_for(lambda: self._newest is not None or not self._open)
            state, self._newest = self._newest, None
            return state if self._open else None

    def _hang_up(self) -> None:
        """Wake the reading thread, which may be waiting for a peer that says nothing."""
        if sys.platform == "win32":
            self._connection.close()
            return
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)


class WireServer:
    """The engine's end. `put` is called from threads of the server, once for each admitted event."""

    def __init__(
        self,
        address: str,
        authkey: bytes,
        *,
        clock: Clock,
        next_id: Callable[[], ContactId],
        put: Callable[[Event], None],
    ) -> None:
        """Listen at once. A socket that a dead engine left behind is removed first."""
        if sys.platform != "win32":
            Path(address).unlink(missing_ok=True)
        self._authkey = authkey
        self._clock, self._next_id, self._put = clock, next_id, put
        self._peers: set[_Peer] = set()
        self._doors = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._address = address
        self._listener = Listener(address, family=_family(), backlog=MAX_PEERS)
        self.cut_off = 0
        self._thread = threading.Thread(target=self._accept, name="wire", daemon=True)
        self._thread.start()

    @property
    def peers(self) -> int:
        """How many have proven themselves and are connected."""
        return len(self._peers)

    def publish(self, state: LiveState) -> None:
        """Offer the newest state to every peer; never waits."""
        with self._lock:
            peers = tuple(self._peers)
        if peers:
            line = encode(state)
            for peer in peers:
                peer.offer(line)

    def close(self) -> None:
        """Let the peers go and listen no more."""
        self._closing.set()
        with contextlib.suppress(OSError):
            # Only a caller wakes a thread that waits in `accept`.
            Client(self._address, family=_family()).close()
        self._thread.join(PATIENCE_S)
        self._listener.close()
        with self._lock:
            for peer in self._peers:
                peer.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError:
                logger.info("a peer hung up before it was let in")
                continue
            if self._closing.is_set() or self._doors >= MAX_PEERS:
                connection.close()
                continue
            with self._lock:
                self._doors += 1
            threading.Thread(target=self._serve, args=(connection,), name="wire-peer", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        peer = _Peer(connection, Intake(self._clock, self._next_id), self._put)
        with connection:
            try:
                peer.prove(self._authkey)
                self._talk(peer)
            except (*BROKEN, WireError) as error:
                logger.warning("a peer was cut off: %s", type(error).__name__)
                with self._lock:
                    self.cut_off += 1
            finally:
                with self._lock:
                    self._doors -= 1

    def _talk(self, peer: _Peer) -> None:
        sender = threading.Thread(target=peer.send_until_closed, name="wire-sender", daemon=True)
        with self._lock:
            self._peers.add(peer)
        sender.start()
        try:
            peer.read_until_gone()
        finally:
            with self._lock:
                self._peers.discard(peer)
            sender.join(2 * PATIENCE_S)


class WireClient:
    """A peer's end. One thread may send while another receives."""

    def __init__(self, address: str, authkey: bytes) -> None:
        """Connect; raises WireError where nobody listens (yet, or any more) or the key is not theirs."""
        try:
            self._connection = Client(address, family=_family(), authkey=authkey)
        except BROKEN as error:
            raise WireError(say("live.no_engine"), say("live.no_engine_next")) from error
        _limit_waiting(self._connection)
        self._sending = threading.Lock()

    def send(self, event: FromPeer) -> None:
        """Tell the engine; raises WireError where it has gone."""
        with self._sending:
            try:
                self._connection.send_bytes(encode(event))
            except OSError as error:
                raise WireError(say("live.no_engine"), say("live.no_engine_next")) from error

    def receive(self, timeout_s: float = 0.0) -> LiveState | None:
        """The newest state that has come, or None; raises WireError where the engine has gone."""
        newest: bytes | None = None
        try:
            while self._connection.poll(timeout_s if newest is None else 0.0):
                newest = self._connection.recv_bytes(LONGEST_STATE_BYTES)
        except (EOFError, OSError) as error:
            raise WireError(say("live.no_engine"), say("live.no_engine_next")) from error
        return None if newest is None else STATE_READER.decode(newest)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _family() -> str:
    return "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"
