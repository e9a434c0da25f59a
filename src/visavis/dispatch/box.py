"""One box: its hosts, the talks in them, and how many more it can carry. Owner of the box's capacity."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from visavis.core.errors import BoxFull, JobUnknown, WorkerLost
from visavis.core.jobs import Command, JobSpec, JobUpdate, Offer, Placement, Reply, Verdict

log = logging.getLogger(__name__)


class Host(Protocol):
    """Something talks run in: a Worker of this process, or a worker process."""

    @property
    def name(self) -> str: ...

    async def start(self, job: JobSpec) -> Reply: ...

    async def send(self, job_id: str, command: Command) -> Reply: ...

    async def abandon(self, job_id: str) -> None: ...

    async def gone(self) -> None: ...

    async def close(self) -> None: ...


Report = Callable[[JobUpdate], Awaitable[None]]


@dataclass(eq=False)
class _Seat:
    """One host and the talks in it."""

    host: Host
    jobs: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    """Talks with a visitor: each takes a share of the encoder."""


class Box:
    """Starts talks in hosts. A host carries `per_host` talks with a picture; hosts are added up to `hosts`.

    Satisfies `core.ports.Dispatcher`.
    """

    def __init__(
        self,
        name: str,
        spawn: Callable[[Report], Awaitable[Host]],
        record: Report,
        *,
        hosts: int,
        per_host: int,
        max_jobs: int,
    ) -> None:
        self.name = name
        self._spawn = spawn
        self._record = record
        self._most_hosts = hosts
        self._per_host = per_host
        self._max_jobs = max_jobs
        self._seats: list[_Seat] = []
        self._specs: dict[str, JobSpec] = {}
        self._growing = asyncio.Lock()
        self._moving: dict[str, asyncio.Lock] = {}
        self._watchers: set[asyncio.Task[None]] = set()
        self._closed = False

    # capacity

    @property
    def capacity(self) -> int:
        return self._most_hosts * self._per_host

    @property
    def joined(self) -> int:
        return sum(len(seat.joined) for seat in self._seats)

    @property
    def jobs(self) -> int:
        return len(self._specs)

    @property
    def ready(self) -> bool:
        """A talk can start."""
        return bool(self._seats) and not self._closed

    def held(self) -> set[str]:
        """Ids of the talks in this box."""
        return set(self._specs)

    def admit(self) -> None:
        """Raises BoxFull when one more talk would make all of them stutter."""
        if self.joined >= self.capacity or self.jobs >= self._max_jobs:
            raise BoxFull

    # life

    async def open(self) -> None:
        """Start the first host, so that the first visitor need not wait for it."""
        async with self._growing:
            await self._grow()

    async def close(self) -> None:
        """End every talk with a verdict and stop the hosts."""
        self._closed = True
        # A host that is being started now sees `_closed` when it is ready and is stopped at once.
        async with self._growing:
            pass
        await asyncio.gather(*(seat.host.close() for seat in list(self._seats)), return_exceptions=True)
        for watcher in list(self._watchers):
            await watcher

    async def _grow(self) -> _Seat:
        host = await self._spawn(self._take_report)
        if self._closed:
            await host.close()
            raise WorkerLost("The server is ending")
        seat = _Seat(host)
        self._seats.append(seat)
        watcher = asyncio.create_task(self._watch(seat), name=f"watch-{seat.host.name}")
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)
        log.info("%s is ready", seat.host.name)
        return seat

    async def _watch(self, seat: _Seat) -> None:
        await seat.host.gone()
        self._seats.remove(seat)
        lost = Verdict(state="FAILED", reason=None, code=WorkerLost.code, message=WorkerLost().message)
        for job_id in list(seat.jobs):
            await self._take_report(JobUpdate(job_id=job_id, kind="finished", at=time.time(), verdict=lost))
        if not self._closed:
            log.error("%s is gone; %d talks failed", seat.host.name, len(seat.jobs))
            if not self._seats:
                async with self._growing:
                    if not self._seats:
                        await self._regrow()

    async def _regrow(self) -> None:
        """A box without a host takes no talk: try again until one starts, waiting longer each time."""
        pause = 0.5
        while not self._closed:
            try:
                await self._grow()
                return
            except WorkerLost:
                log.exception("no worker process could be started; next try in %.0f s", pause)
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)

    # talks

    async def place(self, job: JobSpec) -> Placement:
        seat = await self._seat_for(job)
        return Placement(worker=seat.host.name, region=job.region)

    async def _seat_for(self, job: JobSpec) -> _Seat:
        job_id = job.talk.job_id
        seat = self._freest()
        if seat is None or len(seat.joined) >= self._per_host or len(seat.jobs) >= self._per_host:
            async with self._growing:
                seat = self._freest()
                full = seat is None or len(seat.jobs) >= self._per_host
                if full and len(self._seats) < self._most_hosts and not self._closed:
                    seat = await self._grow()
        if seat is None or self._closed:
            raise WorkerLost("No worker process is running")
        # Taken before the await: two talks placed at once must not both see the seat as free.
        seat.jobs.add(job_id)
        self._specs[job_id] = job
        try:
            reply = await seat.host.start(job)
        except BaseException:
            seat.jobs.discard(job_id)
            self._specs.pop(job_id, None)
            raise
        if reply.code:
            seat.jobs.discard(job_id)
            self._specs.pop(job_id, None)
            raise WorkerLost(reply.message)
        return seat

    def _freest(self) -> _Seat | None:
        return min(self._seats, key=lambda seat: (len(seat.joined), len(seat.jobs)), default=None)

    async def send(self, job_id: str, command: Command) -> Reply:
        seat = self._find(job_id)
        if isinstance(command, Offer) and command.peer.user_type == "END_USER" and job_id not in seat.joined:
            return await self._join(job_id, command)
        return await seat.host.send(job_id, command)

    async def _join(self, job_id: str, offer: Offer) -> Reply:
        """The visitor's first offer takes encoder capacity, and moves the talk if its host has none left."""
        async with self._moving.setdefault(job_id, asyncio.Lock()):
            seat = self._find(job_id)
            if job_id not in seat.joined and len(seat.joined) >= self._per_host:
                if self.joined >= self.capacity:
                    raise BoxFull
                job = self._specs[job_id]
                seat.jobs.discard(job_id)
                await seat.host.abandon(job_id)
                seat = await self._seat_for(job)
            seat.joined.add(job_id)
            try:
                reply = await seat.host.send(job_id, offer)
            except BaseException:
                seat.joined.discard(job_id)
                raise
            if reply.code:
                seat.joined.discard(job_id)
            return reply

    def _find(self, job_id: str) -> _Seat:
        for seat in self._seats:
            if job_id in seat.jobs:
                return seat
        raise JobUnknown

    async def _take_report(self, update: JobUpdate) -> None:
        if update.kind == "finished":
            self._specs.pop(update.job_id, None)
            self._moving.pop(update.job_id, None)
            for seat in self._seats:
                seat.jobs.discard(update.job_id)
                seat.joined.discard(update.job_id)
        await self._record(update)
