"""Applications of one project."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Row, Table, select

from visavis.control.robots.model import robot
from visavis.control.rooms.model import room
from visavis.core.errors import RobotNameTaken, RobotUnknown
from visavis.store import Conflict, ProjectRepository


class RobotRepository(ProjectRepository):
    table: ClassVar[Table] = robot

    async def get(self, robot_id: str) -> Row[Any]:
        """Raises RobotUnknown."""
        row = await self.one(robot.c.robot_id == robot_id)
        if row is None:
            raise RobotUnknown
        return row

    async def create(self, values: dict[str, Any]) -> None:
        """Raises RobotNameTaken."""
        try:
            await self.add(values)
        except Conflict as error:
            raise RobotNameTaken from error

    async def change(self, robot_id: str, values: dict[str, Any]) -> None:
        """Raises RobotUnknown, RobotNameTaken."""
        try:
            done = await self.run(self.update().where(robot.c.robot_id == robot_id).values(**values))
        except Conflict as error:
            raise RobotNameTaken from error
        if not done.count:
            raise RobotUnknown

    async def remove(self, robot_ids: Collection[str]) -> None:
        """All of them or, raising RobotUnknown, none: run it inside a transaction."""
        done = await self.run(self.delete().where(robot.c.robot_id.in_(robot_ids)))
        if done.count != len(set(robot_ids)):
            raise RobotUnknown

    async def page(
        self, offset: int, limit: int, *, room_id: str | None, robot_type: str | None
    ) -> tuple[int, list[Row[Any]]]:
        """Newest first, and how many there are in all. `room_id`: those that name the room or that the room names."""
        where: list[ColumnElement[bool]] = []
        if room_id is not None:
            mine = select(room.c.robot_id).where(room.c.room_id == room_id, room.c.project_id == self.project_id)
            where.append((robot.c.room_id == room_id) | robot.c.robot_id.in_(mine))
        if robot_type is not None:
            where.append(robot.c.robot_type == robot_type)
        order = (robot.c.create_time.desc(), robot.c.robot_id)
        rows = await self.run(self.select().where(*where).order_by(*order).offset(offset).limit(limit))
        return await self.count(*where), list(rows)
