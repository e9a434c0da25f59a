"""Reply overhead and barge-in, at the receiver, from RTP.

Both start a server a side, then take turns: one visitor joins, talks some turns, leaves; then the next side.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from bench import calls, script
from bench.plan import Plan
from bench.sides import BARE, OURS, PIPECAT, Server, Side, medians, talking_sides
from bench.table import Row
from visavis.core.media import Samples
from visavis.links.visitor import Visitor

_TURNS = 3
"""Turns a visit; their median is the round's value."""

Turn = Callable[[Visitor, Samples], Awaitable[float]]


async def overhead(plan: Plan) -> list[Row]:
    """Last sample of the question -> first audible packet of the reply, less what the script makes everybody wait."""

    async def turn(visitor: Visitor, question: Samples) -> float:
        taken = await calls.reply_time(visitor, question)
        await calls.quiet(visitor)
        return (taken - script.FIXED) * 1000

    values = await _in_turn(plan, talking_sides(plan), turn, reply=0.6)
    return _rows("reply overhead", values, "tail silence and scripted delays taken off")


async def barge_in(plan: Plan) -> list[Row]:
    """First sample spoken over her -> her last audible packet."""

    async def turn(visitor: Visitor, question: Samples) -> float:
        await calls.reply_time(visitor, question)
        await asyncio.sleep(0.5)
        taken = await calls.barge_in_time(visitor, question)
        # What was said over her is a question too: let its answer begin and stop, so that turns don't mix.
        await calls.audible(visitor, time.monotonic())
        await calls.quiet(visitor)
        return taken * 1000

    values = await _in_turn(plan, talking_sides(plan), turn, reply=2.0)
    return _rows("barge-in to silence", values, "each side's own rule for what is speech and no cough")


def _rows(figure: str, values: Mapping[str, list[list[float]]], note: str) -> list[Row]:
    return [
        Row(figure, "ms", medians(values[OURS]), peer, medians(values[peer]), note)
        for peer in (BARE, PIPECAT)
        if peer in values
    ]


async def _in_turn(plan: Plan, sides: Mapping[str, Side], turn: Turn, reply: float) -> dict[str, list[list[float]]]:
    """By side: the values of each round."""
    question = await calls.voice()
    values: dict[str, list[list[float]]] = {name: [] for name in sides}
    async with AsyncExitStack() as stack:
        servers = {name: await stack.enter_async_context(side(reply)) for name, side in sides.items()}
        for _ in range(plan.rounds):
            for name, server in servers.items():
                values[name].append(await _visit(server, turn, question, max(1, round(_TURNS * plan.scale))))
    return values


async def _visit(server: Server, turn: Turn, question: Samples, turns: int) -> list[float]:
    """The turns of one visit. Raises Spoiled when fewer than half of them can be used."""
    values: list[float] = []
    async with calls.visiting(await server.new_talk()) as visitor:
        await asyncio.sleep(1.0)
        for number in range(turns):
            try:
                values.append(await turn(visitor, question))
            except calls.Spoiled as why:
                print(f"  a turn with process {server.program.pid} is left out: {why}", file=sys.stderr)
                if turns - number - 1 + len(values) < turns / 2:
                    raise
                await calls.quiet(visitor, 1.5)
    return values
