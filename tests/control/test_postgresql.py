"""The same control plane on PostgreSQL. Runs where VISAVIS_TEST_POSTGRESQL names an empty database."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from visavis.control.jobs.model import job
from visavis.control.plane import build
from visavis.core.errors import InternalError, VisavisError
from visavis.core.jobs import Command, JobUpdate, Reply, Verdict
from visavis.rest import manners
from visavis.settings import Settings
from visavis.store import metadata, migrate, open_database

URL = os.environ.get("VISAVIS_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not URL, reason="VISAVIS_TEST_POSTGRESQL is not set")


class _Box:
    def admit(self) -> None:
        """Never full."""


class _Talks:
    async def send(self, job_id: str, command: Command) -> Reply:
        return Reply()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Any]:
    settings = Settings(data=tmp_path, database_url=URL)
    await asyncio.to_thread(migrate, settings.database)
    await asyncio.to_thread(migrate, settings.database)
    db = open_database(settings.database)
    async with db.transaction() as tx:
        for table in reversed(metadata.sorted_tables):
            await tx.execute(sa.delete(table))
    plane = build(db, settings, box=_Box(), talks=_Talks())
    demo = await plane.first_start.run()
    assert demo is not None
    assert await plane.first_start.run() is None
    app = FastAPI()
    for router in plane.routers:
        app.include_router(router)
    manners.install(app, plane.authenticator)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", timeout=60) as client:
        identity = {
            "methods": ["password"],
            "password": {
                "user": {
                    "name": demo.user_name,
                    "password": demo.password,
                    "domain": {"name": demo.domain_name},
                }
            },
        }
        scope = {"project": {"id": demo.project_id}}
        answer = await client.post("/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}})
        assert answer.status_code == 201, answer.text
        client.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]
        yield client, plane, demo, db
    await db.close()


async def test_operations_and_filters(server: Any) -> None:
    client, _, demo, _ = server
    rooms = f"/v1/{demo.project_id}/smart-chat-rooms"
    created = await client.post(rooms, json={"room_name": "展厅 100%", "concurrency": 1, "robot_id": demo.robot_id})
    room_id = created.json()["room_id"]
    again = await client.post(rooms, json={"room_name": "展厅 100%"})
    assert again.json()["error_code"] == "MSS.20010148"
    query = {"room_name": "0%", "start_time": "2020-01-01T00:00:00Z"}
    assert (await client.get(rooms, params=query)).json()["count"] == 0
    await client.post(f"{rooms}/{room_id}/smart-chat-jobs")
    listed = (await client.get(rooms, params=query)).json()
    assert (listed["count"], listed["count_concurrency"]) == (1, 6)
    assert (await client.get(rooms, params={"room_name": "\0"})).status_code == 400
    updated = await client.put(f"{rooms}/{room_id}", json={"review_config": {"no_need_review": True}})
    assert updated.json()["review_config"] == {"no_need_review": True}
    robots = f"/v1/{demo.project_id}/digital-human-chat/robot"
    assert (await client.get(robots, params={"room_id": room_id})).json()["count"] == 1
    assert (await client.post(f"{robots}/delete", json=[demo.robot_id, "x"])).status_code == 400
    assert (await client.get(robots)).json()["count"] == 1


async def test_many_simultaneous_starts_run_exactly_five(server: Any) -> None:
    client, _, demo, _ = server
    path = f"/v1/{demo.project_id}/smart-chat-rooms/{demo.room_id}/smart-chat-jobs"
    answers = await asyncio.gather(*[client.post(path) for _ in range(200)])
    codes = Counter("" if a.status_code == 202 else a.json()["error_code"] for a in answers)
    assert codes == {"": 5, "MSS.20010135": 195}


async def test_claims_never_overlap_and_verdicts_stay(server: Any) -> None:
    client, plane, demo, db = server
    path = f"/v1/{demo.project_id}/smart-chat-rooms/{demo.room_id}/smart-chat-jobs"
    ids = [(await client.post(path)).json()["job_id"] for _ in range(5)]
    claimed = await asyncio.gather(*[plane.ledger.claim(f"w{n}", "", 4.0) for n in range(10)])
    assert sorted(s.talk.job_id for specs in claimed for s in specs) == sorted(ids)
    owner = next(f"w{n}" for n, specs in enumerate(claimed) if specs and specs[0].talk.job_id == ids[0])
    assert await plane.ledger.renew(owner, 4.0) == {ids[0]}
    assert await plane.ledger.record(JobUpdate(job_id=ids[0], kind="joined", at=100.0))
    assert await plane.ledger.record(JobUpdate(job_id=ids[0], kind="left", at=110.0))
    done = JobUpdate(job_id=ids[0], kind="finished", at=120.0, verdict=Verdict(state="SUCCEED"))
    assert await plane.ledger.record(done)
    assert not await plane.ledger.record(done)
    await db.execute(sa.update(job).where(job.c.lease_until.is_not(None)).values(lease_until=1.0))
    assert await plane.ledger.reap() == 4
    listed = (await client.get(path, params={"state": "SUCCEED"})).json()["smart_chat_jobs"]
    assert [(j["job_id"], j["duration"]) for j in listed] == [(ids[0], 10)]


async def test_a_server_that_is_not_there_says_so() -> None:
    db = open_database("postgresql://nobody:x@127.0.0.1:1/none")
    with pytest.raises(InternalError, match="can't be reached") as caught:
        await db.execute(sa.select(1))
    assert isinstance(caught.value, VisavisError)
    assert caught.value.retry
    await db.close()
