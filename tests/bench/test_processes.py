"""Programs under measurement: their CPU and memory, and what happens when they don't serve."""

from __future__ import annotations

import asyncio
import sys

import pytest
from bench.processes import Program, program

_SERVE = "from bench.processes import listening; import time; listening(4242); "


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


async def test_cpu_of_a_busy_program_and_of_its_children_is_counted() -> None:
    spin = "while time.process_time() < 0.5: pass"
    async with program(python(f"{_SERVE}import os; os.fork()\n{spin}\ntime.sleep(60)")) as busy:
        assert busy.port == 4242
        async with asyncio.timeout(30):
            while busy.cpu() < 0.98:
                await asyncio.sleep(0.05)
        assert len(list(busy.family())) == 2
        assert busy.cpu() < 3


async def test_memory_grows_with_what_is_allocated() -> None:
    async with program(python(f"{_SERVE}time.sleep(60)")) as small:
        plain = small.memory()
        async with program(python(f"kept = b'x' * 50_000_000; {_SERVE}time.sleep(60)")) as large:
            assert 40 < large.memory() - plain < 70


async def test_a_program_that_ends_at_once_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="ended before it served"):
        async with program(python("pass")):
            pass
    with pytest.raises(RuntimeError, match="ended before it served"):
        async with program(python("pass"), port=1):
            pass


async def test_the_program_ends_with_the_block() -> None:
    async with program(python(f"{_SERVE}import os; os.fork(); time.sleep(60)")) as running:
        async with asyncio.timeout(10):
            while len(family := list(running.family())) < 2:
                await asyncio.sleep(0.05)
    assert [pid for pid in family if Program(pid, 0).memory()] == []
