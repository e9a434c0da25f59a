"""A load generator for one fixed GET request over keep-alive connections: cheap enough not to be what is measured."""

from __future__ import annotations

import asyncio
import re
import time

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class _Connection(asyncio.Protocol):
    """Sends the request again as soon as the answer is complete.

    All answers to one request are equally long here, so after the first nothing is parsed but the status.
    """

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._transport: asyncio.Transport | None = None
        self._length = 0
        self._got = b""
        self.answers = 0
        self.failure: str = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._got += data
        if not b"HTTP/1.1 200 ".startswith(self._got[:13]):
            self._fail()
            return
        if not self._length:
            head, found, _ = self._got.partition(b"\r\n\r\n")
            length = _LENGTH.search(head + b"\r\n")
            if not found or not length:
                return
            self._length = len(head) + 4 + int(length[1])
        if len(self._got) < self._length:
            return
        if len(self._got) > self._length:
            self._fail()
            return
        self._got = b""
        self.answers += 1
        self._transport.write(self._request)

    def _fail(self) -> None:
        assert self._transport is not None
        self.failure = self._got[:300].decode(errors="replace")
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.failure = self.failure or f"the server closed the connection: {error}"

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


async def rate(port: int, request: bytes, seconds: float, connections: int = 8) -> float:
    """Answers a second. Raises RuntimeError for an answer that is not 200 or of another length."""
    loop = asyncio.get_running_loop()
    made = [
        (await loop.create_connection(lambda: _Connection(request), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    await asyncio.sleep(0.2)
    begun, before = time.perf_counter(), sum(c.answers for c in made)
    await asyncio.sleep(seconds)
    taken, after = time.perf_counter() - begun, sum(c.answers for c in made)
    failures = [c.failure for c in made if c.failure]
    for connection in made:
        connection.close()
    await asyncio.sleep(0)
    if failures or after == before:
        raise RuntimeError(f"the load broke off: {failures[:1] or 'no answer'}")
    return (after - before) / taken
