"""How does a running session reach the disk, so that a crash at any moment loses at most two ticks?"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import soundfile
import sqlcipher3
from numpy.typing import ArrayLike

from mtsession.capture.backlog import Backlog, Statement
from mtsession.capture.database import create_database, discard, reopen_database
from mtsession.capture.refusals import refusal
from mtsession.capture.schema import EVENT_TABLES, SessionHeader, end_of_s, time_of_s, to_microseconds
from mtsession.capture.tracks import Heard, StoredTracks, blocks
from mtsession.errors import DiskFullError
from mtsession.events import Event, Gap
from mtsession.session import Player, Setup, Track

if TYPE_CHECKING:
    from sqlite3 import Connection  # sqlcipher3's has the same interface and no types

logger = logging.getLogger(__name__)

TICK_S = 0.2
"""A commit every 200 ms: a kill loses at most the tick that is filling and the one that is being written."""

ROWS_A_COMMIT = 2_000
"""After a full disk the backlog goes out in portions, so that a little space takes a little of it."""

READER_PATIENCE_MS = 200
"""How long closing waits for somebody who reads the file just then."""

DISK_FULL = "disk full"
"""Reason of the gap that tells what memory could not hold."""


_Item: TypeAlias = Event | Heard


class SessionWriter:
    """Keeps one session's events and audio, from a thread of its own.

    `put` and `put_audio` may be called from any thread and never wait for the disk. What goes wrong there is in
    `failure` (None again as soon as a commit succeeded); the session goes on and nothing waiting is lost. `rejected`
    counts what no session file can hold (a time that is no number): a fault of the program, also logged.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        header: SessionHeader | None,
        tick_s: float = TICK_S,
        backlog: Backlog | None = None,
    ) -> None:
        """Make the file, or with `header=None` go on with the one that is there.

        Raises DiskFullError where a new file cannot be written, SessionFormatError or SessionKeyError where an old
        one cannot be opened.
        """
        self._name, self._tick_s = path.name, tick_s
        self._database = _begin(path, key, header) if header else reopen_database(path, key)
        self._backlog = backlog if backlog is not None else Backlog()
        self._backlog.add(_duration(None))
        self._tracks = StoredTracks(self._database)
        self._next_seq = _last_seq(self._database) + 1
        self._inbox: SimpleQueue[_Item] = SimpleQueue()
        self._stopping, self._closed = threading.Event(), False
        self.failure: DiskFullError | None = None
        self.rejected = 0
        self._thread = threading.Thread(target=self._run, name="session-writer", daemon=True)
        self._thread.start()

    def put(self, event: Event) -> None:
        """Keep an event; it is on the disk at most two ticks later."""
        self._inbox.put(event)

    def put_audio(self, track: Track, first_frame: int, frames: ArrayLike) -> None:
        """Keep frames (n,) or (n, channels) of a track; they are copied. `first_frame` counts from `track.start_s`.

        A track that goes on after a restart keeps its name and has a new `start_s`: its frames are placed by time.
        Raises ValueError for a rate that is none.
        """
        if track.sample_rate_hz <= 0:
            raise ValueError(f"a track of {track.sample_rate_hz} frames a second")
        copied = np.array(frames, dtype=np.float32, ndmin=1)
        self._inbox.put(Heard(track, first_frame, copied.reshape(len(copied), -1)))

    def close(self, duration_s: float) -> None:
        """Write what is left and the session's duration, and close the file; a second time does nothing.

        Raises DiskFullError where the disk does not take it: the file stays open, and `close` can be called again.
        """
        if self._closed:
            return
        self._stopping.set()
        self._thread.join()
        self._tick()
        if not len(self._backlog):
            self._finish(duration_s)
        if self.failure is not None:
            raise self.failure
        self._database.close()
        self._closed = True

    def abandon(self) -> None:
        """Close the file without what is left to write: the disk did not take it and it is not wanted any more."""
        self._stopping.set()
        self._thread.join()
        if not self._closed:
            self._database.close()
            self._closed = True

    def _run(self) -> None:
        while not self._stopping.wait(self._tick_s):
            self._tick()

    def _tick(self) -> None:
        self._take_in(list(self._drain()))
        while len(self._backlog):
            portion = self._backlog.first(ROWS_A_COMMIT)
            if not self._commit(portion):
                return
            self._backlog.done(len(portion))
            self._tell_loss()

    def _drain(self) -> Iterator[_Item]:
        try:
            while True:
                yield self._inbox.get_nowait()
        except Empty:
            return

    def _take_in(self, items: Iterable[_Item]) -> None:
        for heard, group in groupby(items, key=lambda item: isinstance(item, Heard)):
            if heard:
                self._take_audio([item for item in group if isinstance(item, Heard)])
            else:
                self._take_events([item for item in group if not isinstance(item, Heard)])

    def _take_events(self, events: Iterable[Event]) -> None:
        for event in events:
            try:
                table = EVENT_TABLES[type(event)]
                row = table.row(self._next_seq, event)
            except (KeyError, TypeError, ValueError, OverflowError):
                self._reject(type(event).__name__)
                continue
            self._next_seq += 1
            self._backlog.add(Statement(table.insert, row, time_of_s(event), end_of_s(event)))

    def _take_audio(self, heard: Iterable[Heard]) -> None:
        for block in blocks(heard):
            try:
                statements = self._tracks.statements(block)
            except (soundfile.LibsndfileError, TypeError, ValueError):
                self._reject("block of audio")
                continue
            for statement in statements:
                self._backlog.add(statement)

    def _reject(self, kind: str) -> None:
        self.rejected += 1
        logger.warning("a %s with values that cannot be kept was left out", kind)

    def _commit(self, portion: list[Statement]) -> bool:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            for statement in portion:
                self._database.execute(statement.sql, statement.row)
            self._database.execute("COMMIT")
        except sqlcipher3.Error as error:
            self._fail(error)
            return False
        self.failure = None
        return True

    def _fail(self, error: Exception) -> None:
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")
        if self.failure is None:
            logger.warning("session file not written: %s", error)
        self.failure = refusal(DiskFullError, "disk_full", reason=str(error))

    def _tell_loss(self) -> None:
        loss = self._backlog.take_loss()
        if loss.count:
            logger.warning("%d rows found no room in memory while the disk was full", loss.count)
            self._take_events([Gap(loss.start_s, loss.end_s, DISK_FULL)])

    def _finish(self, duration_s: float) -> None:
        if self._commit([_duration(float(duration_s))]):
            _tidy(self._database)


def _begin(path: Path, key: bytes, header: SessionHeader) -> Connection:
    started_at_us = to_microseconds(header.started_at)
    database = create_database(path, key)
    try:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO header VALUES (1, ?, ?, NULL)", (header.session_id, started_at_us))
        _put_players(database, header.players)
        _put_setup(database, header.setup)
        database.execute("COMMIT")
    except sqlcipher3.Error as error:
        database.close()
        discard(path)
        raise refusal(DiskFullError, "cannot_write", name=path.name, reason=str(error)) from error
    return database


def _put_players(database: Connection, players: tuple[Player, ...]) -> None:
    for position, player in enumerate(players):
        row = (position, player.seat, str(player.role), player.instrument, player.palette)
        database.execute("INSERT INTO players VALUES (?, ?, ?, ?, ?)", row)
        access = [(player.seat, setting, value) for setting, value in player.access.items()]
        database.executemany("INSERT INTO player_access VALUES (?, ?, ?)", access)


def _put_setup(database: Connection, setup: Setup) -> None:
    database.execute("INSERT INTO setup VALUES (1, ?, ?, ?)", (setup.palette, setup.key, int(setup.simulated)))
    database.executemany("INSERT INTO setup_assists VALUES (?, ?)", list(setup.assists.items()))
    database.executemany("INSERT INTO setup_latencies VALUES (?, ?)", list(setup.latency_s.items()))


def _duration(duration_s: float | None) -> Statement:
    """None while a session is being written, also for the second time."""
    return Statement("UPDATE header SET duration_s = ?", (duration_s,), 0.0, 0.0)


def _last_seq(database: Connection) -> int:
    tables = " UNION ALL ".join(f"SELECT max(seq) AS seq FROM {table.name}" for table in EVENT_TABLES.values())  # noqa: S608
    (last,) = database.execute(f"SELECT max(seq) FROM ({tables})").fetchone()  # noqa: S608
    return last or 0


def _tidy(database: Connection) -> None:
    """Leave one file, which also opens where nothing can be written; not while somebody reads it just now."""
    try:
        database.execute(f"PRAGMA busy_timeout = {READER_PATIENCE_MS}")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")
    except sqlcipher3.OperationalError as error:
        logger.info("the session file keeps its journal: %s", error)
