"""Who is measured side by side: each a server in a process of its own that holds talks by the same script."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from bench import pipecat
from bench.calls import Exchange, plain
from bench.pictures import Recorded
from bench.plan import Plan
from bench.processes import Program, ours, program

OURS, BARE, PIPECAT = "ours", "bare aiortc loop", "Pipecat"


@dataclass(frozen=True, slots=True)
class Server:
    """A running side."""

    program: Program
    new_talk: Callable[[], Awaitable[Exchange]]
    """Make room for one more visitor; returns how to join."""


Side = Callable[[float], AbstractAsyncContextManager[Server]]
"""Starts a server whose replies last so many seconds."""


@asynccontextmanager
async def visavis(seconds: float, *, warm: bool = False) -> AsyncIterator[Server]:
    """warm: what all talks share is made before the first."""
    command = ours("bench.server", "--speech", str(seconds), *(["--warm"] if warm else []))
    async with program(command, within=120) as running:

        async def new_talk() -> Exchange:
            async with httpx.AsyncClient(base_url=running.url, timeout=30) as client:
                entry = (await client.post("/bench/talks")).raise_for_status().json()
            headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {entry['bearer']}"}
            return plain(f"{running.url}/rtc/{entry['job_id']}/whip", headers)

        yield Server(running, new_talk)


@asynccontextmanager
async def bare(seconds: float) -> AsyncIterator[Server]:
    async with program(ours("bench.bare_server", "--speech", str(seconds))) as running:
        yield _offers(running)


def with_pipecat(pictures: Recorded | None) -> Side:
    """pictures: what it sends; None = sound alone."""

    @asynccontextmanager
    async def start(seconds: float) -> AsyncIterator[Server]:
        files = None if pictures is None else (str(pictures.resting), str(pictures.speaking))
        async with program(pipecat.server(seconds, files), {"LOGURU_LEVEL": "ERROR"}) as running:
            yield _offers(running)

    return start


def talking_sides(plan: Plan, pictures: Recorded | None = None, *, warm: bool = False) -> Mapping[str, Side]:
    """Ours first."""
    return {
        OURS: partial(visavis, warm=warm),
        BARE: bare,
        **({PIPECAT: with_pipecat(pictures)} if plan.pipecat else {}),
    }


def medians(samples: Iterable[list[float]]) -> tuple[float, ...]:
    """One value a round."""
    return tuple(statistics.median(values) for values in samples)


def _offers(running: Program) -> Server:
    async def new_talk() -> Exchange:
        return plain(running.url)

    return Server(running, new_talk)
