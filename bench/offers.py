"""The smallest signalling there is: `POST` an SDP offer, get the answer. Standard library only."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable


async def serve(answer: Callable[[str], Awaitable[str]]) -> None:
    """Answer offers on a free port of 127.0.0.1, announced on standard output, until SIGTERM."""

    async def request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.partition(":")[2]) for line in head.splitlines() if line.startswith("content-length:"))
        body = (await answer((await reader.readexactly(length)).decode())).encode()
        writer.write(b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await asyncio.start_server(request, "127.0.0.1", 0)
    # As bench.processes.listening says it; that module does not run in the peer's environment.
    print(f"LISTENING {server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()
