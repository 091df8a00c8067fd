"""What does the desk hold while it runs? The data folder, the open record, and what was read and measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from mtsession.analysis.change import Thirds
from mtsession.analysis.summary import SessionMeasures
from mtsession.capture.keys import Opener, folder_opener, unwrap
from mtsession.capture.library import Access, SessionSummary, session_ids, summary
from mtsession.capture.reader import read_session
from mtsession.config import DataFolder
from mtsession.errors import SessionNotFoundError
from mtsession.record.keys import has_record
from mtsession.record.store import Record
from mtsession.session import Session
from mtsession.ui.desk.gate import Keys
from mtsession.ui.desk.lately import Lately
from mtsession.wording import say
from mtsession.worker import Worker

SESSIONS_KEPT = 4
SOUNDS_KEPT = 2
"""Forty minutes of stereo FLAC are some 100 MB; they are never laid on the disk in the clear."""


@dataclass(frozen=True, slots=True)
class SealedSession:
    """A session file with the key that opens it."""

    id: str
    path: Path
    key: bytes = field(repr=False)


@dataclass(slots=True)
class Desk:
    """One run of the desk. `record` is None while it is locked, or while there is none."""

    folder: DataFolder
    worker: Worker
    keys: Keys
    demo: bool
    record: Record | None = None
    _read: Lately[Session] = field(default_factory=lambda: Lately(SESSIONS_KEPT))
    _measured: Lately[SessionMeasures] = field(default_factory=lambda: Lately(SESSIONS_KEPT))
    _thirds: Lately[Thirds] = field(default_factory=lambda: Lately(SESSIONS_KEPT))
    _sounds: Lately[bytes] = field(default_factory=lambda: Lately(SOUNDS_KEPT))
    _summaries: dict[tuple[object, ...], SessionSummary] = field(default_factory=dict)

    @property
    def is_locked(self) -> bool:
        """There is a record, and nobody has opened it yet."""
        return self.record is None and has_record(self.folder)

    def opener(self) -> Opener | None:
        """What opens session keys here; None where nothing was ever kept."""
        return self.record.opener if self.record else folder_opener(self.folder)

    def sealed(self, session_id: str) -> SealedSession:
        """A session by its whole id. Raises SessionNotFoundError, SessionKeyError."""
        opener = self.opener()
        if session_id not in session_ids(self.folder) or opener is None:
            raise SessionNotFoundError(say("desk.no_such_session"), say("desk.not_found_next"))
        return SealedSession(session_id, self.folder.session_file(session_id), unwrap(self.folder, session_id, opener))

    def summaries(self) -> tuple[SessionSummary, ...]:
        """All sessions, newest first; a file that did not change is not read again."""
        opener = self.opener()
        return tuple(self._summary(session_id, opener) for session_id in session_ids(self.folder))

    def lock(self) -> None:
        """Close the record and forget everything that its key had opened."""
        if self.record is not None:
            self.record.close()
            self.record = None
        for kept in (self._read, self._measured, self._thirds, self._sounds):
            kept.clear()
        self._summaries.clear()

    async def session(self, sealed: SealedSession) -> Session:
        """What the session file holds."""
        return await self._read.get(_key(sealed), lambda: run_in_threadpool(read_session, sealed.path, sealed.key))

    async def measures(self, sealed: SealedSession) -> SessionMeasures:
        """Its measures, from the worker."""
        return await self._measured.get(_key(sealed), lambda: self.worker.measures(sealed.path, sealed.key))

    async def thirds(self, sealed: SealedSession) -> Thirds:
        """The measures of its thirds, from the worker."""
        return await self._thirds.get(_key(sealed), lambda: self.worker.thirds(sealed.path, sealed.key))

    async def sound(self, sealed: SealedSession, track: str | None) -> bytes:
        """Its sound as FLAC, from the worker; `track` None is the sound made from the notes."""
        key = f"{_key(sealed)} {track or ''}"
        return await self._sounds.get(key, lambda: self.worker.sound(sealed.path, sealed.key, track))

    def _summary(self, session_id: str, opener: Opener | None) -> SessionSummary:
        key = (session_id, _version(self.folder.session_file(session_id)))
        found = self._summaries.get(key) or summary(self.folder, session_id, opener)
        if found.access is Access.READABLE:
            self._summaries[key] = found
        return found


def desk_of(request: Request) -> Desk:
    """The desk that this request came to."""
    desk: Desk = request.app.state.desk
    return desk


def _key(sealed: SealedSession) -> str:
    return f"{sealed.id} {_version(sealed.path)}"


def _version(path: Path) -> tuple[tuple[int, int], ...]:
    """How the file stands now, with its journal: a session that still runs, or is marked again, has another one."""
    parts = (path, path.with_name(path.name + "-wal"))
    return tuple((facts.st_mtime_ns, facts.st_size) for part in parts if part.exists() and (facts := part.stat()))
