"""The one door: transactions, isolation, and what a driver's failure becomes."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from visavis.core.errors import InternalError
from visavis.store import Conflict, open_database, sqlite
from visavis.store.sqlite import SqliteDatabase


async def _ids(db: SqliteDatabase, table: sa.Table) -> list[str]:
    return sorted((await db.execute(sa.select(table.c.id))).scalars())


async def _add_together(db: SqliteDatabase, table: sa.Table, *rows: dict[str, object]) -> None:
    async with db.transaction() as tx:
        for row in rows:
            await tx.execute(sa.insert(table).values(**row))


async def test_a_statement_alone_is_kept(db: SqliteDatabase, table: sa.Table, url: sa.URL) -> None:
    done = await db.execute(sa.insert(table).values(id="a", value={"x": [1, "é"]}))
    assert done.count == 1
    other = SqliteDatabase(url)
    row = (await other.execute(sa.select(table))).first()
    assert row is not None
    assert (row.id, row.value) == ("a", {"x": [1, "é"]})
    await other.close()


async def test_rows_tell_what_there_is(db: SqliteDatabase, table: sa.Table) -> None:
    nothing = await db.execute(sa.select(table.c.id))
    assert (nothing.first(), nothing.scalar(), list(nothing)) == (None, None, [])
    await db.execute(sa.insert(table).values(id="a"))
    changed = await db.execute(sa.update(table).values(project_id="p").returning(table.c.id))
    assert changed.scalars() == ["a"]
    assert (await db.execute(sa.delete(table).where(table.c.id == "b"))).count == 0


async def test_a_transaction_is_kept_whole_or_not_at_all(db: SqliteDatabase, table: sa.Table) -> None:
    await _add_together(db, table, {"id": "a"}, {"id": "b"})

    async def fail() -> None:
        async with db.transaction() as tx:
            await tx.execute(sa.insert(table).values(id="c"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    assert await _ids(db, table) == ["a", "b"]


async def test_a_cancelled_transaction_leaves_nothing(db: SqliteDatabase, table: sa.Table) -> None:
    inside = asyncio.Event()

    async def slow() -> None:
        async with db.transaction() as tx:
            await tx.execute(sa.insert(table).values(id="a"))
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(slow())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _ids(db, table) == []
    await db.execute(sa.insert(table).values(id="b"))
    assert await _ids(db, table) == ["b"]


async def test_nobody_reads_what_is_not_committed(db: SqliteDatabase, table: sa.Table) -> None:
    async with db.transaction() as tx:
        await tx.execute(sa.insert(table).values(id="a"))
        assert await _ids(db, table) == []
        assert (await tx.execute(sa.select(table.c.id))).scalars() == ["a"]
    assert await _ids(db, table) == ["a"]


async def test_writers_of_one_loop_take_turns(db: SqliteDatabase, table: sa.Table) -> None:
    await db.execute(sa.insert(table).values(id="n", number=0))

    async def add() -> None:
        async with db.transaction() as tx:
            value = (await tx.execute(sa.select(table.c.number))).scalar()
            await asyncio.sleep(0)
            await tx.execute(sa.update(table).values(number=value + 1))

    await asyncio.gather(*[add() for _ in range(50)])
    assert (await db.execute(sa.select(table.c.number))).scalar() == 50


def test_writers_of_several_threads_take_turns(url: sa.URL, table: sa.Table) -> None:
    async def work() -> None:
        db = SqliteDatabase(url)
        for _ in range(25):
            async with db.transaction() as tx:
                value = (await tx.execute(sa.select(table.c.number))).scalar()
                await tx.execute(sa.update(table).values(number=value + 1))
        await db.close()

    async def read() -> int:
        db = SqliteDatabase(url)
        await db.execute(sa.insert(table).values(id="n", number=0))
        threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            await asyncio.to_thread(thread.join)
        value = (await db.execute(sa.select(table.c.number))).scalar()
        await db.close()
        return int(value)

    assert asyncio.run(read()) == 100


async def test_a_violated_key_is_a_conflict_and_the_door_stays_open(db: SqliteDatabase, table: sa.Table) -> None:
    await db.execute(sa.insert(table).values(id="a"))
    with pytest.raises(Conflict):
        await db.execute(sa.insert(table).values(id="a"))
    with pytest.raises(Conflict):
        await _add_together(db, table, {"id": "b"}, {"id": "a"})
    assert await _ids(db, table) == ["a"]


async def test_a_locked_database_says_so_and_may_be_tried_again(
    url: sa.URL, table: sa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 20)
    db = SqliteDatabase(url)
    other = sqlite3.connect(str(url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for attempt in (db.execute(sa.insert(table).values(id="a")), db.transaction().__aenter__()):
        with pytest.raises(InternalError, match="Internal Error: the database is busy") as caught:
            await attempt
        assert caught.value.retry
    other.execute("ROLLBACK")
    other.close()
    await db.execute(sa.insert(table).values(id="a"))
    await db.close()


async def test_a_full_disk_says_so_and_loses_nothing(db: SqliteDatabase, table: sa.Table) -> None:
    await db.execute(sa.insert(table).values(id="a"))
    pages = db._writer.exec_driver_sql("PRAGMA page_count").scalar()
    db._writer.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(InternalError, match="Internal Error: the disk of the database is full") as caught:
        await _add_together(db, table, {"id": "b"}, {"id": "c", "value": "x" * 100_000})
    assert caught.value.retry
    assert await _ids(db, table) == ["a"]
    db._writer.exec_driver_sql("PRAGMA max_page_count=100000")
    await db.execute(sa.insert(table).values(id="d", value="x" * 100_000))
    assert await _ids(db, table) == ["a", "d"]


async def test_other_failures_are_internal_and_final(db: SqliteDatabase) -> None:
    with pytest.raises(InternalError) as caught:
        await db.execute(sa.select(sa.func.no_such_function()))
    assert caught.value.message == "Internal Error"
    assert "no_such_function" in str(caught.value.__cause__)


async def test_sqlite_is_set_up_for_many_readers_and_one_writer(db: SqliteDatabase) -> None:
    for connection in (db._reader, db._writer):
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 5000}


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'deep' / 'er.db'}")
    await db.execute(sa.text("create table t (x)"))
    await db.execute(sa.text("select 1"))
    modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "deep").iterdir()}
    await db.close()
    assert modes == {"er.db": 0o600, "er.db-wal": 0o600, "er.db-shm": 0o600}


def test_a_file_that_can_not_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InternalError, match="can't be reached"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'test.db'}")


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", ""])
def test_an_unknown_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(InternalError):
        open_database(url)
