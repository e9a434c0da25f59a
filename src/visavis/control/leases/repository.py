"""Moves of tasks, across all projects: for the workers of the installation, never for a caller.

Every move carries the states it may start from in its where clause (core.jobs.LEGAL_MOVES), so a late report can't
bring a finished task back, whoever else writes at the same moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Update, case, func, select, update

from visavis.control.jobs.model import ACTIVE_STATES, job
from visavis.core.jobs import LEGAL_MOVES, JobState, Verdict
from visavis.store import Door

_HELD = job.c.state.in_(ACTIVE_STATES)


def _may_become(state: JobState) -> ColumnElement[bool]:
    return job.c.state.in_([before for before, after in LEGAL_MOVES.items() if state in after])


def _talked(until: float | ColumnElement[Any]) -> ColumnElement[Any]:
    """Seconds in the talk, when the visitor's present stay ends at `until`. A clock set back counts as nothing."""
    stay = until - job.c.joined_at
    return job.c.duration + case((job.c.joined_at.is_(None), 0.0), (stay < 0.0, 0.0), else_=stay)


class LeaseRepository:
    def __init__(self, door: Door) -> None:
        self.door = door

    async def claim(self, owner: str, region: str, until: float, limit: int) -> list[tuple[str, bytes]]:
        """Ids and sealed specs of tasks nobody has, oldest first. Run it inside a transaction.

        A task without a region goes anywhere, a worker without one takes any task.
        """
        free = select(job.c.job_id, job.c.sealed_spec).where(job.c.state == "WAITING", job.c.lease_owner.is_(None))
        if region:
            free = free.where(job.c.region.in_(("", region)))
        free = free.order_by(job.c.create_time).limit(limit).with_for_update(skip_locked=True)
        rows = list(await self.door.execute(free))
        if rows:
            mine = job.c.job_id.in_([row.job_id for row in rows])
            await self.door.execute(update(job).where(mine).values(lease_owner=owner, lease_until=until))
        return [(row.job_id, row.sealed_spec) for row in rows]

    async def any_free(self) -> bool:
        free = select(job.c.job_id).where(job.c.state == "WAITING", job.c.lease_owner.is_(None)).limit(1)
        return (await self.door.execute(free)).first() is not None

    async def renew(self, owner: str, until: float) -> set[str]:
        held = update(job).where(job.c.lease_owner == owner, _HELD).values(lease_until=until)
        return set((await self.door.execute(held.returning(job.c.job_id))).scalars())

    async def owned(self, owner: str) -> set[str]:
        return set((await self.door.execute(select(job.c.job_id).where(job.c.lease_owner == owner, _HELD))).scalars())

    async def owner(self, job_id: str) -> str | None:
        found = await self.door.execute(select(job.c.lease_owner).where(job.c.job_id == job_id, _HELD))
        return None if (name := found.scalar()) is None else str(name)

    async def joined(self, job_id: str, at: float, now: float) -> bool:
        """The visitor is in the talk: the first time the task begins to run, later only the meter does."""
        begin = (
            update(job)
            .where(job.c.job_id == job_id, _may_become("PROCESSING"))
            .values(state="PROCESSING", start_time=at, joined_at=at, update_time=now)
        )
        if (await self.door.execute(begin)).count:
            return True
        again = (
            update(job)
            .where(job.c.job_id == job_id, job.c.state == "PROCESSING")
            .values(joined_at=func.coalesce(job.c.joined_at, at), update_time=now)
        )
        return bool((await self.door.execute(again)).count)

    async def left(self, job_id: str, at: float, now: float) -> bool:
        gone = (
            update(job)
            .where(job.c.job_id == job_id, job.c.state == "PROCESSING")
            .values(duration=_talked(at), joined_at=None, update_time=now)
        )
        return bool((await self.door.execute(gone)).count)

    async def finished(self, job_id: str, at: float, now: float, verdict: Verdict) -> bool:
        return bool(await self._finish([job.c.job_id == job_id], at, now, verdict))

    async def expired(self, now: float, furthest: float, verdict: Verdict) -> list[str]:
        """Fail tasks whose lease ran out. A lease beyond `furthest` was written by a clock since set back.

        The meter stops with the lease: until then the worker was known to be there.
        """
        over = job.c.lease_owner.is_not(None) & ((job.c.lease_until <= now) | (job.c.lease_until > furthest))
        end = case((job.c.lease_until > now, now), else_=job.c.lease_until)
        return await self._finish([over], end, now, verdict)

    async def unclaimed(self, since: float, now: float, verdict: Verdict) -> list[str]:
        """Fail tasks that were started before `since` and that no worker took."""
        waiting = [job.c.state == "WAITING", job.c.lease_owner.is_(None), job.c.create_time <= since]
        return await self._finish(waiting, now, now, verdict)

    async def lost(self, owner: str, now: float, verdict: Verdict) -> list[str]:
        return await self._finish([job.c.lease_owner == owner], now, now, verdict)

    async def _finish(
        self, where: Sequence[ColumnElement[bool]], at: float | ColumnElement[Any], now: float, verdict: Verdict
    ) -> list[str]:
        failed = verdict.state == "FAILED"
        end: Update = (
            update(job)
            .where(*where, _HELD, _may_become(verdict.state))
            .values(
                state=verdict.state,
                end_time=at,
                update_time=now,
                duration=_talked(at),
                joined_at=None,
                finish_reason=None if failed else verdict.reason,
                error_code=(verdict.code or None) if failed else None,
                error_msg=(verdict.message[:1024] or None) if failed else None,
                lease_until=None,
            )
        )
        return (await self.door.execute(end.returning(job.c.job_id))).scalars()
