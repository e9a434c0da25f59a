"""A repository can't forget whose rows it reads and writes."""

from __future__ import annotations

from typing import ClassVar

import pytest
import sqlalchemy as sa

from visavis.store import Conflict, ProjectRepository
from visavis.store.repository import like
from visavis.store.sqlite import SqliteDatabase


@pytest.fixture
def of(db: SqliteDatabase, table: sa.Table) -> type:
    class Rows(ProjectRepository):
        pass

    Rows.table = table

    class Bound:
        def __new__(cls, project_id: str) -> Rows:  # type: ignore[misc]
            return Rows(db, project_id)

    return Bound


async def test_every_statement_carries_the_project(of: type, table: sa.Table) -> None:
    mine, yours = of("mine"), of("yours")
    await mine.add({"id": "a"})
    await yours.add({"id": "b"})
    assert await mine.one(table.c.id == "b") is None
    assert (await mine.count(), await yours.count()) == (1, 1)
    assert (await mine.run(mine.update().where(table.c.id == "b").values(value=1))).count == 0
    assert (await mine.run(mine.delete())).count == 1
    assert await yours.count() == 1


async def test_a_statement_that_goes_round_the_repository_fails(of: type, table: sa.Table) -> None:
    mine = of("mine")
    await mine.add({"id": "a"})
    for statement in (mine.select(), mine.update().values(value=1), mine.delete()):
        with pytest.raises(sa.exc.StatementError, match="own_project"):
            await mine.door.execute(statement)
    assert await mine.count() == 1


async def test_a_statement_built_once_serves_every_project(of: type, table: sa.Table) -> None:
    mine, yours = of("mine"), of("yours")
    await mine.add({"id": "a"})
    await yours.add({"id": "b"})
    statement = type(mine).select(table.c.id).where(table.c.id != sa.bindparam("not_this"))
    assert (await mine.run(statement, not_this="x")).scalars() == ["a"]
    assert (await yours.run(statement, not_this="x")).scalars() == ["b"]
    assert (await yours.run(statement, not_this="b", own_project="mine")).scalars() == []


async def test_a_row_can_not_be_put_into_another_project(of: type, table: sa.Table) -> None:
    await of("mine").add({"id": "a", "project_id": "yours"})
    assert await of("yours").count() == 0
    assert await of("mine").count() == 1
    with pytest.raises(Conflict):
        await of("yours").add({"id": "a"})


async def test_wider_reading_never_widens_writing(db: SqliteDatabase, table: sa.Table) -> None:
    class Shared(ProjectRepository):
        table: ClassVar[sa.Table]

        @classmethod
        def readable(cls) -> sa.ColumnElement[bool]:
            return cls.table.c.project_id.is_(None) | super().readable()

    Shared.table = table
    await db.execute(sa.insert(table).values(id="system"))
    rows = Shared(db, "mine")
    assert await rows.one(table.c.id == "system") is not None
    assert (await rows.run(rows.update().values(value=1))).count == 0
    assert (await rows.run(rows.delete())).count == 0


@pytest.mark.parametrize(
    ("text", "found"), [("100%", ["a"]), ("_", ["b"]), ("%", ["a"]), ("HALL", ["a", "b"]), ("\\", []), ("'", ["c"])]
)
async def test_wildcards_in_a_fuzzy_search_mean_themselves(
    db: SqliteDatabase, table: sa.Table, text: str, found: list[str]
) -> None:
    for key, name in {"a": "Hall 100%", "b": "hall_2", "c": "Sara's"}.items():
        await db.execute(sa.insert(table).values(id=key, project_id=name))
    query = sa.select(table.c.id).where(like(table.c.project_id, text)).order_by(table.c.id)
    assert (await db.execute(query)).scalars() == found
