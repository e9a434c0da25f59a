"""Talks in one worker, in this process, on scripted providers: starting, failing, ending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from visavis.core.errors import InvalidParameter, JobUnknown, MediaRefused, ProviderUnavailable
from visavis.core.jobs import (
    Cut,
    End,
    JobSpec,
    JobUpdate,
    Leave,
    Limits,
    Offer,
    Peer,
    ProviderChoice,
    TalkContext,
    VoiceSpec,
)
from visavis.links.ice import IceSettings
from visavis.worker.blobs import LocalBlobs
from visavis.worker.casting import Casting
from visavis.worker.pool import ProviderPool
from visavis.worker.worker import Worker


class Nothing:
    """Enters and leaves; none of these tests makes a sound."""

    def __init__(self) -> None:
        self.inside = False

    async def __aenter__(self) -> Nothing:
        await asyncio.sleep(0.02)
        self.inside = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.inside = False


def load(kind: str, name: str, options: dict[str, Any]) -> Nothing:
    if name == "broken":
        raise InvalidParameter("options.model: no such file")
    return Nothing()


def job(number: int = 1, **values: Any) -> JobSpec:
    voice = VoiceSpec(language="EN", name="en-us", provider=ProviderChoice(name="espeak"))
    talk = TalkContext(project_id="p", room_id="r", job_id=f"job-{number}", session_id="s")
    return JobSpec(talk=talk, **{"voices": (voice,), **values})


class House:
    def __init__(self, worker: Worker, updates: list[JobUpdate]) -> None:
        self.worker = worker
        self.updates = updates

    async def finished(self, job_id: str) -> JobUpdate:
        async with asyncio.timeout(5):
            while True:
                for update in self.updates:
                    if (update.job_id, update.kind) == (job_id, "finished"):
                        return update
                await asyncio.sleep(0.01)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    updates: list[JobUpdate] = []
    async with Worker(updates.append, ice=IceSettings(), blobs=LocalBlobs(tmp_path), load=load) as worker:
        yield House(worker, updates)


async def test_a_command_that_comes_while_the_talk_starts_waits_for_it(house: House) -> None:
    starting = asyncio.create_task(house.worker.start(job()))
    await asyncio.sleep(0)
    assert (await house.worker.send("job-1", Cut())).code == ""
    await starting


async def test_end_gives_a_verdict_and_forgets_the_talk(house: House) -> None:
    await house.worker.start(job())
    await house.worker.send("job-1", End())
    update = await house.finished("job-1")
    assert update.verdict is not None
    assert (update.verdict.state, update.verdict.reason) == ("SUCCEED", "NORMAL")
    await asyncio.sleep(0.05)
    with pytest.raises(JobUnknown):
        await house.worker.send("job-1", Cut())


async def test_nobody_joins(house: House) -> None:
    await house.worker.start(job(limits=Limits(join=0.1)))
    update = await house.finished("job-1")
    assert update.verdict is not None
    assert (update.verdict.state, update.verdict.code) == ("FAILED", "47000015")


async def test_the_same_job_twice_is_refused(house: House) -> None:
    await house.worker.start(job())
    with pytest.raises(InvalidParameter):
        await house.worker.start(job())


async def test_an_abandoned_talk_leaves_no_verdict(house: House) -> None:
    await house.worker.start(job())
    await house.worker.abandon("job-1")
    assert house.updates == []
    with pytest.raises(JobUnknown):
        await house.worker.send("job-1", Cut())


async def test_garbage_for_an_offer_is_refused_and_the_talk_goes_on(house: House) -> None:
    await house.worker.start(job())
    with pytest.raises(MediaRefused):
        await house.worker.send("job-1", Offer(peer=Peer(user_type="END_USER", user_id="u", sdp="hello")))
    await house.worker.send("job-1", Leave(session="unknown"))
    assert house.updates == []


async def test_leaving_the_worker_ends_its_talks_with_verdicts(tmp_path: Path) -> None:
    updates: list[JobUpdate] = []
    async with Worker(updates.append, ice=IceSettings(), blobs=LocalBlobs(tmp_path), load=load) as worker:
        for number in range(3):
            await worker.start(job(number))
    assert sorted((u.job_id, u.kind, u.verdict and u.verdict.state) for u in updates) == [
        (f"job-{n}", "finished", "SUCCEED") for n in range(3)
    ]


async def test_a_brain_that_is_missing_fails_replies_and_not_the_talk(tmp_path: Path) -> None:
    pool = ProviderPool(load)
    async with AsyncExitStack() as stack:
        cast = await Casting(pool, LocalBlobs(tmp_path)).cast(job(brain=ProviderChoice(name="aiui")), stack)
        with pytest.raises(Exception, match="aiui"):
            async for _ in cast.brain.reply([], talk=job().talk, tools=[]):
                pass
    await pool.close()


async def test_a_language_nobody_understands_is_typed(tmp_path: Path) -> None:
    pool = ProviderPool(load)
    talk = TalkContext(project_id="p", room_id="r", job_id="j", session_id="s", language="CN")
    async with AsyncExitStack() as stack:
        cast = await Casting(pool, LocalBlobs(tmp_path)).cast(job().model_copy(update={"talk": talk}), stack)
        assert cast.asr is None
        assert "CN" in cast.deaf
    await pool.close()


async def test_published_files_are_found_by_digest_only(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    for digest in ("../secret", "secret", "0" * 64):
        with pytest.raises(ProviderUnavailable):
            await LocalBlobs(tmp_path).fetch(digest)
    (tmp_path / ("a" * 64)).write_text("{}")
    assert (await LocalBlobs(tmp_path).fetch("a" * 64)).name == "a" * 64
