"""What is a session note: its sentences, the therapist's own words, the signature, the amendments?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from mtsession.events import Seat

CONTENT_VERSION = 1
"""Version of the canonical signed content; a later one keeps reading the earlier ones."""


class NoteState(StrEnum):
    """A draft is anybody's to change; a signed note is nobody's."""

    DRAFT = "draft"
    SIGNED = "signed"


class NoteFormat(StrEnum):
    """How a note is laid out."""

    NARRATIVE = "narrative"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The stretch of the session a sentence rests on; `label` as a person reads it ("04:12")."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One drafted fact. `key` is unique in its note, `n` counts what the fact rests on.

    It is left out of the signed note unless the therapist ticked it.
    """

    key: str
    text: str
    evidence: tuple[Evidence, ...]
    n: int
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class OwnText:
    """What only the therapist writes; the program never fills any of it in."""

    observed: str = ""
    reading: str = ""
    plan: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.observed.strip() or self.reading.strip() or self.plan.strip())


@dataclass(frozen=True, slots=True)
class Signer:
    """Who answers for a note: name and registration number as they are to be printed."""

    name: str
    registration: str


@dataclass(frozen=True, slots=True)
class Signature:
    """`sha256` is of the canonical content, `chain_head` the audit chain's head when it was signed (both hex)."""

    signer: Signer
    signed_at: datetime
    sha256: str
    chain_head: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """Words added to a signed note later, and why; the note itself stays as it was signed."""

    text: str
    reason: str
    signature: Signature


@dataclass(frozen=True, slots=True)
class SessionNote:
    """A note about one session. `clients` says which client's code sat on which seat, where it is known.

    `id` is None until the note is in a record. `simulated` notes carry DEMO on every page.
    """

    session_id: str
    started_at: datetime
    duration_s: float
    simulated: bool
    clients: Mapping[Seat, str]
    sentences: tuple[Sentence, ...]
    own: OwnText = field(default_factory=OwnText)
    format: NoteFormat = NoteFormat.NARRATIVE
    id: str | None = None
    signature: Signature | None = None
    amendments: tuple[Amendment, ...] = ()

    @property
    def state(self) -> NoteState:
        return NoteState.DRAFT if self.signature is None else NoteState.SIGNED

    def with_ticks(self, keys: Collection[str]) -> SessionNote:
        """The note with exactly these sentences ticked. Raises KeyError for a key that no sentence has."""
        if unknown := set(keys) - {sentence.key for sentence in self.sentences}:
            raise KeyError(", ".join(sorted(unknown)))
        return replace(self, sentences=tuple(replace(s, ticked=s.key in keys) for s in self.sentences))

    def with_text(self, key: str, text: str) -> SessionNote:
        """The note with the wording of one sentence edited; what it rests on stays."""
        edited = (replace(s, text=text) if s.key == key else s for s in self.sentences)
        return replace(self, sentences=tuple(edited))


def signed_content(note: SessionNote, signer: Signer, signed_at: datetime) -> bytes:
    """The canonical form of what is signed: UTF-8 JSON, keys in order, no spaces, only the ticked sentences.

    Later amendments, the hash itself and the audit chain's head are not in it.
    """
    content = {
        "version": CONTENT_VERSION,
        "note": note.id,
        "format": note.format.value,
        "session": note.session_id,
        "started_at": note.started_at.isoformat(),
        "duration_s": note.duration_s,
        "simulated": note.simulated,
        "clients": dict(note.clients),
        "sentences": [_facts(sentence) for sentence in note.sentences if sentence.ticked],
        "own": asdict(note.own),
        "signer": asdict(signer),
        "signed_at": signed_at.isoformat(),
    }
    return canonical_json(content)


def amendment_content(note: SessionNote, text: str, reason: str, *, signer: Signer, signed_at: datetime) -> bytes:
    """The canonical form of an amendment; it names the hash of what it follows, so that the order cannot change."""
    follows = note.amendments[-1].signature if note.amendments else note.signature
    content = {
        "version": CONTENT_VERSION,
        "note": note.id,
        "follows": follows.sha256 if follows else None,
        "text": text,
        "reason": reason,
        "signer": asdict(signer),
        "signed_at": signed_at.isoformat(),
    }
    return canonical_json(content)


def canonical_json(content: Mapping[str, object]) -> bytes:
    """The same bytes for the same content on every machine."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sha256_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def _facts(sentence: Sentence) -> dict[str, object]:
    evidence = [asdict(window) for window in sentence.evidence]
    return {"key": sentence.key, "text": sentence.text, "n": sentence.n, "evidence": evidence}
