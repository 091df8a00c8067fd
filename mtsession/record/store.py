"""How is the case record opened, read and added to?

One SQLCipher file, `record/record.db`. Each method is one transaction; reading ones run side by side, and any number
of threads may call them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import sessionmaker

from mtsession.capture.keys import Opener
from mtsession.config import DataFolder
from mtsession.errors import RecordError
from mtsession.events import Seat
from mtsession.record import audit, keys, people
from mtsession.record.audit import Action, AuditEntry, Ledger
from mtsession.record.migrations.upgrade import bring_up_to_date
from mtsession.record.mishaps import in_words, mishap
from mtsession.record.notes import shelf
from mtsession.record.notes.note import SessionNote, Signer
from mtsession.record.notes.signing import SealedNote
from mtsession.record.people import Client, Consent
from mtsession.record.refusals import refusal

__all__ = ["Client", "Consent", "Record", "open_record", "open_unlocked", "sealed_engine"]

BUSY_S = 10.0
"""How long a writer waits for another process."""

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "temp_store=MEMORY",  # what is sorted aside is in the clear
    "foreign_keys=ON",
    "recursive_triggers=ON",
    *(("fullfsync=ON", "checkpoint_fullfsync=ON") if sys.platform == "darwin" else ()),
)


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def open_record(folder: DataFolder, passphrase: str, *, who: str = "therapist") -> Record:
    """The case record of this data folder. `who` is named in the audit for what needs no signature.

    Raises PassphraseError for a wrong passphrase, RecordError for no record, a lost or damaged one, or a newer one.
    """
    return open_unlocked(folder, keys.unlock(folder, passphrase), who=who)


def open_unlocked(
    folder: DataFolder, unlocked: keys.Unlocked, *, who: str = "therapist", now: Callable[[], datetime] = utc_now
) -> Record:
    """The same with keys that were unlocked before (by the recovery key, say), on any clock."""
    path = folder.record / "record.db"
    if not path.exists() and not keys.is_new(folder):
        raise refusal(RecordError, "database_lost")
    _keep_to_owner(path)
    engine = sealed_engine(path, unlocked.database_key)
    try:
        with in_words():
            bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    if keys.is_new(folder):
        keys.begun(folder)
    return Record(engine, unlocked, who=who, now=now)


def _keep_to_owner(path: Path) -> None:
    """Nobody else reads the file; its journal takes over its mode."""
    if not path.exists():
        path.touch(mode=0o600)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def sealed_engine(path: Path, key: bytes) -> Engine:
    """Connections to one SQLCipher file with a raw key of 32 bytes.

    The dialect's own pool crashes the interpreter with several threads (findings, storage): a queue of connections
    that any thread may use, one at a time, does not.
    """
    engine = create_engine(
        "sqlite://",
        module=sqlcipher,
        creator=partial(_connect, path, key),
        poolclass=QueuePool,
        pool_size=5,
        hide_parameters=True,  # else an error carries the text of a note into the log
    )
    event.listen(engine, "begin", _begin)
    return engine


def _connect(path: Path, key: bytes) -> Any:  # noqa: ANN401 - sqlcipher3 is untyped
    with ExitStack() as closing:
        try:
            connection = sqlcipher.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_S)
            closing.callback(connection.close)
            connection.execute("PRAGMA cipher_log_level=NONE")  # else it writes to the terminal beside our one line
            connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except sqlcipher.DatabaseError as error:
            raise mishap(error) or error from error
        closing.pop_all()
    return connection


def _begin(connection: Connection) -> None:
    """The driver's own transactions leave DDL and first reads outside: begin them here, writers at once."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Record:
    """An opened case record. Close it, or use it as a context, so that erased text leaves the disk at once."""

    def __init__(
        self, engine: Engine, unlocked: keys.Unlocked, *, who: str, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._engine, self._unlocked, self._who, self._now = engine, unlocked, who, now
        self._begin_reading = sessionmaker(engine.execution_options(writes=False))
        self._begin_writing = sessionmaker(engine)
        with self._writing() as ledger:
            ledger.enter(Action.OPENED, "record", "record")

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Move everything from the write-ahead log into the (encrypted) file, and let go of it."""
        self._sweep()
        self._engine.dispose()

    @property
    def opener(self) -> Opener:
        """Opens the keys of the sessions."""
        return self._unlocked.opener

    def clients(self) -> tuple[Client, ...]:
        """All clients, also closed ones, by code."""
        with self._reading() as transaction:
            return people.clients(transaction)

    def add_client(self, code: str, colour: str | None = None) -> Client:
        """A new client. Raises RecordError for a code that is empty, too long or taken."""
        with self._writing() as ledger:
            return people.add_client(ledger, code, colour)

    def close_client(self, code: str) -> None:
        """No more sessions are expected; everything is kept."""
        with self._writing() as ledger:
            people.close_client(ledger, code)

    def set_client_name(self, code: str, name: str) -> None:
        """Keep a client's name, sealed apart from everything else."""
        with self._writing() as ledger:
            people.set_name(ledger, code, name, self._unlocked.names)
        self._sweep()

    def client_name(self, code: str) -> str | None:
        """A client's name, None where none was given. Who asks is accounted for."""
        with self._writing() as ledger:
            return people.read_name(ledger, code, self._unlocked.names)

    def attach(self, session_id: str, seats: Mapping[Seat, str]) -> None:
        """Say which client sat on which seat; RecordError for an unknown code. A move is accounted for."""
        with self._writing() as ledger:
            people.attach(ledger, session_id, seats)

    def session_clients(self, session_id: str) -> Mapping[Seat, str]:
        """Which client's code sat on which seat; empty for a session nobody was named for."""
        with self._reading() as transaction:
            return people.seats(transaction, session_id)

    def enter_consent(self, code: str, consent: Consent) -> None:
        """Add to the consent register; earlier entries stay."""
        with self._writing() as ledger:
            people.enter_consent(ledger, code, consent)

    def consents(self, code: str) -> tuple[Consent, ...]:
        """A client's consent register, oldest first: the last of a kind holds."""
        with self._reading() as transaction:
            return people.consents(transaction, code)

    def save_draft(self, note: SessionNote) -> SessionNote:
        """Keep a draft, in place of its earlier state if it has an id; returns it with its id.

        Raises RecordError for the id of a signed note, or one that nobody knows.
        """
        with self._writing() as ledger:
            kept = shelf.save_draft(ledger, note)
        self._sweep()
        return kept

    def discard_draft(self, note_id: str) -> None:
        """Erase a draft. Raises RecordError for a signed note."""
        with self._writing() as ledger:
            shelf.discard_draft(ledger, note_id)
        self._sweep()

    def note(self, note_id: str) -> SessionNote:
        """One note; RecordError for an id that nobody knows."""
        with self._reading() as transaction:
            return shelf.one(transaction, note_id)

    def notes(self, session_id: str) -> tuple[SessionNote, ...]:
        """The notes of one session, drafts too, oldest first."""
        with self._reading() as transaction:
            return shelf.of_session(transaction, session_id)

    def client_notes(self, code: str) -> tuple[SessionNote, ...]:
        """The notes of a client's sessions, drafts too, oldest first."""
        with self._reading() as transaction:
            return shelf.of_client(transaction, code)

    def unsigned(self) -> tuple[SessionNote, ...]:
        """The notes that still wait for a signature, oldest first."""
        with self._reading() as transaction:
            return shelf.found(transaction, shelf.DRAFTS)

    def signed(self) -> tuple[SessionNote, ...]:
        """The signed notes, oldest first."""
        with self._reading() as transaction:
            return shelf.found(transaction, shelf.SIGNED)

    def sealed(self) -> tuple[SealedNote, ...]:
        """The signed notes beside what was signed, word for word: for `record.audit.verify`."""
        with self._reading() as transaction:
            return shelf.sealed(transaction)

    def sign(self, note_id: str, signer: Signer) -> SessionNote:
        """Sign a draft: only what was ticked stays, and from then on the note is locked.

        Raises RecordError for a signer without name or registration number, for a note with nothing ticked and
        nothing written, and for one that is signed already.
        """
        with self._writing() as ledger:
            signed = shelf.sign(ledger, note_id, signer)
        self._sweep()
        return signed

    def amend(self, note_id: str, text: str, signer: Signer, *, reason: str) -> SessionNote:
        """Add words to a signed note. Raises RecordError without text, reason, or signer, and for a draft."""
        with self._writing() as ledger:
            return shelf.amend(ledger, note_id, text, signer, reason=reason)

    def audit(self) -> tuple[AuditEntry, ...]:
        """The whole audit chain, oldest first; `record.audit.verify` checks it."""
        with self._reading() as transaction:
            return audit.entries(transaction)

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        with in_words(), self._begin_reading.begin() as transaction:
            yield transaction

    @contextmanager
    def _writing(self) -> Iterator[Ledger]:
        with in_words(), self._begin_writing.begin() as transaction:
            yield Ledger(transaction, self._who, self._now())

    def _sweep(self) -> None:
        """Erased text is zeroed in the file's pages, but stays in the write-ahead log until that is emptied."""
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()
