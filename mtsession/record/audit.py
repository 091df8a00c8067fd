"""Who did what, when, to which thing, and has anybody touched that account since?

Each entry's hash covers its own fields and the hash of the entry before. A holder of the record's key could still
rewrite the whole chain: its head is therefore printed on every signed note and amendment, and `verify` looks for
each of these heads in the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Ledger:
    """A writing transaction, who writes and when; what is entered is kept with what was done, or neither is."""

    transaction: Transaction
    who: str
    at: datetime

    def enter(self, action: Action, kind: str, entity: str, detail: Mapping[str, str] | None = None) -> AuditEntry:
        """Add to the chain. `kind` and `entity` say to which thing; `detail` holds no clinical text and no name."""
        newest = select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)
        last = self.transaction.scalars(newest).first()
        entry = follow(
            _entry(last) if last else None,
            at=self.at,
            who=self.who,
            action=action.value,
            kind=kind,
            entity=entity,
            detail=detail or {},
        )
        self.transaction.add(AuditRow(**asdict(entry)))
        self.transaction.flush()
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


def follow(
    last: AuditEntry | None,
    *,
    at: datetime,
    who: str,
    action: str,
    kind: str,
    entity: str,
    detail: Mapping[str, str],
) -> AuditEntry:
    """The entry that comes after the last one; None where it is the first."""
    seq, previous = (last.seq + 1, last.hash) if last else (1, BEGINNING)
    entry = AuditEntry(seq, at, who, action, kind, entity, dict(detail), previous, hash="")
    return replace(entry, hash=_hash(entry))


def _hash(entry: AuditEntry) -> str:
    covered = {name: value for name, value in asdict(entry).items() if name != "hash"}
    return sha256_of(canonical_json({**covered, "at": entry.at.isoformat()}))


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in AuditEntry.__slots__})
