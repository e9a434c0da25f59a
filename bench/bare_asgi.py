"""The ceiling of an HTTP answer on uvicorn: an ASGI application that sends the bytes of a file."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from bench.serving import serve

Message = MutableMapping[str, Any]


async def main(body: bytes) -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", b"0" * 32),
        ],
    }

    async def app(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        await send(dict(start))
        await send({"type": "http.response.body", "body": body})

    await serve(app)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("body", type=Path)
    asyncio.run(main(parser.parse_args().body.read_bytes()))
