"""The ledger of tasks: what a dispatcher claims, renews and reports, and what happens to those it loses."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from visavis.control.iam.sealing import Sealer
from visavis.control.leases.repository import LeaseRepository
from visavis.core.errors import WorkerLost
from visavis.core.jobs import JobSpec, JobUpdate, Verdict
from visavis.store import Database

log = logging.getLogger(__name__)

LONGEST_LEASE = 60.0
"""Seconds (settings.lease has this bound): a lease that seems to last longer was written by another clock."""
_JUMP = 1.0
"""Seconds the wall clock and the monotonic one may part between two looks before it counts as set."""
_AFTER_JUMP = 10.0
"""Seconds in which every living owner has renewed by the new clock (they renew several times a lease)."""


class JobLedger:
    """One per process. Leases are wall-clock times, because processes of several machines share them."""

    def __init__(
        self,
        db: Database,
        sealer: Sealer,
        *,
        claim_timeout: float = 30.0,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._sealer = sealer
        self._claim_timeout = claim_timeout
        self._now = now
        self._monotonic = monotonic
        self._last = (now(), monotonic())
        self._quiet_until = float("-inf")

    async def claim(self, owner: str, region: str, lease_s: float, limit: int = 1) -> list[JobSpec]:
        """Take up to `limit` waiting tasks, oldest first. They stay WAITING until the visitor joins."""
        if not await LeaseRepository(self._db).any_free():  # polled often: spare the write lock
            return []
        async with self._db.transaction() as tx:
            claimed = await LeaseRepository(tx).claim(owner, region, self._now() + lease_s, limit)
        return [JobSpec.model_validate_json(self._sealer.unseal(spec, job_id)) for job_id, spec in claimed]

    async def renew(self, owner: str, lease_s: float) -> set[str]:
        """Ids of the tasks the owner still holds. One that is missing was ended: its talk must stop."""
        return await LeaseRepository(self._db).renew(owner, self._now() + lease_s)

    async def owned(self, owner: str) -> set[str]:
        """Ids of the tasks the owner holds; renews nothing."""
        return await LeaseRepository(self._db).owned(owner)

    async def record(self, update: JobUpdate) -> bool:
        """Write down a report. False: it came too late (the task was over) and changed nothing."""
        leases = LeaseRepository(self._db)
        match update.kind:
            case "joined":
                done = await leases.joined(update.job_id, update.at, self._now())
            case "left":
                done = await leases.left(update.job_id, update.at, self._now())
            case "finished":
                verdict = update.verdict or Verdict(state="SUCCEED")
                done = await leases.finished(update.job_id, update.at, self._now(), verdict)
        if not done:
            log.info("task %s: report %r came after its end", update.job_id, update.kind)
        return done

    async def reap(self, now: float | None = None) -> int:
        """Fail what nobody looks after any more, and how many that were. Call it about once a second.

        Expired leases fail with WorkerLost; so do tasks that no worker took in `claim_timeout`. When the wall clock
        was set, nothing is reaped until the owners have renewed by the new time.
        """
        now = self._now() if now is None else now
        mono = self._monotonic()
        drift = (now - self._last[0]) - (mono - self._last[1])
        self._last = (now, mono)
        if abs(drift) > _JUMP:
            log.warning("the wall clock moved by %+.1f s: leases are left alone for %.0f s", drift, _AFTER_JUMP)
            self._quiet_until = mono + _AFTER_JUMP
        if mono < self._quiet_until:
            return 0
        leases = LeaseRepository(self._db)
        lost = await leases.expired(now, now + 2 * LONGEST_LEASE, _lost(None))
        untaken = await leases.unclaimed(now - self._claim_timeout, now, _lost("No worker took the task in time"))
        for job_id in lost:
            log.error("task %s failed: its worker stopped reporting", job_id)
        for job_id in untaken:
            log.error("task %s failed: no worker took it in %.0f s", job_id, self._claim_timeout)
        return len(lost) + len(untaken)

    async def lost(self, owner: str) -> int:
        """That worker is dead: fail all it held at once, and how many that were."""
        ended = await LeaseRepository(self._db).lost(owner, self._now(), _lost(None))
        for job_id in ended:
            log.error("task %s failed: its worker %s died", job_id, owner)
        return len(ended)


def _lost(message: str | None) -> Verdict:
    error = WorkerLost(message)
    return Verdict(state="FAILED", reason=None, code=error.code, message=error.message)
