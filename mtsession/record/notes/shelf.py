"""How is a note kept, found, signed and amended? Each within a transaction that somebody else began."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session as Transaction
from sqlalchemy.orm import selectinload

from mtsession.errors import RecordError
from mtsession.record import people
from mtsession.record.audit import Action, Ledger
from mtsession.record.models import ClientSeatRow, NoteRow
from mtsession.record.notes import rows
from mtsession.record.notes.note import NoteState, SessionNote, Signer
from mtsession.record.notes.signing import SealedNote, amendment_of, refuse_unsignable, signature_of
from mtsession.record.refusals import refusal

DRAFTS = NoteRow.state == NoteState.DRAFT.value
SIGNED = NoteRow.state == NoteState.SIGNED.value


def save_draft(ledger: Ledger, note: SessionNote) -> SessionNote:
    """Keep a draft, in place of its earlier state if it has an id; with its id, and whoever sits there now."""
    session = people.session_row(ledger.transaction, note.session_id)
    session.started_at, session.duration_s, session.simulated = note.started_at, note.duration_s, note.simulated
    row = _draft(ledger.transaction, note.id) if note.id else NoteRow(id=secrets.token_hex(16))
    rows.fill_draft(row, note, ledger.at)
    ledger.transaction.add(row)
    ledger.enter(Action.DRAFTED, "note", row.id)
    return replace(note, id=row.id, clients=people.seats(ledger.transaction, note.session_id))


def discard_draft(ledger: Ledger, note_id: str) -> None:
    """Erase a draft; RecordError for a signed note."""
    ledger.transaction.delete(_draft(ledger.transaction, note_id))
    ledger.enter(Action.DISCARDED, "note", note_id)


def sign(ledger: Ledger, note_id: str, signer: Signer) -> SessionNote:
    """Keep what was ticked, erase the rest, and lock the note with a signature that the chain holds too."""
    row = _draft(ledger.transaction, note_id)
    note = _read(ledger.transaction, row)
    refuse_unsignable(note, signer)
    note = replace(note, sentences=tuple(sentence for sentence in note.sentences if sentence.ticked))
    rows.fill_draft(row, note, ledger.at)
    ledger.transaction.flush()
    signature, content = signature_of(note, signer, ledger.at)
    entry = ledger.enter(Action.SIGNED, "note", note_id, {"sha256": signature.sha256})
    signature = replace(signature, chain_head=entry.hash)
    rows.fill_signature(row, signature, content)
    return replace(note, signature=signature)


def amend(ledger: Ledger, note_id: str, text: str, signer: Signer, *, reason: str) -> SessionNote:
    """Add words to a signed note, with a signature that the chain holds too."""
    note = one(ledger.transaction, note_id)
    amendment, content = amendment_of(note, text, reason, signer=signer, at=ledger.at)
    entry = ledger.enter(Action.AMENDED, "note", note_id, {"sha256": amendment.signature.sha256})
    amendment = replace(amendment, signature=replace(amendment.signature, chain_head=entry.hash))
    place = len(note.amendments) + 1
    ledger.transaction.add(rows.amendment_row(note_id, place, amendment, content))
    return replace(note, amendments=(*note.amendments, amendment))


def one(transaction: Transaction, note_id: str) -> SessionNote:
    """One note; RecordError for an id that nobody knows."""
    return _read(transaction, _row(transaction, note_id))


def of_session(transaction: Transaction, session_id: str) -> tuple[SessionNote, ...]:
    """A session's notes, oldest first."""
    return found(transaction, NoteRow.session_id == session_id)


def of_client(transaction: Transaction, code: str) -> tuple[SessionNote, ...]:
    """The notes of a client's sessions, oldest first."""
    client_id = people.client_row(transaction, code).id
    sessions = select(ClientSeatRow.session_id).where(ClientSeatRow.client_id == client_id)
    return found(transaction, NoteRow.session_id.in_(sessions))


def found(transaction: Transaction, condition: ColumnElement[bool]) -> tuple[SessionNote, ...]:
    """The notes for which it holds, oldest session first."""
    return tuple(_read(transaction, row) for row in transaction.scalars(_whole(condition)))


def sealed(transaction: Transaction) -> tuple[SealedNote, ...]:
    """The signed notes beside what was signed, word for word."""
    return tuple(rows.sealed_of(row) for row in transaction.scalars(_whole(SIGNED)))


def _whole(condition: ColumnElement[bool]) -> Select[Any]:
    wanted = select(NoteRow).where(condition).order_by(NoteRow.started_at, NoteRow.saved_at)
    return wanted.options(selectinload(NoteRow.sentences), selectinload(NoteRow.amendments))


def _row(transaction: Transaction, note_id: str) -> NoteRow:
    row = transaction.get(NoteRow, note_id)
    if row is None:
        raise refusal(RecordError, "no_note")
    return row


def _draft(transaction: Transaction, note_id: str) -> NoteRow:
    row = _row(transaction, note_id)
    if row.state != NoteState.DRAFT.value:
        raise refusal(RecordError, "signed_already")
    return row


def _read(transaction: Transaction, row: NoteRow) -> SessionNote:
    return rows.note_of(row, people.seats(transaction, row.session_id))
