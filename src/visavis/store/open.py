"""From a URL to a database."""

from __future__ import annotations

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from visavis.core.errors import InternalError
from visavis.store.database import Database
from visavis.store.sqlite import SqliteDatabase


def open_database(url: str) -> Database:
    """Open what the URL names: `sqlite:///path` or `postgresql://user:password@host/name`.

    Raises InternalError with the reason (unknown kind, extra not installed, folder not writable).
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InternalError("Internal Error: the database URL can't be read") from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return SqliteDatabase(parsed)
    if kind == "postgresql":
        try:
            from visavis.store.postgresql import PostgresqlDatabase

            return PostgresqlDatabase(parsed)
        except ImportError as error:
            raise InternalError("Internal Error: PostgreSQL needs the extra visavis[postgresql]") from error
    raise InternalError(f"Internal Error: no such kind of database: {kind}")
