"""How does Alembic reach the record? By the connection it is handed, or, offline, by writing the statements down."""

from __future__ import annotations

from alembic import context

from mtsession.record.migrations.locks import lock_statements, locks_in_place, unlock_statement
from mtsession.record.models import Base

connection = context.config.attributes["connection"]
if connection is None:
    context.configure(dialect_name=context.config.attributes["dialect"], literal_binds=True)
else:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)

with context.begin_transaction():
    for lock in locks_in_place(connection):
        context.execute(unlock_statement(lock))
    context.run_migrations()
    for statement in lock_statements(context.get_context().dialect.name):
        context.execute(statement)
