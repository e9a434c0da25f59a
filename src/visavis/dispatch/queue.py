"""The queue's hands on this box: claim waiting jobs, renew their leases, store reports, reap what others lost."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Protocol, TypeVar

from visavis.core.errors import VisavisError, WorkerLost
from visavis.core.jobs import Command, End, JobSpec, JobUpdate, Placement, Reply, Verdict

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_BATCH = 16
_RETRY = 0.5


class Ledger(Protocol):
    """The jobs' table, as the queue needs it."""

    async def claim(self, owner: str, region: str, lease_s: float, limit: int) -> list[JobSpec]: ...

    async def renew(self, owner: str, lease_s: float) -> set[str]: ...

    async def record(self, update: JobUpdate) -> bool: ...

    async def reap(self, now: float | None = None) -> int: ...


class Places(Protocol):
    """The box, as the queue needs it."""

    @property
    def name(self) -> str: ...

    @property
    def ready(self) -> bool: ...

    def held(self) -> set[str]: ...

    async def place(self, job: JobSpec) -> Placement: ...

    async def send(self, job_id: str, command: Command) -> Reply: ...


class Claims:
    """Watched loops. If one dies, `run` raises: a box that can't renew must not pretend to live."""

    def __init__(self, *, lease: float, region: str = "", poll: float = 0.5) -> None:
        self._lease = lease
        self._region = region
        self._poll = poll
        self._wake = asyncio.Event()
        self._stopping = False
        self._placing: set[str] = set()
        self._outbox: asyncio.Queue[JobUpdate] = asyncio.Queue()
        self._unsent: dict[str, int] = {}

    def wake(self) -> None:
        """A job was just inserted: look now, not at the next poll."""
        self._wake.set()

    def stop(self) -> None:
        """Claim no more. Leases are renewed and reports stored until `run` is cancelled: talks can drain."""
        self._stopping = True
        self._wake.set()

    async def record(self, update: JobUpdate) -> None:
        """Store a report, in order; kept and tried again while the database is busy or its disk full."""
        self._unsent[update.job_id] = self._unsent.get(update.job_id, 0) + 1
        self._outbox.put_nowait(update)

    async def flush(self) -> None:
        """Return when every report is stored."""
        await self._outbox.join()

    async def run(self, ledger: Ledger, box: Places) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._claim(ledger, box, tasks))
            tasks.create_task(self._renew(ledger, box))
            tasks.create_task(self._reap(ledger))
            tasks.create_task(self._store(ledger))

    async def _claim(self, ledger: Ledger, box: Places, tasks: asyncio.TaskGroup) -> None:
        while not self._stopping:
            self._wake.clear()
            jobs: list[JobSpec] | None = None
            if box.ready:
                jobs = await self._tried(ledger.claim(box.name, self._region, self._lease, _BATCH))
            for job in jobs or []:
                self._placing.add(job.talk.job_id)
                tasks.create_task(self._place(box, job))
            if jobs and len(jobs) == _BATCH:
                continue
            try:
                async with asyncio.timeout(self._poll):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _place(self, box: Places, job: JobSpec) -> None:
        try:
            await box.place(job)
        except VisavisError as error:
            log.warning("job %s could not be placed: %s", job.talk.job_id, error.message)
            await self.record(_failed(job.talk.job_id, error))
        finally:
            self._placing.discard(job.talk.job_id)

    async def _renew(self, ledger: Ledger, box: Places) -> None:
        while True:
            held = box.held()
            owned = await self._tried(ledger.renew(box.name, self._lease))
            if owned is not None:
                busy = self._placing | set(self._unsent)
                # Ours on paper, but no talk, no talk about to start, no report under way: its verdict got lost.
                for job_id in owned - box.held() - busy:
                    await self.record(_failed(job_id, WorkerLost()))
                # A talk whose task was ended elsewhere, by another server or by a lease we were too slow to renew.
                for job_id in held - owned - busy:
                    await self._end(box, job_id)
            await asyncio.sleep(self._lease / 4)

    async def _end(self, box: Places, job_id: str) -> None:
        log.info("job %s was ended elsewhere", job_id)
        try:
            await box.send(job_id, End())
        except VisavisError as error:
            log.info("job %s was over already: %s", job_id, error.message)

    async def _reap(self, ledger: Ledger) -> None:
        while True:
            if reaped := await self._tried(ledger.reap()):
                log.warning("%d jobs failed: nobody renewed their lease or claimed them", reaped)
            await asyncio.sleep(min(1.0, self._lease / 4))

    async def _store(self, ledger: Ledger) -> None:
        while True:
            update = await self._outbox.get()
            while True:
                try:
                    await ledger.record(update)
                    break
                except VisavisError as error:
                    if not error.retry:
                        log.error("report %s of job %s is lost: %s", update.kind, update.job_id, error.message)
                        break
                    await asyncio.sleep(_RETRY)
            self._unsent[update.job_id] -= 1
            if not self._unsent[update.job_id]:
                del self._unsent[update.job_id]
            self._outbox.task_done()

    async def _tried(self, call: Awaitable[_T]) -> _T | None:
        """A busy or full database is logged and tried again at the loop's next turn."""
        try:
            return await call
        except VisavisError as error:
            if not error.retry:
                raise
            log.warning("the job ledger did not answer: %s", error.message)
            return None


def _failed(job_id: str, error: VisavisError) -> JobUpdate:
    verdict = Verdict(state="FAILED", reason=None, code=error.code, message=error.message)
    return JobUpdate(job_id=job_id, kind="finished", at=time.time(), verdict=verdict)
