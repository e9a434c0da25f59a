"""A host in a worker process of its own, reached over a socket pair.

The worker ends when its end of the pair closes, so it can't outlive us, however we die.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from visavis.core.errors import WorkerLost
from visavis.core.jobs import Command, JobSpec, JobUpdate, Reply
from visavis.dispatch.wire import LINE_LIMIT, UP, Abandon, Configure, Done, Ready, Report, Send, Start, line

log = logging.getLogger(__name__)

ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
"""One arithmetic thread: a talk's arithmetic is small, and talks share the cores. One glibc arena: painting, encoding
and the event loop pass pictures of 1.4 MB between threads, and an arena for each keeps as much again (85 against 48 MB
for each further talk)."""

_TIMEOUT = 30.0
"""Seconds for one command; a worker that needs longer is taken for lost."""


class ProcessHost:
    """One `visavis worker` child. Satisfies `box.Host`."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        report: Callable[[JobUpdate], Awaitable[None]],
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._report = report
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gone = asyncio.Event()
        self._task = asyncio.create_task(self._listen(), name=f"worker-{process.pid}")

    @classmethod
    async def spawn(
        cls, settings: dict[str, Any], report: Callable[[JobUpdate], Awaitable[None]], ready_within: float = 60.0
    ) -> ProcessHost:
        """Start a child and wait until it is warm. Raises WorkerLost."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "visavis.cli",
                "worker",
                "--fd",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, **ENVIRONMENT},
            )
        finally:
            theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours, limit=LINE_LIMIT)
        host = cls(process, reader, writer, report)
        writer.write(line(Configure(settings=settings)))
        try:
            async with asyncio.timeout(ready_within):
                await host._ready
        except TimeoutError:
            await host.close()
            raise WorkerLost("A worker process did not become ready in time") from None
        return host

    @property
    def name(self) -> str:
        return f"worker-{self._process.pid}"

    @property
    def pid(self) -> int:
        return self._process.pid

    async def start(self, job: JobSpec) -> Reply:
        return await self._ask(Start(id=next(self._ids), job=job))

    async def send(self, job_id: str, command: Command) -> Reply:
        return await self._ask(Send(id=next(self._ids), job_id=job_id, command=command))

    async def abandon(self, job_id: str) -> None:
        await self._ask(Abandon(id=next(self._ids), job_id=job_id))

    async def gone(self) -> None:
        """Return when the process has ended."""
        await self._gone.wait()

    async def close(self) -> None:
        """Hang up: the worker ends its talks, sends their verdicts and exits; killed if it takes too long."""
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            log.warning("%s did not end in time: killed", self.name)
            self._process.kill()
            await self._process.wait()
        await self._task
        self._writer.close()

    async def _ask(self, message: Start | Send | Abandon) -> Reply:
        if self._gone.is_set():
            raise WorkerLost
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[message.id] = answer
        try:
            self._writer.write(line(message))
            async with asyncio.timeout(_TIMEOUT):
                return await answer
        except TimeoutError:
            raise WorkerLost("A worker process did not answer") from None
        finally:
            self._waiting.pop(message.id, None)

    async def _listen(self) -> None:
        try:
            while raw := await self._reader.readline():
                match UP.validate_json(raw).body:
                    case Ready():
                        self._ready.set_result(None)
                    case Done(id=number, reply=reply):
                        if (answer := self._waiting.get(number)) and not answer.done():
                            answer.set_result(reply)
                    case Report(update=update):
                        await self._report(update)
        except (ConnectionError, ValueError):
            log.exception("%s: its line is broken", self.name)
            self._process.kill()
        await self._process.wait()
        self._gone.set()
        lost = WorkerLost(f"The worker process ended with status {self._process.returncode}")
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(lost)
        if not self._ready.done():
            self._ready.set_exception(lost)
            # `spawn` may have given up waiting: mark the exception as seen.
            self._ready.exception()
