"""Rows of one project: a repository that can't forget whose they are."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Executable,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from visavis.store.database import Door, Rows

_OWN: Final = "own_project"


class ProjectRepository:
    """Constructed with a project, and every statement it makes carries the project's where clause.

    Subclasses name their `table` (it has a `project_id` column), build on `select`, `update`, `delete`, `add`, and
    execute with `run`. The where clause holds a parameter without a value that only `run` fills in: a statement that
    goes round it fails, and one that is built once serves every project.
    """

    table: ClassVar[Table]

    def __init__(self, door: Door, project_id: str) -> None:
        self.door = door
        self.project_id = project_id

    @classmethod
    def readable(cls) -> ColumnElement[bool]:
        """Which rows a project may read. Writing is never wider than the project itself."""
        return cls._own()

    @classmethod
    def _own(cls) -> ColumnElement[bool]:
        return cls.table.c.project_id == bindparam(_OWN)

    @classmethod
    def select(cls, *columns: Any) -> Select[Any]:
        return select(*(columns or (cls.table,))).where(cls.readable())

    @classmethod
    def update(cls) -> Update:
        return update(cls.table).where(cls._own())

    @classmethod
    def delete(cls) -> Delete:
        return delete(cls.table).where(cls._own())

    async def run(self, statement: Executable, **parameters: Any) -> Rows:
        """Execute for this project; `parameters` fill in further named ones. Raises Conflict."""
        return await self.door.execute(statement, {**parameters, _OWN: self.project_id})

    async def add(self, values: dict[str, Any]) -> None:
        """Raises Conflict."""
        await self.door.execute(insert(self.table).values(**{**values, "project_id": self.project_id}))

    async def one(self, *where: ColumnElement[bool]) -> Row[Any] | None:
        return (await self.run(self.select().where(*where))).first()

    async def count(self, *where: ColumnElement[bool]) -> int:
        return int((await self.run(self.select(func.count()).select_from(self.table).where(*where))).scalar())


def like(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Contains `text`, in any letter case; `%` and `_` in it mean themselves."""
    return column.icontains(text, autoescape=True)
