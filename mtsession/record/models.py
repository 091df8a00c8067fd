"""What does the record hold, as tables: one schema for SQLCipher and for PostgreSQL?

Times are UTC. Ids are text (32 hex digits), made here and never by the database. No table but `client_names` knows a
name, and that one holds it sealed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

ID_LENGTH = 64
SHA256_LENGTH = 64

Portable = JSON().with_variant(JSONB(), "postgresql")
"""JSON on either database."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept in UTC and read back with its zone; SQLite keeps no zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone has no place in a record: {value}")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Base(DeclarativeBase):
    """Names every constraint, so that a later migration can find it on either database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcTime,
        dict[str, Any]: Portable,
        list[dict[str, Any]]: Portable,
        str: Text,
        float: Double,
    }


class ClientRow(Base):
    """A client is a code and a colour here."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    colour: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ClientNameRow(Base):
    """A client's name, sealed with a key that is not the database's."""

    __tablename__ = "client_names"

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[bytes]


class SessionRow(Base):
    """A session the record knows of; started_at, duration and the DEMO flag are known once a note is drafted."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    started_at: Mapped[datetime | None]
    duration_s: Mapped[float | None]
    simulated: Mapped[bool | None]


class ClientSeatRow(Base):
    """Which client sat on which seat of a session."""

    __tablename__ = "client_seats"

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), primary_key=True)
    seat: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)


class NoteRow(Base):
    """A note, with the session's facts as they were then.

    Once `state` is "signed", triggers refuse every change to it and to its sentences.
    """

    __tablename__ = "notes"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'signed')", name="state"),
        CheckConstraint(
            "state = 'draft' OR (signed_at IS NOT NULL AND signer_name IS NOT NULL AND signer_registration IS NOT NULL"
            " AND sha256 IS NOT NULL AND chain_head IS NOT NULL AND signed_content IS NOT NULL)",
            name="signature",
        ),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"), index=True)
    started_at: Mapped[datetime]
    duration_s: Mapped[float]
    simulated: Mapped[bool]
    format: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    observed: Mapped[str]
    reading: Mapped[str]
    plan: Mapped[str]
    saved_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    signer_name: Mapped[str | None]
    signer_registration: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(String(SHA256_LENGTH))
    chain_head: Mapped[str | None] = mapped_column(String(SHA256_LENGTH))
    signed_content: Mapped[str | None]
    """The canonical content word for word, which `sha256` is of."""

    sentences: Mapped[list[NoteSentenceRow]] = relationship(
        order_by="NoteSentenceRow.place", cascade="all, delete-orphan", passive_deletes=True
    )
    amendments: Mapped[list[AmendmentRow]] = relationship(order_by="AmendmentRow.place", viewonly=True)


class NoteSentenceRow(Base):
    """One sentence of a note, with what it rests on."""

    __tablename__ = "note_sentences"

    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    text: Mapped[str]
    n: Mapped[int]
    ticked: Mapped[bool]
    evidence: Mapped[list[dict[str, Any]]]


class AmendmentRow(Base):
    """Words added to a signed note; triggers refuse changes and removals."""

    __tablename__ = "amendments"

    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    reason: Mapped[str]
    signed_at: Mapped[datetime]
    signer_name: Mapped[str]
    signer_registration: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    chain_head: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    signed_content: Mapped[str]


class ConsentRow(Base):
    """Consent given or withdrawn, by whom; the newest of a kind holds, the earlier ones stay."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "client_id", "consent", "at"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    consent: Mapped[str]
    given: Mapped[bool]
    given_by: Mapped[str]
    at: Mapped[datetime]


class AuditRow(Base):
    """Who did what, when, to which thing; each entry carries the hash of the one before. No clinical text."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    who: Mapped[str]
    action: Mapped[str]
    kind: Mapped[str]
    entity: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    hash: Mapped[str] = mapped_column(String(SHA256_LENGTH))
