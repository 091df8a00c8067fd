"""Who did what, when, to which thing, and has anybody touched that account since?

Each entry's hash covers its own fields and the hash of the entry before. A holder of the record's key could still
rewrite the whole chain: its head is therefore printed on every signed note and amendment, and `verify` looks for
each of these heads in the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from mtsession.record.models import AuditRow
from mtsession.record.notes.note import canonical_json, sha256_of
from mtsession.record.notes.signing import SealedNote
from mtsession.wording import say

if TYPE_CHECKING:
    from mtsession.record.store import Record

BEGINNING = "0" * 64
"""What the first entry follows."""


class Action(StrEnum):
    """What is accounted for."""

    OPENED = "opened the record"
    ADDED_CLIENT = "added a client"
    NAMED_CLIENT = "set a client's name"
    READ_NAME = "read a client's name"
    CLOSED_CLIENT = "closed a client"
    ATTACHED = "attached a session"
    CONSENT = "entered a consent"
    DRAFTED = "saved a draft"
    DISCARDED = "discarded a draft"
    SIGNED = "signed a note"
    AMENDED = "amended a note"


@dataclass(frozen=True, slots=True)
class Doing:
    """Something done, before it has its place in the chain. `detail` holds no clinical text and no name."""

    at: datetime
    who: str
    action: Action
    kind: str
    entity: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the chain; `previous` and `hash` are SHA-256 in hex, `seq` counts from 1."""

    seq: int
    at: datetime
    who: str
    action: str
    kind: str
    entity: str
    detail: Mapping[str, str]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What `verify` found: the length of the chain, its head, and each fault in words."""

    n_entries: int
    head: str
    faults: tuple[str, ...]

    @property
    def intact(self) -> bool:
        return not self.faults


def append(transaction: Transaction, doing: Doing) -> AuditEntry:
    """Add to the chain, in the transaction of what was done: both are kept, or neither."""
    last = transaction.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, BEGINNING)
    entry = linked(seq, doing, previous)
    transaction.add(_row(entry))
    transaction.flush()
    return entry


def entries(transaction: Transaction) -> tuple[AuditEntry, ...]:
    """The whole chain, oldest first."""
    return tuple(_entry(row) for row in transaction.scalars(select(AuditRow).order_by(AuditRow.seq)))


def verify(record: Record) -> AuditVerdict:
    """Is the chain whole, does every signed note still say what was signed, and is its head in the chain?"""
    chain = record.audit()
    faults = (*broken_links(chain), *broken_seals(record.sealed(), chain))
    return AuditVerdict(len(chain), chain[-1].hash if chain else BEGINNING, faults)


def broken_links(chain: Sequence[AuditEntry]) -> Iterator[str]:
    """Each entry that was changed, and each place where one is missing."""
    seq, previous = 0, BEGINNING
    for entry in chain:
        if entry.seq != seq + 1 or entry.previous != previous:
            yield say("record.not_following", entry=entry.seq, before=seq)
        if entry.hash != _hash(entry):
            yield say("record.entry_changed", entry=entry.seq)
        seq, previous = entry.seq, entry.hash


def broken_seals(notes: Sequence[SealedNote], chain: Sequence[AuditEntry]) -> Iterator[str]:
    """Each signed note that does not say what was signed, or whose signing or amendment is not in the chain."""
    signings = {entry.hash: entry for entry in chain}
    for signed in notes:
        if not signed.is_as_signed:
            yield say("record.not_as_signed", note=signed.note.id)
        for signature in signed.signatures:
            entry = signings.get(signature.chain_head)
            if entry is None or (entry.entity, entry.detail.get("sha256")) != (signed.note.id, signature.sha256):
                yield say("record.not_in_chain", note=signed.note.id)


def linked(seq: int, doing: Doing, previous: str) -> AuditEntry:
    """The next link of a chain whose last hash is `previous`."""
    entry = AuditEntry(
        seq=seq,
        at=doing.at,
        who=doing.who,
        action=doing.action.value,
        kind=doing.kind,
        entity=doing.entity,
        detail=dict(doing.detail),
        previous=previous,
        hash="",
    )
    return replace(entry, hash=_hash(entry))


def _hash(entry: AuditEntry) -> str:
    covered = {name: value for name, value in asdict(entry).items() if name != "hash"}
    return sha256_of(canonical_json({**covered, "at": entry.at.isoformat()}))


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(**asdict(entry))


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__slots__})
