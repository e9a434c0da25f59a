"""Placing, admission, moving and losing talks, on hosts that only keep count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from visavis.core.errors import BoxFull, JobUnknown, WorkerLost
from visavis.core.jobs import Command, Cut, JobSpec, JobUpdate, Offer, Peer, Reply, TalkContext, Verdict
from visavis.dispatch.box import Box, Report


def job(number: int) -> JobSpec:
    return JobSpec(talk=TalkContext(project_id="p", room_id="r", job_id=f"job-{number}", session_id="s"))


def offer() -> Offer:
    return Offer(peer=Peer(user_type="END_USER", user_id="visitor", sdp="v=0"))


class CountingHost:
    """Holds names of talks; answers every command; can be made to die."""

    def __init__(self, name: str, report: Report) -> None:
        self.name = name
        self.report = report
        self.talks: set[str] = set()
        self.commands: list[tuple[str, Command]] = []
        self.refuse = False
        self._gone = asyncio.Event()

    async def start(self, job: JobSpec) -> Reply:
        await asyncio.sleep(0)
        self.talks.add(job.talk.job_id)
        return Reply()

    async def send(self, job_id: str, command: Command) -> Reply:
        await asyncio.sleep(0)
        if self.refuse:
            return Reply(code="90100023", message="no")
        self.commands.append((job_id, command))
        return Reply()

    async def abandon(self, job_id: str) -> None:
        self.talks.remove(job_id)

    async def gone(self) -> None:
        await self._gone.wait()

    async def close(self) -> None:
        self._gone.set()

    die = close


class Fixture:
    def __init__(self, hosts: int = 2, per_host: int = 2, max_jobs: int = 100) -> None:
        self.hosts: list[CountingHost] = []
        self.updates: list[JobUpdate] = []
        self.box = Box("box", self._spawn, self._record, hosts=hosts, per_host=per_host, max_jobs=max_jobs)

    async def _spawn(self, report: Report) -> CountingHost:
        await asyncio.sleep(0.01)
        self.hosts.append(CountingHost(f"host-{len(self.hosts)}", report))
        return self.hosts[-1]

    async def _record(self, update: JobUpdate) -> None:
        self.updates.append(update)


@pytest.fixture
async def full() -> AsyncIterator[Fixture]:
    made = Fixture()
    await made.box.open()
    yield made
    await made.box.close()


async def test_hosts_are_added_as_talks_come_and_no_further(full: Fixture) -> None:
    assert [len(h.talks) for h in full.hosts] == [0]
    await asyncio.gather(*(full.box.place(job(n)) for n in range(5)))
    assert len(full.hosts) == 2
    assert sorted(len(h.talks) for h in full.hosts) == [2, 3]


async def test_joining_takes_capacity_and_a_full_box_refuses(full: Fixture) -> None:
    for n in range(5):
        await full.box.place(job(n))
    replies = await asyncio.gather(*(full.box.send(f"job-{n}", offer()) for n in range(5)), return_exceptions=True)
    assert sum(isinstance(r, Reply) for r in replies) == 4
    assert sum(isinstance(r, BoxFull) for r in replies) == 1
    assert sorted(len({j for j, _ in h.commands}) for h in full.hosts) == [2, 2], "moved to the freer host"
    with pytest.raises(BoxFull):
        full.box.admit()


async def test_a_finished_talk_frees_its_place(full: Fixture) -> None:
    for n in range(4):
        await full.box.place(job(n))
        await full.box.send(f"job-{n}", offer())
    with pytest.raises(BoxFull):
        full.box.admit()
    done = JobUpdate(job_id="job-2", kind="finished", at=1.0, verdict=Verdict(state="SUCCEED"))
    await full.hosts[0].report(done)
    full.box.admit()
    assert full.updates == [done]
    with pytest.raises(JobUnknown):
        await full.box.send("job-2", Cut())


async def test_a_refused_offer_gives_the_place_back(full: Fixture) -> None:
    await full.box.place(job(1))
    full.hosts[0].refuse = True
    assert (await full.box.send("job-1", offer())).code == "90100023"
    assert full.box.joined == 0


async def test_a_dead_host_fails_its_talks_with_the_cause_and_is_replaced(full: Fixture) -> None:
    await full.box.place(job(1))
    await full.box.send("job-1", offer())
    await full.hosts[0].die()
    await asyncio.sleep(0.05)
    assert [(u.job_id, u.kind, u.verdict and u.verdict.code) for u in full.updates] == [
        ("job-1", "finished", WorkerLost.code)
    ]
    assert full.box.ready
    assert full.box.joined == 0
    await full.box.place(job(2))
    assert full.hosts[1].talks == {"job-2"}


async def test_waiting_jobs_are_bounded() -> None:
    made = Fixture(max_jobs=3)
    await made.box.open()
    for n in range(3):
        made.box.admit()
        await made.box.place(job(n))
    with pytest.raises(BoxFull):
        made.box.admit()
    await made.box.close()


async def test_a_host_that_becomes_ready_while_the_box_closes_is_stopped() -> None:
    made = Fixture()
    await made.box.open()
    for n in range(2):
        await made.box.place(job(n))
    placing = asyncio.create_task(made.box.place(job(2)))  # needs a second host
    await asyncio.sleep(0.002)
    async with asyncio.timeout(5):
        await made.box.close()
    with pytest.raises(WorkerLost):
        await placing
    assert len(made.hosts) == 2
    async with asyncio.timeout(1):
        await made.hosts[1].gone()
