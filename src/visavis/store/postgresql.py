"""PostgreSQL behind the door, through asyncpg (extra `postgresql`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from visavis.store.database import Parameters, Rows, dump_json, load_json, translated


def engine(url: URL) -> AsyncEngine:
    """A pool that notices a restarted server before a statement does."""
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        json_serializer=dump_json,
        json_deserializer=load_json,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
    )


class _Transaction:
    __slots__ = ("_connection",)

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        with translated():
            result = await self._connection.execute(statement, parameters)
            return Rows(result.all() if result.returns_rows else (), result.rowcount)


class PostgresqlDatabase:
    """A pool of connections; every API process has its own."""

    def __init__(self, url: URL) -> None:
        self._engine = engine(url)

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        async with self.transaction() as tx:
            return await tx.execute(statement, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[_Transaction]:
        with translated():
            connection = await self._engine.connect()
        try:
            yield _Transaction(connection)
            with translated():
                await connection.commit()
        finally:
            await connection.close()  # what was not committed is rolled back

    async def close(self) -> None:
        await self._engine.dispose()
