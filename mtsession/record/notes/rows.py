"""How does a note lie in the tables, and how is it read back?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import msgspec

from mtsession.events import Seat
from mtsession.record.models import AmendmentRow, NoteRow, NoteSentenceRow
from mtsession.record.notes.note import (
    Amendment,
    Evidence,
    NoteFormat,
    NoteState,
    OwnText,
    Sentence,
    SessionNote,
    Signature,
    Signer,
)
from mtsession.record.notes.signing import SealedNote


def fill_draft(row: NoteRow, note: SessionNote, saved_at: datetime) -> None:
    """Put a draft's content into its row, in place of what was there."""
    row.session_id, row.format, row.state = note.session_id, note.format.value, NoteState.DRAFT.value
    row.started_at, row.duration_s, row.simulated = note.started_at, note.duration_s, note.simulated
    row.observed, row.reading, row.plan = note.own.observed, note.own.reading, note.own.plan
    row.saved_at = saved_at
    row.sentences = [_sentence_row(place, sentence) for place, sentence in enumerate(note.sentences)]


def fill_signature(row: NoteRow, signature: Signature, content: bytes) -> None:
    """Lock the row: from the end of the transaction on, the database refuses every change."""
    row.state = NoteState.SIGNED.value
    row.signed_at = signature.signed_at
    row.signer_name, row.signer_registration = signature.signer.name, signature.signer.registration
    row.sha256, row.chain_head = signature.sha256, signature.chain_head
    row.signed_content = content.decode()


def amendment_row(note_id: str, place: int, amendment: Amendment, content: bytes) -> AmendmentRow:
    """An amendment as its row; `place` counts from 1."""
    return AmendmentRow(
        note_id=note_id,
        place=place,
        text=amendment.text,
        reason=amendment.reason,
        signed_at=amendment.signature.signed_at,
        signer_name=amendment.signature.signer.name,
        signer_registration=amendment.signature.signer.registration,
        sha256=amendment.signature.sha256,
        chain_head=amendment.signature.chain_head,
        signed_content=content.decode(),
    )


def note_of(row: NoteRow, clients: Mapping[Seat, str]) -> SessionNote:
    """The note in a row. A signed one names its clients as they were when it was signed, not as `clients` says."""
    return SessionNote(
        session_id=row.session_id,
        started_at=row.started_at,
        duration_s=row.duration_s,
        simulated=row.simulated,
        clients=_signed_clients(row.signed_content) if row.signed_content else clients,
        sentences=tuple(_sentence(sentence) for sentence in row.sentences),
        own=OwnText(row.observed, row.reading, row.plan),
        format=NoteFormat(row.format),
        id=row.id,
        signature=_signature(row),
        amendments=tuple(_amendment(amendment) for amendment in row.amendments),
    )


def sealed_of(row: NoteRow) -> SealedNote:
    """A signed note beside what was signed."""
    amended = tuple(amendment.signed_content.encode() for amendment in row.amendments)
    return SealedNote(note_of(row, {}), (row.signed_content or "").encode(), amended)


class _Signed(msgspec.Struct):
    """Of the signed content, what is read again; content that is no such thing is `audit.verify`'s to report."""

    clients: dict[str, str] = {}


def _signed_clients(content: str) -> Mapping[Seat, str]:
    try:
        signed = msgspec.json.decode(content, type=_Signed)
    except msgspec.DecodeError:
        return {}
    return {Seat(seat): code for seat, code in signed.clients.items()}


def _signature(row: NoteRow) -> Signature | None:
    """None for a draft; the table's check makes all of it be there for a signed one."""
    match row.signer_name, row.signer_registration, row.signed_at, row.sha256, row.chain_head:
        case str(name), str(registration), datetime() as signed_at, str(sha256), str(chain_head):
            return Signature(Signer(name, registration), signed_at, sha256, chain_head)
        case _:
            return None


def _amendment(row: AmendmentRow) -> Amendment:
    signer = Signer(row.signer_name, row.signer_registration)
    return Amendment(row.text, row.reason, Signature(signer, row.signed_at, row.sha256, row.chain_head))


def _sentence_row(place: int, sentence: Sentence) -> NoteSentenceRow:
    return NoteSentenceRow(
        place=place,
        key=sentence.key,
        text=sentence.text,
        n=sentence.n,
        ticked=sentence.ticked,
        evidence=[asdict(evidence) for evidence in sentence.evidence],
    )


def _sentence(row: NoteSentenceRow) -> Sentence:
    evidence = tuple(Evidence(**window) for window in row.evidence)
    return Sentence(row.key, row.text, evidence, row.n, row.ticked)
