"""An ASGI application on uvicorn, on a free port of 127.0.0.1, until SIGTERM."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn

from bench.processes import listening


async def serve(app: Any) -> None:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        listening(server.servers[0].sockets[0].getsockname()[1])
    await serving
