"""The worker process's one door: commands come in and reports go out over an inherited socket."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import signal
import socket
from collections.abc import Coroutine
from typing import Any

from visavis import logs
from visavis.core.errors import InternalError, VisavisError
from visavis.core.jobs import JobUpdate, Reply
from visavis.dispatch.wire import DOWN, LINE_LIMIT, Abandon, Configure, Done, Ready, Report, Send, Start, line
from visavis.settings import Settings
from visavis.worker.blobs import LocalBlobs
from visavis.worker.network import ice_settings
from visavis.worker.worker import Worker

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1


def serve(fd: int) -> None:
    """Run one worker until the other end of the socket `fd` closes."""
    # Should the parent be killed while our event loop is stuck, the kernel ends us too (Linux only).
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Ctrl-C reaches the whole process group; the parent decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(_serve(socket.socket(fileno=fd)))


async def _serve(sock: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=sock, limit=LINE_LIMIT)
    first = DOWN.validate_json(await reader.readline()).body
    if not isinstance(first, Configure):
        raise TypeError("the first line must configure the worker")
    settings = Settings(**first.settings)
    logs.set_up(settings.log_level, settings.log_json)

    def report(update: JobUpdate) -> None:
        writer.write(line(Report(update=update)))

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reader.feed_eof)
    tasks: set[asyncio.Task[None]] = set()
    async with Worker(report, ice=ice_settings(settings), blobs=LocalBlobs(settings.data / "blobs")) as worker:
        writer.write(line(Ready()))
        while raw := await reader.readline():
            task = asyncio.create_task(_obey(worker, DOWN.validate_json(raw).body, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        for task in tasks:
            task.cancel()
    # Leaving the worker ended every talk; their verdicts are in the writer's buffer.
    try:
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    except ConnectionError:
        log.info("the parent is gone; verdicts could not be sent")


async def _obey(worker: Worker, message: Configure | Start | Send | Abandon, writer: asyncio.StreamWriter) -> None:
    match message:
        case Start(id=number, job=job):
            reply = await _told(worker.start(job))
        case Send(id=number, job_id=job_id, command=command):
            reply = await _told(worker.send(job_id, command))
        case Abandon(id=number, job_id=job_id):
            await worker.abandon(job_id)
            reply = Reply()
        case Configure():
            log.error("configured twice; ignored")
            return
    writer.write(line(Done(id=number, reply=reply)))


async def _told(call: Coroutine[Any, Any, Reply]) -> Reply:
    """Errors travel as code and message."""
    try:
        return await call
    except VisavisError as error:
        return Reply(code=error.code, message=error.message)
    except Exception:
        log.exception("a command failed")
        return Reply(code=InternalError.code, message=InternalError().message)
