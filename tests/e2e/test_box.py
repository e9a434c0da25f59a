"""A whole box: what it carries, what it refuses, and visitors who come back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.serving import Server, make_server

from visavis.core.errors import BoxFull, RoomConcurrencyExceeded
from visavis.core.events import Ask, Stop
from visavis.links.visitor import Visitor


async def join(server: Server, job: dict[str, Any], visitor: Visitor) -> Visitor:
    await visitor.join(lambda offer: asyncio.to_thread(server.exchange, job, offer))
    await visitor.event("ready")
    return visitor


async def test_a_full_box_refuses_with_a_code_and_takes_the_next_when_one_leaves(tmp_path: Path) -> None:
    server = make_server(tmp_path / "data", VISAVIS_WORKERS="2", VISAVIS_TALKS_PER_WORKER="1")
    server.start()
    try:
        async with AsyncExitStack() as stack:
            jobs = [await asyncio.to_thread(server.open_job) for _ in range(3)]
            visitors = [await stack.enter_async_context(Visitor(pictures=False)) for _ in range(3)]
            await join(server, jobs[0], visitors[0])
            await join(server, jobs[1], visitors[1])
            with pytest.raises(AssertionError, match=rf"400.*{BoxFull.code}"):
                await join(server, jobs[2], visitors[2])
            status, body, _ = server.call("POST", "/v1/open-room/jobs", {})
            assert (status, body["error_code"]) == (400, BoxFull.code)
            assert server.get("/ready")[1] == {"ready": True, "capacity": 2, "free": 0}

            visitors[0].send(Stop())
            await visitors[0].event("job_finished")
            late = await stack.enter_async_context(Visitor(pictures=False))
            await join(server, jobs[2], late)
    finally:
        server.stop()


def test_the_rooms_quota_comes_before_the_boxs_capacity(server: Server) -> None:
    """Waiting tasks count against the room's concurrency of 5, though none takes encoder capacity yet."""
    for _ in range(5):
        server.open_job()
    status, body, headers = server.call("POST", "/v1/open-room/jobs", {})
    assert (status, body["error_code"]) == (400, RoomConcurrencyExceeded.code)
    assert "x-request-id" in {name.lower() for name in headers}


async def test_a_visitor_who_returns_in_time_finds_the_talk_where_it_was(server: Server) -> None:
    job = await asyncio.to_thread(server.open_job)
    first = await join(server, job, Visitor(pictures=False))
    await first.event("reply_finished")
    mark = len(first.events)
    first.send(Ask(text="Where are the toilets?"))
    await first.event("reply_finished", after=mark)
    await first.close()
    await asyncio.sleep(3)
    async with Visitor(pictures=False) as again:
        await join(server, job, again)
        ready: Any = await again.event("ready")
        assert ("user", "Where are the toilets?") in ready.history
        assert ready.history[-1][0] == "assistant"
        assert server.jobs()[job["job_id"]]["state"] == "PROCESSING"
        mark = len(again.events)
        again.send(Ask(text="Is there wifi?"))
        finished: Any = await again.event("reply_finished", after=mark)
        assert "Lantern Guest" in finished.heard
