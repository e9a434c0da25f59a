"""Claims, renewals, reports and what happens to tasks nobody looks after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from visavis.control.jobs.model import job
from visavis.control.leases.ledger import JobLedger
from visavis.control.plane import sealer_of
from visavis.core.errors import JobUnknown, WorkerLost
from visavis.core.jobs import End, JobUpdate, Verdict

T0 = 1_800_000_000.0


class Clocks:
    def __init__(self) -> None:
        self.wall = T0
        self.mono = 50.0

    def advance(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def ledger(house: Any, clocks: Clocks) -> JobLedger:
    return JobLedger(house.db, sealer_of(house.settings), now=lambda: clocks.wall, monotonic=lambda: clocks.mono)


@pytest.fixture
def start(house: Any, clocks: Clocks) -> Callable[..., Any]:
    async def start(**body: Any) -> str:
        answer = await house.call("POST", house.jobs(), json=body)
        job_id = str(answer.json()["job_id"])
        await house.db.execute(sa.update(job).where(job.c.job_id == job_id).values(create_time=clocks.wall))
        clocks.advance(0.001)
        return job_id

    return start


async def _row(house: Any, job_id: str) -> Any:
    return (await house.db.execute(sa.select(job).where(job.c.job_id == job_id))).first()


def _report(job_id: str, kind: Any, at: float, **more: Any) -> JobUpdate:
    return JobUpdate(job_id=job_id, kind=kind, at=at, **more)


async def test_tasks_are_claimed_oldest_first_and_once(house: Any, ledger: JobLedger, start: Any) -> None:
    ids = [await start() for _ in range(4)]
    first = await ledger.claim("w1", "", 4.0, limit=2)
    second = await ledger.claim("w2", "", 4.0, limit=10)
    assert [spec.talk.job_id for spec in first] == ids[:2]
    assert [spec.talk.job_id for spec in second] == ids[2:]
    assert await ledger.claim("w3", "", 4.0) == []
    assert (await ledger.owned("w1"), await ledger.owned("w2")) == (set(ids[:2]), set(ids[2:]))
    assert (await _row(house, ids[0])).state == "WAITING"


async def test_claims_of_many_at_once_never_overlap(ledger: JobLedger, start: Any) -> None:
    ids = {await start() for _ in range(5)}
    claimed = await asyncio.gather(*[ledger.claim(f"w{n}", "", 4.0) for n in range(20)])
    found = [spec.talk.job_id for specs in claimed for spec in specs]
    assert sorted(found) == sorted(ids)


async def test_a_region_is_kept_and_none_goes_anywhere(ledger: JobLedger, start: Any) -> None:
    north, anywhere = await start(region="cn-north-4"), await start()
    assert [s.talk.job_id for s in await ledger.claim("w", "cn-southwest-2", 4.0, 10)] == [anywhere]
    assert [s.talk.job_id for s in await ledger.claim("w", "cn-north-4", 4.0, 10)] == [north]
    south = await start(region="cn-southwest-2")
    assert [s.talk.job_id for s in await ledger.claim("w", "", 4.0, 10)] == [south]


async def test_the_spec_says_all_the_talk_needs(house: Any, ledger: JobLedger, start: Any) -> None:
    await house.call("PUT", f"{house.robots}/{house.demo.robot_id}", json={"tail_silence_time": 800})
    await house.call("PUT", f"{house.rooms}/{house.demo.room_id}", json={"exit_mute_threshold": 2})
    body = {"room_type": "METALINK", "client_id": "kiosk"}
    answer = await house.call("POST", house.jobs(), json=body, headers={"X-App-UserId": "user01"})
    (spec,) = await ledger.claim("w", "", 4.0)
    assert spec.talk.job_id == answer.json()["job_id"]
    assert (spec.talk.client_id, spec.talk.app_user_id, spec.talk.language) == ("kiosk", "user01", "EN")
    assert (spec.avatar, spec.room_type, spec.tail_silence) == ("sara", "METALINK", 0.8)
    assert (spec.limits.join, spec.limits.grace, spec.limits.mute) == (60.0, 30.0, 120.0)
    assert spec.brain.name == "knowledge"
    assert (house.settings.data / "blobs" / spec.knowledge).is_file()
    assert [voice.name for voice in spec.voices] == ["en-us", "cmn", "es", "pt-br", "ar", "fr"]
    assert spec.languages[0] == "EN"
    assert spec.welcome[0].startswith("Hello")
    assert (spec.width, spec.height) == (720, 1280)
    assert spec.subtitles is not None


async def test_a_vendors_secret_travels_sealed(house: Any, ledger: JobLedger) -> None:
    config = {"app_id": "a", "app_key": "top-secret-key", "llm_url": "https://llm.example.test/", "chat_rounds": 4}
    body = {"name": "llm", "app_type": 6, "third_party_model_config": config}
    robot_id = (await house.call("POST", house.robots, json=body)).json()["robot_id"]
    await house.call("POST", house.jobs(long=True), params={"robot_id": robot_id})
    (spec,) = await ledger.claim("w", "", 4.0)
    assert (spec.brain.name, spec.brain.options["app_key"]) == ("third_party_llm", "top-secret-key")
    assert (spec.chat_rounds, spec.knowledge) == (4, "")
    assert b"top-secret-key" not in (house.settings.data / "visavis.db-wal").read_bytes()


async def test_renewed_leases_live_and_others_are_taken_away(
    house: Any, ledger: JobLedger, start: Any, clocks: Clocks
) -> None:
    kept, dropped = await start(), await start()
    await ledger.claim("alive", "", 4.0)
    await ledger.claim("dead", "", 4.0)
    for _ in range(3):
        clocks.advance(2.0)
        assert await ledger.renew("alive", 4.0) == {kept}
        await ledger.reap()
    row = await _row(house, dropped)
    assert (row.state, row.error_code) == ("FAILED", WorkerLost.code)
    assert row.error_msg == "The process that ran the talk died or stopped reporting"
    assert (await _row(house, kept)).state == "WAITING"
    assert await ledger.renew("dead", 4.0) == set()
    shown = (await house.call("GET", f"{house.jobs()}/{dropped}/state")).json()
    assert shown["error_info"] == {"error_code": row.error_code, "error_msg": row.error_msg}
    assert "job_finish_reason" not in shown
    assert "rtc_room_info" not in shown


async def test_quota_is_back_within_five_seconds_of_a_workers_death(
    house: Any, ledger: JobLedger, start: Any, clocks: Clocks
) -> None:
    for _ in range(5):
        await start()
    await ledger.claim("w", "", house.settings.lease, limit=5)
    assert (await house.call("POST", house.jobs())).json()["error_code"] == "MSS.20010135"
    reaped = 0
    for _ in range(5):
        clocks.advance(1.0)
        reaped += await ledger.reap()
    assert reaped == 5
    assert (await house.call("POST", house.jobs())).status_code == 202


async def test_a_dead_workers_tasks_fail_at_once(house: Any, ledger: JobLedger, start: Any, clocks: Clocks) -> None:
    ids = [await start() for _ in range(3)]
    await ledger.claim("w1", "", 4.0, limit=2)
    await ledger.claim("w2", "", 4.0)
    await ledger.record(_report(ids[0], "joined", clocks.wall))
    clocks.advance(1.5)
    assert await ledger.lost("w1") == 2
    assert await ledger.lost("w1") == 0
    rows = [await _row(house, job_id) for job_id in ids]
    assert [row.state for row in rows] == ["FAILED", "FAILED", "WAITING"]
    assert rows[0].duration == pytest.approx(1.5, abs=0.01)


async def test_tasks_no_worker_takes_fail_and_say_so(house: Any, ledger: JobLedger, start: Any, clocks: Clocks) -> None:
    job_id = await start()
    clocks.advance(29.9)
    assert await ledger.reap() == 0
    clocks.advance(0.2)
    assert await ledger.reap() == 1
    row = await _row(house, job_id)
    assert (row.state, row.error_code, row.error_msg) == (
        "FAILED",
        WorkerLost.code,
        "No worker took the task in time",
    )


async def test_life_and_meter_of_a_talk_with_a_break(house: Any, ledger: JobLedger, start: Any) -> None:
    job_id = await start()
    assert await ledger.record(_report(job_id, "joined", T0 + 10))
    row = await _row(house, job_id)
    assert (row.state, row.start_time, row.duration) == ("PROCESSING", T0 + 10, 0.0)
    assert await ledger.record(_report(job_id, "joined", T0 + 11))  # a second browser took over: the meter runs on
    assert await ledger.record(_report(job_id, "left", T0 + 20))
    assert await ledger.record(_report(job_id, "left", T0 + 21))
    assert (await house.call("GET", f"{house.jobs()}/{job_id}/state")).json()["chat_state"] == 0
    assert await ledger.record(_report(job_id, "joined", T0 + 30))
    assert (await house.call("GET", f"{house.jobs()}/{job_id}/state")).json()["chat_state"] == 2
    verdict = Verdict(state="SUCCEED", reason="MUTE_TIMEOUT")
    assert await ledger.record(_report(job_id, "finished", T0 + 35.5, verdict=verdict))
    row = await _row(house, job_id)
    assert (row.state, row.finish_reason) == ("SUCCEED", "MUTE_TIMEOUT")
    assert (row.start_time, row.end_time, row.duration) == (T0 + 10, T0 + 35.5, 15.5)


async def test_a_finished_task_stays_as_it_is(house: Any, ledger: JobLedger, start: Any, clocks: Clocks) -> None:
    job_id = await start()
    await ledger.claim("w", "", 4.0)
    failed = Verdict(state="FAILED", reason=None, code="47000015", message="Nobody joined the room in time")
    assert await ledger.record(_report(job_id, "finished", T0, verdict=failed))
    before = await _row(house, job_id)
    late = [
        _report(job_id, "joined", T0 + 1),
        _report(job_id, "left", T0 + 2),
        _report(job_id, "finished", T0 + 3, verdict=Verdict(state="SUCCEED")),
    ]
    assert [await ledger.record(update) for update in late] == [False, False, False]
    clocks.advance(100)
    assert await ledger.reap() == 0
    assert await ledger.renew("w", 4.0) == set()
    assert await ledger.lost("w") == 0
    assert await _row(house, job_id) == before
    assert (before.state, before.error_code) == ("FAILED", "47000015")


async def test_reports_on_unknown_tasks_change_nothing(ledger: JobLedger) -> None:
    assert not await ledger.record(_report("unheard-of", "joined", T0))


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_setting_the_clock_kills_no_talk(
    house: Any, ledger: JobLedger, start: Any, clocks: Clocks, jump: float
) -> None:
    job_id = await start()
    await ledger.claim("w", "", 4.0)
    await ledger.reap()
    clocks.wall += jump
    for _ in range(20):
        await ledger.reap()
        clocks.advance(1.0)
        assert await ledger.renew("w", 4.0) == {job_id}
    assert (await _row(house, job_id)).state == "WAITING"


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_a_worker_that_died_while_the_clock_was_set_is_noticed(
    house: Any, ledger: JobLedger, start: Any, clocks: Clocks, jump: float
) -> None:
    job_id = await start()
    await ledger.claim("w", "", 4.0)
    await ledger.record(_report(job_id, "joined", clocks.wall))
    await ledger.reap()
    clocks.wall += jump
    for _ in range(15):
        await ledger.reap()
        clocks.advance(1.0)
    row = await _row(house, job_id)
    assert (row.state, row.error_code) == ("FAILED", WorkerLost.code)
    assert 0.0 <= row.duration <= 5.0


async def test_stop_tells_the_talk_and_settles_the_task(house: Any, ledger: JobLedger, start: Any) -> None:
    job_id = await start()
    await ledger.claim("w", "", 4.0)
    answer = await house.call("POST", f"{house.jobs()}/{job_id}/stop")
    assert (answer.status_code, answer.content) == (200, b"")
    assert house.talks.sent == [(job_id, End())]
    row = await _row(house, job_id)
    assert (row.state, row.finish_reason) == ("SUCCEED", "NORMAL")
    assert await ledger.renew("w", 4.0) == set()
    again = await house.call("POST", f"{house.jobs()}/{job_id}/stop")
    assert (again.status_code, again.json()["error_code"]) == (400, "MSS.20010074")
    assert len(house.talks.sent) == 1


async def test_stop_of_a_task_nobody_took_needs_no_worker(house: Any, start: Any) -> None:
    job_id = await start()
    assert (await house.call("POST", f"{house.jobs(long=True)}/{job_id}/stop")).status_code == 200
    assert house.talks.sent == []
    assert (await _row(house, job_id)).state == "SUCCEED"


@pytest.mark.parametrize("failure", [JobUnknown(), WorkerLost(), TimeoutError()])
async def test_stop_works_though_the_talk_is_gone(
    house: Any, ledger: JobLedger, start: Any, failure: Exception
) -> None:
    job_id = await start()
    await ledger.claim("w", "", 4.0)
    house.talks.failure = failure
    assert (await house.call("POST", f"{house.jobs()}/{job_id}/stop")).status_code == 200
    assert (await _row(house, job_id)).state == "SUCCEED"
