"""Assets a project may use: its own and the system's."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Row, Table, insert, select

from visavis.control.assets.model import asset
from visavis.store import Door, ProjectRepository


class AssetRepository(ProjectRepository):
    table: ClassVar[Table] = asset

    @classmethod
    def readable(cls) -> ColumnElement[bool]:
        return asset.c.project_id.is_(None) | super().readable()

    async def named(self, asset_ids: Collection[str]) -> dict[str, Row[Any]]:
        """Those of these assets that the project may use, by id."""
        rows = await self.run(self.select().where(asset.c.asset_id.in_(asset_ids)))
        return {row.asset_id: row for row in rows}

    async def system(self, kind: str) -> list[Row[Any]]:
        """System assets of that type, oldest first."""
        query = self.select().where(asset.c.project_id.is_(None), asset.c.type == kind)
        return list(await self.run(query.order_by(asset.c.create_time, asset.c.asset_id)))


async def add_system_asset(door: Door, values: dict[str, Any]) -> None:
    """For the first start: an asset of no project. Raises Conflict if the id exists."""
    await door.execute(insert(asset).values(**values, project_id=None))


async def system_asset_ids(door: Door) -> set[str]:
    return set((await door.execute(select(asset.c.asset_id).where(asset.c.project_id.is_(None)))).scalars())
