"""Processes that die: no job is stuck, its verdict names the cause, the quota is free, no orphan stays."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from tests.e2e.serving import Server, alive, descendants, make_server

from visavis.core.errors import WorkerLost
from visavis.links.visitor import Visitor


async def joined(server: Server) -> tuple[Visitor, str]:
    job = await asyncio.to_thread(server.open_job)
    visitor = Visitor(pictures=False)
    await visitor.join(lambda offer: asyncio.to_thread(server.exchange, job, offer))
    await visitor.event("ready")
    return visitor, str(job["job_id"])


def settled(server: Server, job_id: str, within: float = 5.0) -> dict[str, object]:
    end = time.monotonic() + within
    while True:
        job = server.jobs()[job_id]
        if job["state"] not in ("WAITING", "PROCESSING"):
            return job
        assert time.monotonic() < end, f"still {job['state']}"
        time.sleep(0.1)


def workers(server: Server) -> set[int]:
    assert server.process
    return {
        pid
        for pid in descendants(server.process.pid)
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    }


async def test_kill_9_of_the_server(tmp_path: Path) -> None:
    server = make_server(tmp_path / "data")
    server.start()
    try:
        visitor, job_id = await joined(server)
        async with visitor:
            assert server.process
            below = descendants(server.process.pid)
            assert below, "there are worker processes to lose"
            server.stop(signal.SIGKILL)
            end = time.monotonic() + 5
            while any(alive(pid) for pid in below):
                assert time.monotonic() < end, "orphans"
                await asyncio.sleep(0.05)
        server.start()
        job = settled(server, job_id)
        assert (job["state"], job["error_info"]) == (
            "FAILED",
            {"error_code": WorkerLost.code, "error_msg": WorkerLost().message},
        )
        again, _ = await joined(server)
        await again.close()
    finally:
        server.stop()


async def test_kill_9_of_a_worker(tmp_path: Path) -> None:
    server = make_server(tmp_path / "data")
    server.start()
    try:
        visitor, job_id = await joined(server)
        async with visitor:
            [worker] = workers(server)
            below = descendants(worker)
            os.kill(worker, signal.SIGKILL)
            job = settled(server, job_id)
            assert job["state"] == "FAILED"
            assert job["error_info"] == {"error_code": WorkerLost.code, "error_msg": WorkerLost().message}
            end = time.monotonic() + 5
            while any(alive(pid) for pid in below):
                assert time.monotonic() < end, "orphans"
                await asyncio.sleep(0.05)
        end = time.monotonic() + 30
        while server.get("/ready")[0] != 200:
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        again, _ = await joined(server)
        await again.close()
    finally:
        server.stop()


async def test_sigterm_writes_verdicts_and_leaves_nobody_behind(tmp_path: Path) -> None:
    server = make_server(tmp_path / "data")
    server.start()
    visitor, job_id = await joined(server)
    async with visitor:
        assert server.process
        below = descendants(server.process.pid)
        await asyncio.to_thread(server.stop)
        assert not [pid for pid in below if alive(pid)]
    server.start()
    try:
        job = server.jobs()[job_id]
        assert (job["state"], job["job_finish_reason"]) == ("SUCCEED", "NORMAL")
    finally:
        server.stop()


async def test_nobody_joins_and_the_visitor_vanishes(tmp_path: Path) -> None:
    server = make_server(tmp_path / "data", VISAVIS_JOIN_TIMEOUT="2", VISAVIS_GRACE_PERIOD="2")
    server.start()
    try:
        waiting = str(server.open_job()["job_id"])
        visitor, job_id = await joined(server)
        await visitor.close()
        alone = await asyncio.to_thread(settled, server, waiting, 8.0)
        assert alone["state"] == "FAILED"
        assert alone["error_info"]["error_code"] == "47000015"  # type: ignore[index]
        gone = await asyncio.to_thread(settled, server, job_id, 30.0)
        assert (gone["state"], gone["job_finish_reason"]) == ("SUCCEED", "NORMAL")
    finally:
        server.stop()


@pytest.mark.parametrize("spoil", ["signature", "ctime"])
def test_forged_entries_are_refused(tmp_path: Path, spoil: str) -> None:
    server = make_server(tmp_path / "data")
    server.start()
    try:
        job = server.open_job()
        for user in job["rtc_room_info"]["users"]:
            user[spoil] = "0" * 64 if spoil == "signature" else user["ctime"] + 1
        with pytest.raises(AssertionError, match=r"403.*90100031"):
            server.exchange(job, "v=0\r\n")
    finally:
        server.stop()
