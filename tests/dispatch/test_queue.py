"""Claims against a ledger in memory: nothing is lost while the database is busy, nothing stays without a talk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from visavis.core.errors import InternalError, WorkerLost
from visavis.core.jobs import Command, End, JobSpec, JobUpdate, Placement, Reply, TalkContext, Verdict
from visavis.dispatch.queue import Claims


class Busy(InternalError):
    """Database is locked"""

    retry = True


def job(job_id: str) -> JobSpec:
    return JobSpec(talk=TalkContext(project_id="p", room_id="r", job_id=job_id, session_id="s"))


class MemoryLedger:
    def __init__(self) -> None:
        self.waiting: list[JobSpec] = []
        self.owned: set[str] = set()
        self.updates: list[JobUpdate] = []
        self.busy = 0
        self.renewals = 0

    async def claim(self, owner: str, region: str, lease_s: float, limit: int) -> list[JobSpec]:
        got, self.waiting = self.waiting[:limit], self.waiting[limit:]
        self.owned |= {j.talk.job_id for j in got}
        return got

    async def renew(self, owner: str, lease_s: float) -> set[str]:
        self.renewals += 1
        return set(self.owned)

    async def record(self, update: JobUpdate) -> bool:
        if self.busy:
            self.busy -= 1
            raise Busy
        self.updates.append(update)
        if update.kind == "finished":
            self.owned.discard(update.job_id)
        return True

    async def reap(self, now: float | None = None) -> int:
        return 0


class MemoryBox:
    name = "box"
    ready = True

    def __init__(self) -> None:
        self.talks: set[str] = set()
        self.sent: list[tuple[str, Command]] = []
        self.fail = False

    def held(self) -> set[str]:
        return set(self.talks)

    async def send(self, job_id: str, command: Command) -> Reply:
        self.sent.append((job_id, command))
        self.talks.discard(job_id)
        return Reply()

    async def place(self, job: JobSpec) -> Placement:
        if self.fail:
            raise WorkerLost
        self.talks.add(job.talk.job_id)
        return Placement(worker="w")


@asynccontextmanager
async def running(ledger: MemoryLedger, box: MemoryBox) -> AsyncIterator[Claims]:
    claims = Claims(lease=0.1, poll=0.02)
    task = asyncio.create_task(claims.run(ledger, box))
    yield claims
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_waiting_jobs_are_placed_more_than_a_batch() -> None:
    ledger, box = MemoryLedger(), MemoryBox()
    ledger.waiting = [job(f"j{n}") for n in range(40)]
    async with running(ledger, box):
        await asyncio.sleep(0.1)
        assert len(box.talks) == 40
        assert ledger.renewals >= 2


async def test_a_job_that_finds_no_place_fails_with_the_cause() -> None:
    ledger, box = MemoryLedger(), MemoryBox()
    box.fail = True
    ledger.waiting = [job("j")]
    async with running(ledger, box) as claims:
        await asyncio.sleep(0.05)
        await claims.flush()
    assert ledger.updates[0].verdict == Verdict(
        state="FAILED", reason=None, code=WorkerLost.code, message=WorkerLost().message
    )


async def test_reports_wait_in_order_while_the_database_is_busy() -> None:
    ledger, box = MemoryLedger(), MemoryBox()
    ledger.busy = 1
    async with running(ledger, box) as claims:
        for kind in ("joined", "left"):
            await claims.record(JobUpdate(job_id="j", kind=kind, at=1.0))
        await claims.flush()
    assert [u.kind for u in ledger.updates] == ["joined", "left"]


async def test_a_row_we_own_but_do_not_run_is_failed() -> None:
    ledger, box = MemoryLedger(), MemoryBox()
    ledger.owned = {"ghost"}
    async with running(ledger, box) as claims:
        await asyncio.sleep(0.1)
        await claims.flush()
    assert [(u.job_id, u.verdict and u.verdict.code) for u in ledger.updates] == [("ghost", WorkerLost.code)]


async def test_a_talk_whose_task_was_ended_elsewhere_ends() -> None:
    ledger, box = MemoryLedger(), MemoryBox()
    ledger.waiting = [job("j")]
    async with running(ledger, box):
        await asyncio.sleep(0.06)
        assert box.talks == {"j"}
        ledger.owned.clear()
        await asyncio.sleep(0.1)
    assert box.sent == [("j", End())]
