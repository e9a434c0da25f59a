"""CPU of a resting and of a speaking talk, against what encoding the same pictures alone costs.

The server process's CPU time (all threads, from /proc) with 1 to 4 visitors who watch: percent of one core, a talk.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AsyncExitStack

from bench import calls, script
from bench.pictures import Painted, encoding_cost, painted, recorded
from bench.plan import Plan
from bench.processes import Program
from bench.sides import OURS, PIPECAT, Server, visavis, with_pipecat
from bench.table import Row
from visavis.core.media import Samples

_ENCODING = "encoding alone"
_SETTLE = 6.0
"""Seconds from joining to rest: she breathes out once before she falls into her idle cycle."""
_FULL = 0.97
"""Share of the packets of sound from which a side keeps up."""

Key = tuple[str, str, int]
"""Side, state, number of talks."""


async def measure(plan: Plan) -> list[Row]:
    shares: dict[Key, list[float]] = defaultdict(list)
    delivered: dict[tuple[str, int], list[float]] = defaultdict(list)
    question, pictures = await calls.voice(), await painted()
    speaking, resting = max(2.0, plan.seconds(6.0)), max(1.0, plan.seconds(6.0))
    reply = 1.5 * speaking + 3.0
    async with AsyncExitStack() as stack:
        servers = {OURS: await stack.enter_async_context(visavis(reply, warm=True))}
        if plan.pipecat:
            files = await stack.enter_async_context(recorded(pictures))
            servers[PIPECAT] = await stack.enter_async_context(with_pipecat(files)(reply))
        for _ in range(max(1, plan.rounds // 2)):
            for talks in range(1, plan.talks + 1):
                for name, server in servers.items():
                    rest, speech, heard = await _shares(server, question, talks, resting, speaking)
                    shares[name, "resting", talks].append(rest)
                    shares[name, "speaking", talks].append(speech)
                    delivered[name, talks].append(heard)
                for state, cost in _encoding(pictures).items():
                    shares[_ENCODING, state, talks].append(cost)
    return _rows(shares, delivered)


def _encoding(pictures: Painted) -> Mapping[str, float]:
    """Percent of a core, at the frame rate."""
    kinds = {"resting": pictures.resting, "speaking": pictures.speaking}
    return {state: 100 * encoding_cost(kind) * script.FRAME_RATE for state, kind in kinds.items()}


async def _shares(
    server: Server, question: Samples, talks: int, resting: float, speaking: float
) -> tuple[float, float, float]:
    """Percent of a core a talk: at rest, speaking. Last, the share of her sound that arrived in time."""
    exchanges = [await server.new_talk() for _ in range(talks)]
    async with calls.crowd(exchanges, pictures=True) as visitors:
        await asyncio.sleep(_SETTLE)
        rest = await _share(server.program, resting)
        for visitor in visitors:
            visitor.say(question)
        asked = time.monotonic()
        await asyncio.gather(*(calls.audible(visitor, asked) for visitor in visitors))
        await asyncio.sleep(0.5)
        begun = time.monotonic()
        speech = await _share(server.program, speaking)
        packets = 50 * (time.monotonic() - begun)
        heard = min(sum(h.rms >= calls.AUDIBLE for h in calls.since(v, begun)) / packets for v in visitors)
    # What a talk leaves behind is given back before the next ones come.
    await asyncio.sleep(1.5)
    return rest / talks, speech / talks, heard


async def _share(program: Program, seconds: float) -> float:
    cpu, begun = program.cpu(), time.monotonic()
    await asyncio.sleep(seconds)
    return 100 * (program.cpu() - cpu) / (time.monotonic() - begun)


def _rows(shares: Mapping[Key, list[float]], delivered: Mapping[tuple[str, int], list[float]]) -> list[Row]:
    rows = []
    for state in ("resting", "speaking"):
        for peer in (_ENCODING, PIPECAT):
            for talks in [count for name, kind, count in shares if (name, kind) == (peer, state)]:
                figure = f"CPU {state}, {talks} talk{'s' if talks > 1 else ''}"
                ours, theirs = shares[OURS, state, talks], shares[peer, state, talks]
                note = _starved(delivered, talks) if state == "speaking" else ""
                rows.append(Row(figure, "% core", tuple(ours), peer, tuple(theirs), note))
    return rows


def _starved(delivered: Mapping[tuple[str, int], list[float]], talks: int) -> str:
    """A side that can't keep up uses less CPU than it needs: say so."""
    shares = {side: statistics.median(values) for (side, count), values in delivered.items() if count == talks}
    return ", ".join(f"{side}: {share:.0%} of her sound in time" for side, share in shares.items() if share < _FULL)
