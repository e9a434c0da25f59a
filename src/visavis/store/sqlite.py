"""SQLite behind the door: statements run inline on the event loop, writes one after the other.

Measured: SQLAlchemy's asynchronous SQLite hands every statement to a thread and back and is ten times slower than a
short indexed statement run where it stands. So statements must be short and indexed; a long one would hold up the loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Executable, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.dml import UpdateBase

from visavis.store.database import Parameters, Rows, dump_json, load_json, on_connect, translated

BUSY_MS = 5000
"""Longest wait for another process's write; a write takes a fraction of a millisecond."""


def engine(url: URL) -> Engine:
    """Connections in autocommit mode: this module writes BEGIN and COMMIT itself. Makes the file, for its owner alone.

    Raises InternalError if the file can't be made.
    """
    if url.database and url.database != ":memory:":
        with translated():
            path = Path(url.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode
    made = create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        json_serializer=dump_json,
        json_deserializer=load_json,
        connect_args={"check_same_thread": False},
    )
    on_connect(
        made,
        (
            f"PRAGMA busy_timeout={BUSY_MS}",
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=NORMAL",
            "PRAGMA foreign_keys=ON",
            "PRAGMA temp_store=MEMORY",
        ),
    )
    return made


def _run(connection: Connection, statement: Executable, parameters: Parameters) -> Rows:
    result = connection.execute(statement, parameters)
    return Rows(result.all(), result.rowcount) if result.returns_rows else Rows((), result.rowcount)


class _Transaction:
    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        with translated():
            return _run(self._connection, statement, parameters)


class SqliteDatabase:
    """One file, one reading and one writing connection. For one event loop at a time.

    Two connections, because a reader must not see what an open transaction of another task has not committed.
    """

    def __init__(self, url: URL) -> None:
        self._engine = engine(url)
        with translated():
            self._reader = self._engine.connect()
            self._writer = self._engine.connect()
        self._turn = asyncio.Lock()

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        if isinstance(statement, UpdateBase):
            # A statement alone needs no BEGIN: in autocommit mode SQLite makes it a transaction of its own.
            async with self._turn:
                with translated():
                    return _run(self._writer, statement, parameters)
        with translated():
            return _run(self._reader, statement, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[_Transaction]:
        async with self._turn:
            with translated():
                self._writer.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield _Transaction(self._writer)
                with translated():
                    self._writer.exec_driver_sql("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        # A full disk may have rolled back already; a second ROLLBACK would hide the first error.
        if self._writer.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            self._writer.exec_driver_sql("ROLLBACK")

    async def close(self) -> None:
        self._reader.close()
        self._writer.close()
        self._engine.dispose()
