"""Alembic's way in: it gets the connection from `visavis.store.migrate`, never a URL of its own."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
# The caller holds the transaction: on SQLite, Alembic's own would begin without the write lock.
context.run_migrations()
