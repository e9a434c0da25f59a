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
    assert (await mine.door.execute(mine.update().where(table.c.id == "b").values(value=1))).count == 0
    assert (await mine.door.execute(mine.delete())).count == 1
    assert await yours.count() == 1


async def test_a_row_can_not_be_put_into_another_project(of: type, table: sa.Table) -> None:
    await of("mine").add({"id": "a", "project_id": "yours"})
    assert await of("yours").count() == 0
    assert await of("mine").count() == 1
    with pytest.raises(Conflict):
        await of("yours").add({"id": "a"})


async def test_wider_reading_never_widens_writing(db: SqliteDatabase, table: sa.Table) -> None:
    class Shared(ProjectRepository):
        table: ClassVar[sa.Table]

        def readable(self) -> sa.ColumnElement[bool]:
            return self.table.c.project_id.is_(None) | super().readable()

    Shared.table = table
    await db.execute(sa.insert(table).values(id="system"))
    rows = Shared(db, "mine")
    assert await rows.one(table.c.id == "system") is not None
    assert (await db.execute(rows.update().values(value=1))).count == 0
    assert (await db.execute(rows.delete())).count == 0


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
