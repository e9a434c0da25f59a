"""Rows of one project: a repository that can't forget whose they are."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Delete, Row, Select, Table, Update, delete, func, insert, select, update

from visavis.store.database import Door


class ProjectRepository:
    """Constructed with a project, and every statement it makes carries the project's where clause.

    Subclasses name their `table` (it has a `project_id` column) and build on `select`, `update`, `delete`, `add`.
    """

    table: ClassVar[Table]

    def __init__(self, door: Door, project_id: str) -> None:
        self.door = door
        self.project_id = project_id

    def readable(self) -> ColumnElement[bool]:
        """Which rows this project may read. Writing is never wider than the project itself."""
        return self._own()

    def _own(self) -> ColumnElement[bool]:
        return self.table.c.project_id == self.project_id

    def select(self, *columns: Any) -> Select[Any]:
        return select(*(columns or (self.table,))).where(self.readable())

    def update(self) -> Update:
        return update(self.table).where(self._own())

    def delete(self) -> Delete:
        return delete(self.table).where(self._own())

    async def add(self, values: dict[str, Any]) -> None:
        """Raises Conflict."""
        await self.door.execute(insert(self.table).values(**{**values, "project_id": self.project_id}))

    async def one(self, *where: ColumnElement[bool]) -> Row[Any] | None:
        return (await self.door.execute(self.select().where(*where))).first()

    async def count(self, *where: ColumnElement[bool]) -> int:
        statement = self.select(func.count()).select_from(self.table).where(*where)
        return int((await self.door.execute(statement)).scalar())


def like(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Contains `text`, in any letter case; `%` and `_` in it mean themselves."""
    return column.icontains(text, autoescape=True)
