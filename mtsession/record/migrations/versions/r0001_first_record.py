"""The first schema: clients, sessions, notes, amendments, consents, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
ID = sa.String(64)
SHA256 = sa.String(64)


def upgrade() -> None:
    """From nothing to the first schema."""
    _clients()
    _sessions()
    _notes()
    _registers()


def _clients() -> None:
    op.create_table(
        "clients",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
        sa.UniqueConstraint("code", name="uq_clients_code"),
    )
    op.create_table(
        "client_names",
        sa.Column("client_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_client_names"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_client_names_client_id", ondelete="CASCADE"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("duration_s", sa.Double),
        sa.Column("simulated", sa.Boolean),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_table(
        "client_seats",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("seat", sa.Text, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "seat", name="pk_client_seats"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_client_seats_session_id"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_client_seats_client_id"),
    )
    op.create_index("ix_client_seats_client_id", "client_seats", ["client_id"])


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("duration_s", sa.Double, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("format", "state", "observed", "reading", "plan")),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("signed_at", MOMENT),
        sa.Column("signer_name", sa.Text),
        sa.Column("signer_registration", sa.Text),
        sa.Column("sha256", SHA256),
        sa.Column("chain_head", SHA256),
        sa.Column("signed_content", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_notes_session_id"),
        sa.CheckConstraint("state IN ('draft', 'signed')", name=op.f("ck_notes_state")),
        sa.CheckConstraint(
            "state = 'draft' OR (signed_at IS NOT NULL AND signer_name IS NOT NULL AND signer_registration IS NOT NULL"
            " AND sha256 IS NOT NULL AND chain_head IS NOT NULL AND signed_content IS NOT NULL)",
            name=op.f("ck_notes_signature"),
        ),
    )
    op.create_index("ix_notes_session_id", "notes", ["session_id"])
    op.create_index("ix_notes_state", "notes", ["state"])
    op.create_table(
        "note_sentences",
        sa.Column("note_id", ID, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("ticked", sa.Boolean, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.PrimaryKeyConstraint("note_id", "place", name="pk_note_sentences"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_note_sentences_note_id", ondelete="CASCADE"),
    )
    op.create_table(
        "amendments",
        sa.Column("note_id", ID, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("signer_name", sa.Text, nullable=False),
        sa.Column("signer_registration", sa.Text, nullable=False),
        sa.Column("sha256", SHA256, nullable=False),
        sa.Column("chain_head", SHA256, nullable=False),
        sa.Column("signed_content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("note_id", "place", name="pk_amendments"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_amendments_note_id"),
    )


def _registers() -> None:
    op.create_table(
        "consents",
        sa.Column("id", ID, nullable=False),
        sa.Column("client_id", ID, nullable=False),
        sa.Column("consent", sa.Text, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_consents_client_id"),
    )
    op.create_index("ix_consents_client_id_consent_at", "consents", ["client_id", "consent", "at"])
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "action", "kind", "entity")),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("previous", SHA256, nullable=False),
        sa.Column("hash", SHA256, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
    )
