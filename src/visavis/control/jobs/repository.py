"""Tasks of one project, for the REST operations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from sqlalchemy import Row, Table

from visavis.control.jobs.model import job
from visavis.core.errors import JobUnknown
from visavis.store import ProjectRepository


class JobRepository(ProjectRepository):
    table: ClassVar[Table] = job

    async def get(self, room_id: str, job_id: str) -> Row[Any]:
        """Raises JobUnknown."""
        row = await self.one(job.c.job_id == job_id, job.c.room_id == room_id)
        if row is None:
            raise JobUnknown
        return row

    async def page(
        self, room_id: str, offset: int, limit: int, states: Collection[str] | None
    ) -> tuple[int, list[Row[Any]]]:
        """Newest first, and how many there are in all. `states`: None = any."""
        where = [job.c.room_id == room_id]
        if states is not None:
            where.append(job.c.state.in_(states))
        query = self.select().where(*where).order_by(job.c.create_time.desc(), job.c.job_id)
        rows = await self.run(query.offset(offset).limit(limit))
        return await self.count(*where), list(rows)
