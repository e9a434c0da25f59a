"""Bring the schema up to date. The migrations travel inside the package."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

from visavis.store import sqlite

SCRIPTS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrate(url: str) -> None:
    """Run every migration that this database has not seen. For start-up and the command line, outside an event loop.

    All or nothing: a migration that fails leaves the schema as it was. Two processes that start at once wait for
    each other on SQLite's write lock or PostgreSQL's advisory lock.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sqlite.engine(parsed)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    _upgrade(connection)
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")
        finally:
            engine.dispose()
        return
    import asyncio

    asyncio.run(_migrate_postgresql(url))


async def _migrate_postgresql(url: str) -> None:
    from visavis.store import postgresql

    engine = postgresql.engine(make_url(url))
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5210427)")
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()
