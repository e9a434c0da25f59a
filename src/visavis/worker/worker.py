"""Holds the talks of one process. Providers, packs and encoded cycles are shared by all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from visavis.conversation.conversation import Conversation
from visavis.core.clock import Clock, RealClock
from visavis.core.errors import InternalError, InvalidParameter, JobUnknown
from visavis.core.jobs import Command, Cut, End, JobSpec, JobUpdate, Leave, Offer, ProviderChoice, Reply, Verdict
from visavis.core.ports import Avatar, Link, Painter
from visavis.links.ice import IceSettings
from visavis.links.webrtc import WebRtcLink
from visavis.links.webrtc_loops import LoopCache
from visavis.providers import registry
from visavis.worker.blobs import LocalBlobs
from visavis.worker.casting import Cast, Casting
from visavis.worker.pool import ProviderPool
from visavis.worker.stage import Stage

log = logging.getLogger(__name__)

_WARM = (ProviderChoice(name="silero"), ProviderChoice(name="espeak"))


@dataclass(eq=False)
class _Running:
    conversation: Conversation
    link: Link
    task: asyncio.Task[None]
    abandoned: bool = False


class Worker:
    """Satisfies `dispatch.box.Host` together with the process (or the test) around it."""

    def __init__(
        self,
        report: Callable[[JobUpdate], None],
        *,
        ice: IceSettings,
        blobs: LocalBlobs,
        clock: Clock | None = None,
        load: Callable[[str, str, dict[str, Any]], Any] = registry.load,
    ) -> None:
        """load: makes providers; tests and benchmarks hand in scripted ones."""
        self._report = report
        self._ice = ice
        self._clock = clock or RealClock()
        self._pool = ProviderPool(load)
        self._casting = Casting(self._pool, blobs)
        self._stage = Stage()
        self._loops = LoopCache()
        self._talks: dict[str, _Running] = {}
        self._starting: dict[str, asyncio.Event] = {}

    async def __aenter__(self) -> Worker:
        """Warm up what every talk needs, so that the first visitor does not wait for it."""
        async with AsyncExitStack() as stack:
            for kind, choice in zip(("vad", "tts"), _WARM, strict=True):
                await stack.enter_async_context(self._pool.borrow(kind, choice.name, choice.options))
            await self._stage.warm("sara")
        return self

    async def __aexit__(self, *exc: object) -> None:
        """End every talk; each reports its verdict."""
        for running in list(self._talks.values()):
            running.conversation.end()
        if self._talks:
            await asyncio.wait([running.task for running in self._talks.values()], timeout=8)
        for running in list(self._talks.values()):
            running.task.cancel()
        await asyncio.gather(*(running.task for running in self._talks.values()), return_exceptions=True)
        await self._pool.close()
        self._loops.close()

    async def start(self, job: JobSpec) -> Reply:
        """Begin a talk; it waits for its visitor. Raises InvalidParameter."""
        job_id = job.talk.job_id
        if job_id in self._talks or job_id in self._starting:
            raise InvalidParameter("This talk is running already")
        # The visitor may knock while a recogniser is still loading: `send` waits for this.
        begun = self._starting[job_id] = asyncio.Event()
        try:
            self._talks[job_id] = await self._begin(job)
        finally:
            del self._starting[job_id]
            begun.set()
        return Reply()

    async def _begin(self, job: JobSpec) -> _Running:
        job_id = job.talk.job_id
        stack = AsyncExitStack()
        try:
            cast = await self._casting.cast(job, stack)
            link = WebRtcLink(width=job.width, height=job.height, ice=self._ice, clock=self._clock, loops=self._loops)
            stack.push_async_callback(link.close)
            conversation = self._conversation(job, cast, link)
        except BaseException:
            await stack.aclose()
            raise
        task = asyncio.create_task(self._run(job_id, conversation, stack), name=f"talk-{job_id}")
        return _Running(conversation, link, task)

    def _conversation(self, job: JobSpec, cast: Cast, link: Link) -> Conversation:
        async def stage() -> tuple[Avatar, Painter]:
            return await self._stage.set(job)

        def report(update: JobUpdate) -> None:
            running = self._talks.get(update.job_id)
            if running is None or not running.abandoned:
                self._report(update)

        return Conversation(
            job,
            vad=cast.vad,
            asr=cast.asr,
            deaf=cast.deaf,
            brain=cast.brain,
            voices=cast.voices,
            stage=stage,
            link=link,
            clock=self._clock,
            report=report,
        )

    async def _run(self, job_id: str, conversation: Conversation, stack: AsyncExitStack) -> None:
        try:
            await conversation.run()
        except Exception:
            # run() reports its own verdict; reaching this means that it could not.
            log.exception("talk %s broke without a verdict", job_id)
            lost = Verdict(state="FAILED", reason=None, code=InternalError.code, message=InternalError().message)
            self._report(JobUpdate(job_id=job_id, kind="finished", at=self._clock.wall(), verdict=lost))
        finally:
            self._talks.pop(job_id, None)
            await stack.aclose()

    async def send(self, job_id: str, command: Command) -> Reply:
        """Raises JobUnknown, MediaRefused."""
        if begun := self._starting.get(job_id):
            await begun.wait()
        running = self._talks.get(job_id)
        if running is None:
            raise JobUnknown
        match command:
            case Offer(peer=peer):
                return Reply(value=(await running.link.attach(peer)).model_dump())
            case Leave(session=session):
                await running.link.detach(session)
            case Cut():
                await running.conversation.interrupt()
            case End():
                running.conversation.end()
        return Reply()

    async def abandon(self, job_id: str) -> None:
        """Forget a talk nobody joined, without a verdict."""
        if begun := self._starting.get(job_id):
            await begun.wait()
        if running := self._talks.get(job_id):
            running.abandoned = True
            running.conversation.end()
            await asyncio.wait([running.task])
