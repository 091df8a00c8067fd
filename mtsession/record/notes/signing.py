"""What is asked of a signature, and what exactly is signed?"""

from __future__ import annotations

from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class SealedNote:
    """A signed note as the tables say it, beside the content that was signed, word for word as it was hashed."""

    note: SessionNote
    content: bytes
    amended: tuple[bytes, ...]

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The note's own, then one an amendment."""
        own = (self.note.signature,) if self.note.signature else ()
        return (*own, *(amendment.signature for amendment in self.note.amendments))

    @property
    def is_as_signed(self) -> bool:
        """Tables, kept content and hashes all say the same."""
        kept = (self.content, *self.amended)
        return kept == self._told() and [one.sha256 for one in self.signatures] == [sha256_of(one) for one in kept]

    def _told(self) -> tuple[bytes, ...]:
        """What the tables say, in canonical form."""
        told, amendments = [], self.note.amendments
        if own := self.note.signature:
            told.append(signed_content(self.note, own.signer, own.signed_at))
        for place, added in enumerate(amendments):
            before, by = replace(self.note, amendments=amendments[:place]), added.signature
            told.append(amendment_content(before, added.text, added.reason, signer=by.signer, signed_at=by.signed_at))
        return tuple(told)


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
