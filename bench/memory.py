"""Memory that one more talk takes: proportional set size of the server's processes with 1 to 4 talks."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import numpy as np

from bench import calls
from bench.pictures import painted, recorded
from bench.plan import Plan
from bench.sides import BARE, OURS, Side, talking_sides
from bench.table import Row
from visavis.core.media import Samples

_SETTLE = 6.0
"""Seconds of rest after the last word: she is back in her idle cycle, what the reply took is given back."""


async def measure(plan: Plan) -> list[Row]:
    added: dict[str, list[float]] = {}
    question = await calls.voice()
    async with AsyncExitStack() as stack:
        files = await stack.enter_async_context(recorded(await painted())) if plan.pipecat else None
        sides = talking_sides(plan, files, warm=True)
        for _ in range(max(1, plan.rounds // 2)):
            for name, side in sides.items():
                found = await sizes(side, question, plan, pictures=name != BARE)
                added.setdefault(name, []).append(float(np.polyfit(range(1, plan.talks + 1), found, 1)[0]))
    note = "least squares over 1 to 4 talks that have spoken; the bare loop sends no pictures"
    return [
        Row("memory, each further talk", "MB", tuple(added[OURS]), peer, tuple(added[peer]), note)
        for peer in added
        if peer != OURS
    ]


async def sizes(side: Side, question: Samples, plan: Plan, *, pictures: bool) -> list[float]:
    """MB with 1, 2, ... talks."""
    found: list[float] = []
    async with side(1.0) as server, AsyncExitStack() as visits:
        for _ in range(plan.talks):
            visitor = await visits.enter_async_context(calls.visiting(await server.new_talk(), pictures=pictures))
            await asyncio.sleep(1.0)
            await calls.reply_time(visitor, question)
            await calls.quiet(visitor)
            await asyncio.sleep(plan.seconds(_SETTLE))
            found.append(server.program.memory())
    return found
