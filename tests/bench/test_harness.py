"""Every bench starts and gives figures: short runs, no word about speed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bench.pictures import encoding_cost
from bench.plan import Plan
from bench.processes import ours, program
from bench.sides import BARE, OURS, bare
from bench.table import Row

from bench import av_offset, calls, cpu, list_requests, load, memory, replies, script

SHORT = Plan(rounds=1, scale=0.1, talks=1)


def sound(rows: list[Row], count: int) -> list[Row]:
    assert len(rows) == count
    assert all(math.isfinite(value) for row in rows for value in (*row.ours, *row.peer, *row.ratios))
    return rows


async def test_a_reply_and_its_overhead() -> None:
    [row] = sound(await replies.overhead(SHORT), 1)
    assert row.peer_name == BARE
    assert min(*row.ours, *row.peer) > 0


async def test_cpu_of_a_talk() -> None:
    rows = sound(await cpu.measure(SHORT), 2)
    assert [row.figure for row in rows] == ["CPU resting, 1 talk", "CPU speaking, 1 talk"]
    assert all(value > 0 for row in rows for value in row.peer)


async def test_sound_and_picture_meet_at_the_receiver() -> None:
    rows = sound(await av_offset.measure(SHORT), 2)
    assert all(abs(row.ours[0]) < 400 for row in rows)


async def test_lists_of_the_real_server() -> None:
    rows = sound(await list_requests.measure(SHORT), 4)
    assert all(row.ours[0] > 0 and row.peer[0] > 0 for row in rows)


async def test_memory_of_talks_one_after_the_other() -> None:
    sizes = await memory.sizes(bare, await calls.voice(), Plan(scale=0.1, talks=2), pictures=False)
    assert len(sizes) == 2
    assert all(10 < size < 500 for size in sizes)


async def test_the_load_stops_at_an_answer_that_is_not_good() -> None:
    async with program(ours("bench.bare_asgi", "Makefile")) as server:
        assert await load.rate(server.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0.1, connections=2) > 0
        with pytest.raises(RuntimeError, match="400"):
            await load.rate(server.port, b"NOTHING\r\n\r\n", 0.1, connections=1)


def test_the_script_is_loud_from_its_first_sample() -> None:
    pcm = np.frombuffer(b"".join(script.speech(0.5)), np.int16)
    assert len(pcm) == script.RATE // 2
    assert abs(int(pcm[0])) > 7000
    assert pytest.approx(script.TAIL + script.BRAIN_DELAY + script.TTS_DELAY) == script.FIXED


def test_encoding_is_paid_for_by_the_picture() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (4, 360, 320), np.uint8)
    still = np.full((4, 360, 320), 128, np.uint8)
    assert encoding_cost(list(noise), 20) > encoding_cost(list(still), 20) > 0


def test_medians_name_ours_first() -> None:
    from bench.sides import talking_sides

    assert list(talking_sides(SHORT)) == [OURS, BARE]
