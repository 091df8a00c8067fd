"""How is the case record opened, read and added to?

One SQLCipher file, `record/record.db`. Each method is one transaction; reading ones run side by side, and any number
of threads may call them.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import selectinload, sessionmaker

from mtsession.capture.keys import Opener
from mtsession.config import DataFolder
from mtsession.errors import RecordError
from mtsession.events import ConsentTo, Seat
from mtsession.record import audit, keys
from mtsession.record.audit import Action, AuditEntry, Doing
from mtsession.record.migrations.upgrade import bring_up_to_date
from mtsession.record.models import (
    ClientNameRow,
    ClientRow,
    ClientSeatRow,
    ConsentRow,
    NoteRow,
    SessionRow,
)
from mtsession.record.notes import rows
from mtsession.record.notes.note import NoteState, SessionNote, Signer
from mtsession.record.notes.signing import SealedNote, amendment_of, refuse_unsignable, signature_of
from mtsession.record.refusals import refusal

COLOURS = ("orange", "sky blue", "bluish green", "yellow", "blue", "vermilion", "reddish purple")
"""Okabe–Ito, by turns: with the code they say whose record is open."""

BUSY_S = 10.0
"""How long a writer waits for another process."""

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    *(("fullfsync=ON", "checkpoint_fullfsync=ON") if sys.platform == "darwin" else ()),
)


@dataclass(frozen=True, slots=True)
class Client:
    """A client as the record's lists know them."""

    code: str
    colour: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """One entry of the consent register."""

    consent: ConsentTo
    given: bool
    given_by: str
    at: datetime


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
    engine = sealed_engine(path, unlocked.database_key)
    try:
        bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    if keys.is_new(folder):
        keys.begun(folder)
    return Record(engine, unlocked, who=who, now=now)


def sealed_engine(path: Path, key: bytes) -> Engine:
    """Connections to one SQLCipher file with a raw key of 32 bytes.

    The dialect's own pool crashes the interpreter with several threads (findings, storage): a queue of connections
    that any thread may use, one at a time, does not.
    """
    engine = create_engine(
        "sqlite://", module=sqlcipher, creator=partial(_connect, path, key), poolclass=QueuePool, pool_size=5
    )
    event.listen(engine, "begin", _begin)
    return engine


def _connect(path: Path, key: bytes) -> Any:  # noqa: ANN401 - sqlcipher3 is untyped
    connection = sqlcipher.connect(path, check_same_thread=False, isolation_level=None, timeout=BUSY_S)
    try:
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlcipher.DatabaseError as error:
        connection.close()
        raise refusal(RecordError, "database_closed") from error
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
        with self._writing() as transaction:
            self._account(transaction, Action.OPENED, "record", "record")

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

    # — clients —

    def clients(self) -> tuple[Client, ...]:
        """All clients, also closed ones, by code."""
        with self._reading() as transaction:
            found = transaction.scalars(select(ClientRow).order_by(ClientRow.code))
            return tuple(Client(row.code, row.colour, row.created_at, row.closed_at) for row in found)

    def add_client(self, code: str, colour: str | None = None) -> Client:
        """A new client. Raises RecordError for an empty code or one that is there already."""
        if not (code := code.strip()) or len(code) > 40 or not code.isprintable():
            raise refusal(RecordError, "code_unfit")
        with self._writing() as transaction:
            known = transaction.scalars(select(ClientRow.code)).all()
            if code.casefold() in {other.casefold() for other in known}:
                raise refusal(RecordError, "code_taken", code=code)
            colour = colour or COLOURS[len(known) % len(COLOURS)]
            row = ClientRow(id=_new_id(), code=code, colour=colour, created_at=self._now(), closed_at=None)
            transaction.add(row)
            self._account(transaction, Action.ADDED_CLIENT, "client", row.id)
            return Client(code, colour, row.created_at, None)

    def close_client(self, code: str) -> None:
        """No more sessions are expected; everything is kept."""
        with self._writing() as transaction:
            row = _client(transaction, code)
            row.closed_at = self._now()
            self._account(transaction, Action.CLOSED_CLIENT, "client", row.id)

    def set_client_name(self, code: str, name: str) -> None:
        """Keep a client's name, sealed apart from everything else."""
        with self._writing() as transaction:
            row = _client(transaction, code)
            sealed = bytes(self._unlocked.names.encrypt(name.encode()))
            transaction.merge(ClientNameRow(client_id=row.id, sealed=sealed))
            self._account(transaction, Action.NAMED_CLIENT, "client", row.id)
        self._sweep()

    def client_name(self, code: str) -> str | None:
        """A client's name, None where none was given. Who asks is accounted for."""
        with self._writing() as transaction:
            row = _client(transaction, code)
            kept = transaction.get(ClientNameRow, row.id)
            self._account(transaction, Action.READ_NAME, "client", row.id)
            return self._unlocked.names.decrypt(kept.sealed).decode() if kept else None

    # — sessions —

    def attach(self, session_id: str, seats: Mapping[Seat, str]) -> None:
        """Say which client sat on which seat; RecordError for an unknown code. A move is accounted for."""
        with self._writing() as transaction:
            _session(transaction, session_id)
            for seat, code in seats.items():
                client, kept = _client(transaction, code), transaction.get(ClientSeatRow, (session_id, seat))
                if kept and kept.client_id == client.id:
                    continue
                transaction.merge(ClientSeatRow(session_id=session_id, seat=seat, client_id=client.id))
                detail = {"seat": seat, "client": client.id, "before": kept.client_id if kept else ""}
                self._account(transaction, Action.ATTACHED, "session", session_id, detail)

    def session_clients(self, session_id: str) -> Mapping[Seat, str]:
        """Which client's code sat on which seat; empty for a session nobody was named for."""
        with self._reading() as transaction:
            return _seats(transaction, session_id)

    # — consent —

    def enter_consent(self, code: str, consent: Consent) -> None:
        """Add to the register; earlier entries stay."""
        with self._writing() as transaction:
            row = ConsentRow(
                id=_new_id(),
                client_id=_client(transaction, code).id,
                consent=consent.consent.value,
                given=consent.given,
                given_by=consent.given_by,
                at=consent.at,
            )
            transaction.add(row)
            self._account(transaction, Action.CONSENT, "client", row.client_id, {"consent": consent.consent.value})

    def consents(self, code: str) -> tuple[Consent, ...]:
        """A client's register, oldest first: the last of a kind holds."""
        with self._reading() as transaction:
            client = _client(transaction, code)
            wanted = select(ConsentRow).where(ConsentRow.client_id == client.id).order_by(ConsentRow.at)
            found = transaction.scalars(wanted)
            return tuple(Consent(ConsentTo(row.consent), row.given, row.given_by, row.at) for row in found)

    # — notes —

    def save_draft(self, note: SessionNote) -> SessionNote:
        """Keep a draft, in place of its earlier state if it has an id; returns it with its id.

        Raises RecordError for the id of a signed note, or one that nobody knows.
        """
        with self._writing() as transaction:
            session = _session(transaction, note.session_id)
            session.started_at, session.duration_s = note.started_at, note.duration_s
            session.simulated = note.simulated
            row = _draft(transaction, note.id) if note.id else NoteRow(id=_new_id())
            rows.fill_draft(row, note, self._now())
            transaction.add(row)
            self._account(transaction, Action.DRAFTED, "note", row.id)
            kept = replace(note, id=row.id, clients=_seats(transaction, note.session_id))
        self._sweep()
        return kept

    def discard_draft(self, note_id: str) -> None:
        """Erase a draft. Raises RecordError for a signed note."""
        with self._writing() as transaction:
            transaction.delete(_draft(transaction, note_id))
            self._account(transaction, Action.DISCARDED, "note", note_id)
        self._sweep()

    def note(self, note_id: str) -> SessionNote:
        """One note; RecordError for an id that nobody knows."""
        with self._reading() as transaction:
            return _read(transaction, _note(transaction, note_id))

    def notes(self, session_id: str) -> tuple[SessionNote, ...]:
        """The notes of one session, drafts too, oldest first."""
        return self._notes(NoteRow.session_id == session_id)

    def client_notes(self, code: str) -> tuple[SessionNote, ...]:
        """The notes of a client's sessions, drafts too, oldest first."""
        with self._reading() as transaction:
            client_id = _client(transaction, code).id
        of_client = select(ClientSeatRow.session_id).where(ClientSeatRow.client_id == client_id)
        return self._notes(NoteRow.session_id.in_(of_client))

    def unsigned(self) -> tuple[SessionNote, ...]:
        """The notes that still wait for a signature, oldest first."""
        return self._notes(NoteRow.state == NoteState.DRAFT.value)

    def signed(self) -> tuple[SessionNote, ...]:
        """The signed notes, oldest first."""
        return self._notes(NoteRow.state == NoteState.SIGNED.value)

    def sealed(self) -> tuple[SealedNote, ...]:
        """The signed notes beside what was signed, word for word: for `record.audit.verify`."""
        with self._reading() as transaction:
            wanted = select(NoteRow).where(NoteRow.state == NoteState.SIGNED.value).options(*_WHOLE)
            return tuple(rows.sealed_of(row) for row in transaction.scalars(wanted))

    def sign(self, note_id: str, signer: Signer) -> SessionNote:
        """Sign a draft: only what was ticked stays, and from then on the note is locked.

        Raises RecordError for a signer without name or registration number, for a note with nothing ticked and
        nothing written, and for one that is signed already.
        """
        with self._writing() as transaction:
            row = _draft(transaction, note_id)
            note = _read(transaction, row)
            refuse_unsignable(note, signer)
            signed = replace(note, sentences=tuple(s for s in note.sentences if s.ticked))
            rows.fill_draft(row, signed, self._now())
            transaction.flush()
            signature, content = signature_of(signed, signer, self._now())
            entry = self._account(transaction, Action.SIGNED, "note", note_id, {"sha256": signature.sha256})
            signature = replace(signature, chain_head=entry.hash)
            rows.fill_signature(row, signature, content)
        self._sweep()
        return replace(signed, signature=signature)

    def amend(self, note_id: str, text: str, signer: Signer, *, reason: str) -> SessionNote:
        """Add words to a signed note. Raises RecordError without text, reason, or signer, and for a draft."""
        with self._writing() as transaction:
            note = _read(transaction, _note(transaction, note_id))
            amendment, content = amendment_of(note, text, reason, signer=signer, at=self._now())
            sha256 = amendment.signature.sha256
            entry = self._account(transaction, Action.AMENDED, "note", note_id, {"sha256": sha256})
            signature = replace(amendment.signature, chain_head=entry.hash)
            amendment = replace(amendment, signature=signature)
            place = len(note.amendments) + 1
            transaction.add(rows.amendment_row(note_id, place, amendment, content))
        return replace(note, amendments=(*note.amendments, amendment))

    # — audit —

    def audit(self) -> tuple[AuditEntry, ...]:
        """The whole chain, oldest first; `record.audit.verify` checks it."""
        with self._reading() as transaction:
            return audit.entries(transaction)

    # — transactions —

    def _notes(self, condition: Any) -> tuple[SessionNote, ...]:  # noqa: ANN401 - any of SQLAlchemy's conditions
        wanted = select(NoteRow).where(condition).order_by(NoteRow.started_at, NoteRow.saved_at)
        with self._reading() as transaction:
            found = transaction.scalars(wanted.options(*_WHOLE))
            return tuple(_read(transaction, row) for row in found)

    def _account(
        self, transaction: Transaction, action: Action, kind: str, entity: str, detail: Mapping[str, str] | None = None
    ) -> AuditEntry:
        return audit.append(transaction, Doing(self._now(), self._who, action, kind, entity, detail or {}))

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        with self._begin_reading.begin() as transaction:
            yield transaction

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        with self._begin_writing.begin() as transaction:
            yield transaction

    def _sweep(self) -> None:
        """Erased text is zeroed in the file's pages, but stays in the write-ahead log until that is emptied."""
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()


_WHOLE = (selectinload(NoteRow.sentences), selectinload(NoteRow.amendments))


def _new_id() -> str:
    return secrets.token_hex(16)


def _client(transaction: Transaction, code: str) -> ClientRow:
    row = transaction.scalars(select(ClientRow).where(ClientRow.code == code)).one_or_none()
    if row is None:
        raise refusal(RecordError, "no_client", code=code)
    return row


def _session(transaction: Transaction, session_id: str) -> SessionRow:
    row = transaction.get(SessionRow, session_id) or SessionRow(id=session_id)
    transaction.add(row)
    transaction.flush()
    return row


def _seats(transaction: Transaction, session_id: str) -> Mapping[Seat, str]:
    wanted = select(ClientSeatRow.seat, ClientRow.code).join(ClientRow).where(ClientSeatRow.session_id == session_id)
    return {Seat(seat): code for seat, code in transaction.execute(wanted.order_by(ClientSeatRow.seat))}


def _note(transaction: Transaction, note_id: str) -> NoteRow:
    row = transaction.get(NoteRow, note_id)
    if row is None:
        raise refusal(RecordError, "no_note")
    return row


def _draft(transaction: Transaction, note_id: str) -> NoteRow:
    row = _note(transaction, note_id)
    if row.state != NoteState.DRAFT.value:
        raise refusal(RecordError, "signed_already")
    return row


def _read(transaction: Transaction, row: NoteRow) -> SessionNote:
    return rows.note_of(row, _seats(transaction, row.session_id))
