"""The one door to the database, whichever it is: `await db.execute(statement)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import Executable, Row, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from visavis.core.errors import InternalError

Parameters = Mapping[str, Any] | None


class Conflict(Exception):
    """A unique or foreign key was violated. The repository that knows the table turns it into an error of the tree."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement came to, fetched whole."""

    rows: Sequence[Row[Any]]
    count: int
    """Rows matched by an UPDATE or DELETE; -1 for other statements where the driver does not tell."""

    def __iter__(self) -> Iterator[Row[Any]]:
        return iter(self.rows)

    def first(self) -> Row[Any] | None:
        return self.rows[0] if self.rows else None

    def scalar(self) -> Any:
        """The first column of the first row; None if there is none."""
        return self.rows[0][0] if self.rows else None

    def scalars(self) -> list[Any]:
        return [row[0] for row in self.rows]


class Door(Protocol):
    """Whatever runs a statement: the database itself or a transaction of it."""

    async def execute(self, statement: Executable, parameters: Parameters = None) -> Rows:
        """`parameters`: values of the statement's named parameters (bindparam), so that it can be built once.

        Raises Conflict, InternalError (its `retry` says whether trying again may help).
        """
        ...


class Database(Door, Protocol):
    """A statement alone is its own transaction."""

    def transaction(self) -> AbstractAsyncContextManager[Door]:
        """All or nothing: commits at the end of the block, rolls back when it raises.

        On SQLite the write lock is held from the start, so a read inside it sees what the write will meet. On
        PostgreSQL lock the rows that matter with `with_for_update()` (SQLite ignores it).
        """
        ...

    async def close(self) -> None: ...


_PASSING = {
    "database is locked": "the database is busy",
    "database or disk is full": "the disk of the database is full",
    "disk i/o error": "the disk of the database failed",
    "readonly database": "the database can't be written",
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn a driver's errors into ours; the driver's own words stay in the cause for the log."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(str(error.orig)) from error
    except DBAPIError as error:
        words = str(error.orig).lower()
        passing = next((say for sign, say in _PASSING.items() if sign in words), "")
        failure = InternalError(f"Internal Error: {passing}" if passing else None)
        failure.retry = bool(passing) or error.connection_invalidated or isinstance(error, OperationalError)
        raise failure from error
    except PoolTimeout as error:
        failure = InternalError("Internal Error: the database is busy")
        failure.retry = True
        raise failure from error
    except OSError as error:  # asyncpg can't reach its server, or the file can't be made
        failure = InternalError("Internal Error: the database can't be reached")
        failure.retry = True
        raise failure from error


def dump_json(value: Any) -> str:
    """JSON columns are written with orjson."""
    return orjson.dumps(value).decode()


load_json = orjson.loads


def on_connect(engine: Engine, pragmas: Sequence[str]) -> None:
    """Run these SQLite statements on each new connection."""

    def run(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    event.listen(engine, "connect", run)
