"""What is asked of a signature, and what exactly is signed?"""

from __future__ import annotations

from datetime import datetime

from mtsession.errors import RecordError
from mtsession.record.notes.note import (
    Amendment,
    NoteState,
    SessionNote,
    Signature,
    Signer,
    amendment_content,
    sha256_of,
    signed_content,
)
from mtsession.record.refusals import refusal


def refuse_unsignable(note: SessionNote, signer: Signer) -> None:
    """RecordError for a signer without name or number, and for a note that nobody has ticked or written in."""
    _refuse_unnamed(signer)
    if note.own.is_empty and not any(sentence.ticked for sentence in note.sentences):
        raise refusal(RecordError, "nothing_to_sign")


def signature_of(note: SessionNote, signer: Signer, signed_at: datetime) -> tuple[Signature, bytes]:
    """The signature, and the canonical content whose SHA-256 it holds; the chain's head is not yet known."""
    content = signed_content(note, signer, signed_at)
    return Signature(signer, signed_at, sha256_of(content), chain_head=""), content


def amendment_of(note: SessionNote, text: str, reason: str, *, signer: Signer, at: datetime) -> tuple[Amendment, bytes]:
    """The amendment, and the canonical content whose SHA-256 it holds; the chain's head is not yet known.

    Raises RecordError for a note that is not signed, and without text, reason, name or number.
    """
    _refuse_unnamed(signer)
    if note.state is NoteState.DRAFT:
        raise refusal(RecordError, "amend_draft")
    if not text.strip() or not reason.strip():
        raise refusal(RecordError, "amend_empty")
    content = amendment_content(note, text, reason, signer=signer, signed_at=at)
    return Amendment(text, reason, Signature(signer, at, sha256_of(content), chain_head="")), content


def _refuse_unnamed(signer: Signer) -> None:
    if not signer.name.strip() or not signer.registration.strip():
        raise refusal(RecordError, "signer_unnamed")
