"""The programs under measurement: started as children, their CPU time and memory read from /proc (Linux)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from visavis.dispatch.process import ENVIRONMENT

ROOT = Path(__file__).parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_PREFIX = "LISTENING "
"""A program under measurement prints this and its TCP port as soon as it serves."""


@dataclass(frozen=True, slots=True)
class Program:
    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def family(self) -> Iterator[int]:
        """The process and its descendants (speech helpers, worker processes)."""
        yield from _descendants(self.pid)

    def cpu(self) -> float:
        """CPU seconds used so far, all threads of the family, ended children included."""
        return sum(map(_cpu, self.family()))

    def memory(self) -> float:
        """Proportional set size of the family in MB (10^6 bytes)."""
        return sum(map(_pss, self.family())) / 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def program(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, port: int = 0, within: float = 60.0
) -> AsyncIterator[Program]:
    """Run a command until the block ends. `port`: where it will serve; 0 = it says so, see `listening`.

    Raises RuntimeError if it ends before it serves, TimeoutError if it does not serve in time.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
        # One BLAS/OpenMP thread, as our server gives its worker processes.
        env={**os.environ, **ENVIRONMENT, **(environment or {})},
    )
    assert process.stdout is not None
    drain: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(within):
            if port:
                drain = asyncio.create_task(_discard(process.stdout))
                await _accepts(port, process, command)
            else:
                port = await _said(process.stdout, command)
                drain = asyncio.create_task(_discard(process.stdout))
        yield Program(process.pid, port)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(15):
                # Not wait(): that waits for the end of the output too, which a descendant may hold.
                while process.returncode is None:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            print(f"{' '.join(command)} does not end by itself: killed", file=sys.stderr)
        # Its descendants too: nothing of one measurement may run during the next.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await (drain or _discard(process.stdout))


def ours(module: str, *arguments: str) -> list[str]:
    """Command of a program of this package in this environment."""
    return [sys.executable, "-m", module, *arguments]


def listening(port: int) -> None:
    """Said by a program under measurement once it serves."""
    print(f"{_PREFIX}{port}", flush=True)


async def _said(output: asyncio.StreamReader, command: Sequence[str]) -> int:
    while raw := await output.readline():
        if (text := raw.decode(errors="replace").strip()).startswith(_PREFIX):
            return int(text.removeprefix(_PREFIX))
    raise _ended(command)


async def _accepts(port: int, process: asyncio.subprocess.Process, command: Sequence[str]) -> None:
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise _ended(command)


def _ended(command: Sequence[str]) -> RuntimeError:
    return RuntimeError(f"{' '.join(command)} ended before it served; its words stand above")


async def _discard(output: asyncio.StreamReader) -> None:
    while await output.read(65536):
        pass


def _descendants(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        found.append(parent)
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            todo.extend(map(int, _read(task).split()))
    return found


def _cpu(pid: int) -> float:
    """proc(5): utime, stime, cutime, cstime are fields 14 to 17; the name in brackets may hold spaces."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def _pss(pid: int) -> int:
    """kB."""
    lines = _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    values: Mapping[str, int] = {name: int(rest.split()[0]) for name, _, rest in (x.partition(":") for x in lines[1:])}
    return values.get("Pss", 0)


def _read(path: Path) -> str:
    """ "" for a process that has ended meanwhile."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
