"""Dialogs of one project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Integer, Row, Table, bindparam, func, select

from visavis.control.assets.model import asset
from visavis.control.jobs.model import ACTIVE_STATES, job
from visavis.control.rooms.model import room
from visavis.core.errors import RoomNameTaken, RoomUnknown
from visavis.store import Conflict, ProjectRepository
from visavis.store.repository import like

_LISTED = (
    room.c.room_id,
    room.c.room_name,
    room.c.room_description,
    room.c.robot_id,
    room.c.model_asset_id,
    room.c.voice_config_list,
    room.c.billing_mode,
    room.c.reuse_resource,
    room.c.concurrency,
    room.c.client_nums,
    room.c.default_language,
    room.c.exit_mute_threshold,
    room.c.create_time,
    room.c.update_time,
    asset.c.name.label("asset_name"),
)
_SUMS = (
    func.count().label("rooms"),
    func.coalesce(func.sum(room.c.concurrency), 0).label("concurrency"),
    func.coalesce(func.sum(room.c.client_nums).filter(room.c.billing_mode == "CLIENT"), 0).label("clients"),
    func.coalesce(func.sum(room.c.client_nums).filter(room.c.billing_mode == "CLIENT_TOKENS"), 0).label("tokens"),
)


@dataclass(frozen=True, slots=True)
class RoomFilter:
    room_name: str | None = None
    model_name: str | None = None
    start_time: float | None = None
    """Unix seconds; with end_time, the window in which the room's latest task began."""
    end_time: float | None = None


class RoomRepository(ProjectRepository):
    table: ClassVar[Table] = room

    async def get(self, room_id: str) -> Row[Any]:
        """Raises RoomUnknown."""
        row = await self.one(room.c.room_id == room_id)
        if row is None:
            raise RoomUnknown
        return row

    async def lock(self, room_id: str) -> Row[Any]:
        """As get, and nobody else counts this room's tasks until the transaction ends. Raises RoomUnknown."""
        query = self.select().where(room.c.room_id == room_id).with_for_update()
        row = (await self.run(query)).first()
        if row is None:
            raise RoomUnknown
        return row

    async def create(self, values: dict[str, Any]) -> None:
        """Raises RoomNameTaken."""
        try:
            await self.add(values)
        except Conflict as error:
            raise RoomNameTaken from error

    async def change(self, room_id: str, values: dict[str, Any]) -> None:
        """Raises RoomUnknown, RoomNameTaken."""
        try:
            done = await self.run(self.update().where(room.c.room_id == room_id).values(**values))
        except Conflict as error:
            raise RoomNameTaken from error
        if not done.count:
            raise RoomUnknown

    async def remove(self, room_id: str) -> None:
        await self.run(self.delete().where(room.c.room_id == room_id))

    async def running(self, room_id: str) -> int:
        """Tasks of the room that count against its quota."""
        where = (job.c.room_id == room_id, job.c.project_id == self.project_id, job.c.state.in_(ACTIVE_STATES))
        return int((await self.door.execute(select(func.count()).select_from(job).where(*where))).scalar())

    async def sums(self) -> Row[Any]:
        """rooms, concurrency, clients, tokens over all rooms of the project."""
        row = (await self.run(_TOTALS)).first()
        assert row is not None
        return row

    async def page(self, offset: int, limit: int, where: list[ColumnElement[bool]]) -> list[Row[Any]]:
        query = _PAGE.where(*where) if where else _PAGE
        return list(await self.run(query, first=offset, most=limit))

    async def found(self, where: list[ColumnElement[bool]]) -> int:
        query = self.select(func.count()).select_from(room.outerjoin(asset, asset.c.asset_id == room.c.model_asset_id))
        return int((await self.run(query.where(*where))).scalar())


# Built once: the list is the operation that clients poll, and building a statement costs more than running it.
_TOTALS = RoomRepository.select(*_SUMS).select_from(room)
_PAGE = (
    RoomRepository.select(*_LISTED)
    .select_from(room.outerjoin(asset, asset.c.asset_id == room.c.model_asset_id))
    .order_by(room.c.create_time.desc(), room.c.room_id)
    .offset(bindparam("first", type_=Integer))
    .limit(bindparam("most", type_=Integer))
)


def clauses(wanted: RoomFilter) -> list[ColumnElement[bool]]:
    """The filter as where clauses over room and asset; empty if it asks for nothing."""
    where: list[ColumnElement[bool]] = []
    if wanted.room_name:
        where.append(like(room.c.room_name, wanted.room_name))
    if wanted.model_name:
        where.append(like(asset.c.name, wanted.model_name))
    if wanted.start_time is not None or wanted.end_time is not None:
        # A task that still waits for its visitor began with its start call.
        began = func.coalesce(job.c.start_time, job.c.create_time)
        latest = select(func.max(began)).where(job.c.room_id == room.c.room_id).scalar_subquery()
        if wanted.start_time is not None:
            where.append(latest >= wanted.start_time)
        if wanted.end_time is not None:
            where.append(latest <= wanted.end_time)
    return where
