"""How does Alembic reach the record? By the connection it is handed, or, offline, by writing the statements down."""

from __future__ import annotations

from alembic import context

from mtsession.record.models import Base

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(dialect_name=context.config.attributes["dialect"], literal_binds=True)
else:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
