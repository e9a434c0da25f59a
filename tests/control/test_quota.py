"""Quota holds, however many start at once and from wherever."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from typing import Any

from visavis.control.jobs.service import Start
from visavis.control.plane import build
from visavis.core.errors import RoomConcurrencyExceeded
from visavis.store import open_database


async def _room(house: Any, **fields: Any) -> str:
    body = {"room_name": "quota", "robot_id": house.demo.robot_id, **fields}
    return str((await house.call("POST", house.rooms, json=body)).json()["room_id"])


async def _code(house: Any, room_id: str) -> str:
    answer = await house.call("POST", house.jobs(room_id))
    return "" if answer.status_code == 202 else f"{answer.status_code} {answer.json()['error_code']}"


async def test_a_thousand_simultaneous_starts_run_exactly_five(house: Any) -> None:
    codes = await asyncio.gather(*[_code(house, house.demo.room_id) for _ in range(1000)])
    assert Counter(codes) == {"": 5, "400 MSS.20010135": 995}
    listed = (await house.call("GET", house.jobs(), params={"state": "WAITING"})).json()
    assert listed["count"] == 5
    assert house.box.asked == 5


def test_threads_with_their_own_connections_run_exactly_five(settings: Any) -> None:
    """As processes of one installation would: each has its own database and knows nothing of the others."""
    from visavis.store import migrate

    class Box:
        def admit(self) -> None:
            pass

    migrate(settings.database)
    outcomes: Counter[str] = Counter()
    barrier = threading.Barrier(4)

    async def first() -> Any:
        db = open_database(settings.database)
        demo = await build(db, settings, box=Box(), talks=None).first_start.run()  # type: ignore[arg-type]
        await db.close()
        return demo

    demo = asyncio.run(first())

    async def work() -> Counter[str]:
        from visavis.control.assets.service import AssetService
        from visavis.control.iam.installation import Installation
        from visavis.control.jobs.ports import Terms
        from visavis.control.jobs.service import JobService
        from visavis.control.plane import sealer_of
        from visavis.control.robots.service import RobotService

        db = open_database(settings.database)
        sealer = sealer_of(settings)
        robots = RobotService(db, sealer)
        terms = Terms(settings.endpoint)
        jobs = JobService(
            db,
            sealer,
            AssetService(db),
            robots,
            Installation(db, sealer),
            terms,
            Box(),
            None,
            lambda: None,  # type: ignore[arg-type]
        )
        found: Counter[str] = Counter()
        barrier.wait()
        for _ in range(50):
            try:
                await jobs.start(demo.project_id, demo.room_id, Start())
                found["started"] += 1
            except RoomConcurrencyExceeded:
                found["refused"] += 1
        await db.close()
        return found

    def run() -> None:
        outcomes.update(asyncio.run(work()))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"started": 5, "refused": 195}


async def test_a_place_is_free_again_when_a_task_ends(house: Any) -> None:
    room_id = await _room(house, concurrency=1)
    job_id = (await house.call("POST", house.jobs(room_id))).json()["job_id"]
    assert await _code(house, room_id) == "400 MSS.20010135"
    await house.call("POST", f"{house.jobs(room_id)}/{job_id}/stop")
    assert await _code(house, room_id) == ""


async def test_without_quota_nothing_starts(house: Any) -> None:
    nothing = await _room(house)
    assert await _code(house, nothing) == "400 MSS.20010075"
    await house.call("PUT", f"{house.rooms}/{nothing}", json={"concurrency": 0})
    assert await _code(house, nothing) == "400 MSS.20010075"
    assert house.box.asked == 0


async def test_terminals_are_the_quota_where_they_are_billed(house: Any) -> None:
    room_id = await _room(house, billing_mode="CLIENT", client_nums=1, concurrency=50)
    assert await _code(house, room_id) == ""
    assert await _code(house, room_id) == "400 MSS.20010135"


async def test_the_rooms_quota_comes_before_the_boxs_capacity(house: Any) -> None:
    room_id = await _room(house, concurrency=1)
    house.box.full = True
    assert await _code(house, room_id) == "400 MSS.20010089"
    listed = (await house.call("GET", house.jobs(room_id))).json()
    assert listed["count"] == 0
    house.box.full = False
    assert await _code(house, room_id) == ""
    house.box.full = True
    assert await _code(house, room_id) == "400 MSS.20010135"


async def test_a_room_with_a_running_task_is_not_deleted(house: Any) -> None:
    room_id = await _room(house, concurrency=1)
    job_id = (await house.call("POST", house.jobs(room_id))).json()["job_id"]
    answer = await house.call("DELETE", f"{house.rooms}/{room_id}")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010046")
    await house.call("POST", f"{house.jobs(room_id)}/{job_id}/stop")
    assert (await house.call("DELETE", f"{house.rooms}/{room_id}")).status_code == 200
    answer = await house.call("GET", house.jobs(room_id))
    assert answer.json()["error_code"] == "MSS.20010045"


async def test_starting_while_the_room_is_deleted_leaves_no_orphan(house: Any) -> None:
    room_id = await _room(house, concurrency=5)
    deletion, *starts = await asyncio.gather(
        house.call("DELETE", f"{house.rooms}/{room_id}"), *[_code(house, room_id) for _ in range(20)]
    )
    if deletion.status_code == 200:
        assert set(starts) == {"400 MSS.20010045"}
    else:
        assert starts.count("") == 5
