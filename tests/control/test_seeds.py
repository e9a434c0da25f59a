"""The four seed operations: every parameter, field, default, sample and oddity."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from visavis.control.jobs.model import job
from visavis.control.plane import build
from visavis.control.robots.model import robot
from visavis.control.rooms.model import room
from visavis.core import entries
from visavis.core.jobs import JobUpdate, Verdict
from visavis.rest import manners
from visavis.settings import Settings

BAD = {"error_code": "MSS.00000003", "error_msg": "Invalid parameter"}


async def _start(house: Any, room_id: str | None = None, **more: Any) -> dict[str, Any]:
    answer = await house.call("POST", house.jobs(room_id), **more)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def _room(house: Any, **fields: Any) -> str:
    answer = await house.call("POST", house.rooms, json={"room_name": "a room", **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["room_id"])


async def _robot(house: Any, **fields: Any) -> str:
    answer = await house.call("POST", house.robots, json={"name": "a robot", "app_type": 7, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["robot_id"])


# S1: list dialogs


async def test_s1_sample(house: Any) -> None:
    """A room that knows no more than the sample's shows no more than the sample does, and its defaults."""
    await house.db.execute(sa.delete(room))
    room_id = await _room(house, room_name="Exhibition hall with Sara", room_description="Sara")
    times = {"create_time": 1669791595.0, "update_time": 1670243437.0}
    await house.db.execute(sa.update(room).values(**times))
    answer = await house.call("GET", house.rooms)
    assert answer.status_code == 200
    assert answer.json() == {
        "count": 1,
        "count_concurrency": 0,
        "count_client_nums": 0,
        "count_client_nums_token": 0,
        "smart_chat_rooms": [
            {
                "room_id": room_id,
                "room_name": "Exhibition hall with Sara",
                "room_description": "Sara",
                "create_time": "2022-11-30T06:59:55Z",
                "update_time": "2022-12-05T12:30:37Z",
                "billing_mode": "CONCURRENCY",
                "reuse_resource": False,
                "default_language": "CN",
            }
        ],
    }


async def test_s1_every_field(house: Any) -> None:
    voices = [
        {"voice_asset_id": house.demo.voice_asset_id, "language": "EN", "speed": 50, "pitch": 200, "volume": 240},
        {"voice_asset_id": house.demo.voice_asset_id, "provider": "MOBVOI"},
    ]
    room_id = await _room(
        house,
        model_asset_id=house.demo.model_asset_id,
        robot_id=house.demo.robot_id,
        voice_config_list=voices,
        billing_mode="CLIENT",
        client_nums=1024,
        concurrency=0,
        exit_mute_threshold=1440,
        default_language="Thai",
    )
    listed = (await house.call("GET", house.rooms, params={"room_name": "a room"})).json()["smart_chat_rooms"][0]
    assert listed["room_id"] == room_id
    assert listed["model_infos"] == {"model_asset_id": house.demo.model_asset_id, "asset_name": "Sara"}
    first = {"voice_asset_id": house.demo.voice_asset_id, "speed": 50, "pitch": 200, "volume": 240}
    assert listed["voice_config"] == first
    assert listed["voice_config_list"] == [
        {**first, "language": "EN", "language_desc": "English"},
        {
            "voice_asset_id": house.demo.voice_asset_id,
            "speed": 100,
            "pitch": 100,
            "volume": 140,
            "provider": "MOBVOI",
            "language": "CN",
            "language_desc": "中文",
        },
    ]
    assert (listed["billing_mode"], listed["client_nums"], listed["concurrency"]) == ("CLIENT", 1024, 0)
    assert (listed["exit_mute_threshold"], listed["default_language"]) == (1440, "Thai")


async def test_s1_sums_count_all_rooms_whatever_the_filter(house: Any) -> None:
    await _room(house, room_name="c1", concurrency=1024)
    await _room(house, room_name="c2", billing_mode="CLIENT", client_nums=7)
    await _room(house, room_name="c3", billing_mode="CLIENT_TOKENS", client_nums=9)
    answer = (await house.call("GET", house.rooms, params={"room_name": "c2", "limit": 1})).json()
    assert (answer["count"], answer["count_concurrency"]) == (1, 1029)
    assert (answer["count_client_nums"], answer["count_client_nums_token"]) == (7, 9)


async def test_s1_fuzzy_names_and_pages(house: Any) -> None:
    for name in ("100% hall", "100 halls", "展厅 1", "under_score"):
        await _room(house, room_name=name)
    with_model = await _room(house, room_name="with Sara's model", model_asset_id=house.demo.model_asset_id)

    async def names(**query: Any) -> list[str]:
        answer = (await house.call("GET", house.rooms, params=query)).json()
        found = [r["room_name"] for r in answer["smart_chat_rooms"]]
        assert answer["count"] >= len(found)
        return found

    assert await names(room_name="100") == ["100 halls", "100% hall"]
    assert await names(room_name="100%") == ["100% hall"]
    assert await names(room_name="展厅") == ["展厅 1"]
    assert await names(room_name="_") == ["under_score"]
    assert await names(room_name="HALL") == ["100 halls", "100% hall", "Exhibition hall with Sara"]
    assert await names(model_name="sar") == ["with Sara's model", "Exhibition hall with Sara"]
    assert await names(model_name="nobody") == []
    assert await names(room_name="with", model_name="Sara", limit=1) == ["with Sara's model"]
    assert len(await names(offset=2, limit=2)) == 2
    assert await names(offset=2147483647) == []
    beyond = (await house.call("GET", house.rooms, params={"offset": 100})).json()
    assert (beyond["count"], beyond["smart_chat_rooms"]) == (6, [])
    assert (await house.call("DELETE", f"{house.rooms}/{with_model}")).status_code == 200


async def test_s1_times_filter_on_the_latest_tasks_start(house: Any) -> None:
    await _room(house, room_name="never used")
    started = await _start(house)
    older = await _start(house)
    await house.plane.ledger.record(JobUpdate(job_id=started["job_id"], kind="joined", at=1_700_000_000.0))
    await house.db.execute(sa.update(job).where(job.c.job_id == older["job_id"]).values(create_time=1_600_000_000.0))

    async def found(**query: str) -> int:
        return int((await house.call("GET", house.rooms, params=query)).json()["count"])

    assert await found(start_time="2023-11-14T22:13:20Z") == 1
    assert await found(start_time="2023-11-14T22:13:21Z") == 0
    assert await found(end_time="2023-11-14T22:13:20Z") == 1
    assert await found(end_time="2023-11-14T22:13:19Z") == 0
    assert await found(start_time="2023-11-15T06:13:20+08:00", end_time="2030-01-01T00:00:00Z") == 1


# S2: start a task


@pytest.mark.parametrize("content", ["", "null", "{}", '{"region": null}'])
async def test_s2_takes_no_body_null_and_empty(house: Any, content: str) -> None:
    answer = await house.call("POST", house.jobs(), content=content)
    assert answer.status_code == 202
    assert answer.json()["job_id"]


async def test_s2_every_field(house: Any) -> None:
    room_id = await _room(
        house,
        robot_id=house.demo.robot_id,
        concurrency=1,
        chat_video_type="hub",
        video_config={"bitrate": 2000, "width": 1920, "height": 1080},
        chat_subtitle_config={"dx": 0, "dy": 1920, "width": 7680},
        voice_config={"voice_asset_id": house.demo.voice_asset_id},
        default_language="EN",
    )
    body = {"region": "cn-north-4", "client_id": "kiosk 1", "room_type": "METALINK"}
    started = await _start(house, room_id, json=body)
    voice = {"voice_asset_id": house.demo.voice_asset_id, "speed": 100, "pitch": 100, "volume": 140}
    assert {k: v for k, v in started.items() if k not in ("job_id", "rtc_room_info")} == {
        "chat_subtitle_config": {"dx": 0, "dy": 1920, "width": 7680, "height": 180},
        "video_config": {"width": 1920, "height": 1080},
        "voice_config_list": [{**voice, "language": "EN", "language_desc": "English"}],
        "chat_video_type": "Hub",
        "is_transparent": False,
        "region": "cn-north-4",
        "default_language": "EN",
        "language": "EN",
        "chat_access_address": "avatar.example.test:8443",
        "chat_access_rest_address": "avatar.example.test:8443",
    }


async def test_s2_room_entries_are_good_and_carry_no_engine(house: Any) -> None:
    started = await _start(house)
    info = started["rtc_room_info"]
    key = await house.plane.installation.rtc()
    assert (info["app_id"], info["room_id"]) == (key.app_id, started["job_id"])
    assert [user["user_type"] for user in info["users"]] == ["END_USER", "PLAYER"]
    assert len({user["user_id"] for user in info["users"]}) == 2
    for user in info["users"]:
        entries.verify(
            key.app_id,
            key.app_key,
            info["room_id"],
            user["user_id"],
            user["ctime"],
            user["signature"],
            now=user["ctime"] - 7199,
        )


async def test_s2_needs_an_application(house: Any) -> None:
    room_id = await _room(house, concurrency=1)
    answer = await house.call("POST", house.jobs(room_id))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.47010034")


async def test_start_smart_chat_job_brings_its_application_and_answers_200(house: Any) -> None:
    room_id = await _room(house, concurrency=2, chat_video_type="HUB")
    path = house.jobs(room_id, long=True)
    answer = await house.call("POST", path, params={"robot_id": house.demo.robot_id}, content="null")
    assert (answer.status_code, answer.json()["chat_video_type"]) == (200, "HUB")
    answer = await house.call("POST", path)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003")
    answer = await house.call("POST", path, params={"robot_id": "unheard-of"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.47010034")
    body = {"extend_param": '{"city": "Genoa", "client_id": "kiosk 2"}'}
    answer = await house.call("POST", path, params={"robot_id": house.demo.robot_id}, json=body)
    listed = (await house.call("GET", path)).json()["smart_chat_jobs"]
    mine = next(j for j in listed if j["job_id"] == answer.json()["job_id"])
    assert mine["client_id"] == "kiosk 2"


# S3: list tasks


async def test_s3_life_of_a_task(house: Any) -> None:
    body = {"client_id": "kiosk 1"}
    job_id = (await _start(house, json=body))["job_id"]

    async def listed(**query: Any) -> Any:
        answer = await house.call("GET", house.jobs(long=True), params=query)
        assert answer.status_code == 200
        return answer.json()

    waiting = (await listed())["smart_chat_jobs"][0]
    assert (waiting["job_id"], waiting["state"], waiting["client_id"]) == (job_id, "WAITING", "kiosk 1")
    assert waiting["is_pool_mode"] is False
    assert not {"start_time", "end_time", "duration", "error_info", "job_finish_reason"} & set(waiting)
    record = house.plane.ledger.record
    await record(JobUpdate(job_id=job_id, kind="joined", at=1642523376.0))
    processing = (await listed())["smart_chat_jobs"][0]
    assert (processing["state"], processing["start_time"]) == ("PROCESSING", "2022-01-18T16:29:36Z")
    assert processing["duration"] > 0
    await record(JobUpdate(job_id=job_id, kind="finished", at=1642523436.0, verdict=Verdict(state="SUCCEED")))
    done = (await listed())["smart_chat_jobs"][0]
    assert {k: done[k] for k in ("state", "start_time", "end_time", "duration", "job_finish_reason")} == {
        "state": "SUCCEED",
        "start_time": "2022-01-18T16:29:36Z",
        "end_time": "2022-01-18T16:30:36Z",
        "duration": 60,
        "job_finish_reason": "NORMAL",
    }


async def test_s3_settings_are_those_of_the_start(house: Any) -> None:
    room_id = await _room(house, robot_id=house.demo.robot_id, concurrency=1, chat_video_type="HUB")
    await _start(house, room_id)
    await house.call("PUT", f"{house.rooms}/{room_id}", json={"chat_video_type": "MOBILE"})
    listed = (await house.call("GET", house.jobs(room_id))).json()["smart_chat_jobs"][0]
    assert listed["chat_video_type"] == "Hub"


async def test_s3_states_are_filtered_and_unknown_ones_match_nothing(house: Any) -> None:
    first, second = (await _start(house))["job_id"], (await _start(house))["job_id"]
    assert (await house.call("POST", f"{house.jobs()}/{first}/stop")).status_code == 200

    async def found(state: str) -> list[str]:
        answer = (await house.call("GET", house.jobs(), params={"state": state})).json()
        assert answer["count"] == len(answer["smart_chat_jobs"])
        return [j["job_id"] for j in answer["smart_chat_jobs"]]

    assert await found("WAITING") == [second]
    assert await found("SUCCEED,FAILED") == [first]
    assert await found(" SUCCEED , WAITING ") == [second, first]
    assert await found("CREATING,PUBLISHED") == []
    assert await found("CREATING,WAITING") == [second]
    assert len(await found("")) == 2


async def test_s3_pages_and_unknown_room(house: Any) -> None:
    for _ in range(3):
        await _start(house)
    answer = (await house.call("GET", house.jobs(), params={"offset": 1, "limit": 1})).json()
    assert (answer["count"], len(answer["smart_chat_jobs"])) == (3, 1)
    answer = (await house.call("GET", house.jobs(), params={"offset": 9})).json()
    assert answer == {"count": 3, "smart_chat_jobs": []}
    answer = await house.call("GET", house.jobs("unheard-of"))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010045")


async def test_hub_is_written_as_each_operation_does(house: Any) -> None:
    room_id = await _room(house, robot_id=house.demo.robot_id, concurrency=2, chat_video_type="Hub")
    started = await _start(house, room_id)
    job_id = started["job_id"]
    assert started["chat_video_type"] == "Hub"
    assert (await house.call("GET", house.jobs(room_id))).json()["smart_chat_jobs"][0]["chat_video_type"] == "Hub"
    shown = (await house.call("GET", f"{house.jobs(room_id)}/{job_id}/state")).json()
    assert shown["chat_video_type"] == "HUB"
    assert (await house.call("GET", f"{house.rooms}/{room_id}")).json()["chat_video_type"] == "HUB"


async def test_hub_can_be_forced_everywhere(house: Any) -> None:
    settings = Settings(data=house.settings.data, force_hub=True)
    plane = build(house.db, settings, box=house.box, talks=house.talks)
    app = FastAPI()
    for router in plane.routers:
        app.include_router(router)
    manners.install(app, plane.authenticator)
    room_id = await _room(house, robot_id=house.demo.robot_id, concurrency=1, chat_video_type="Hub")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        client.headers["X-Auth-Token"] = house.token
        assert (await client.post(house.jobs(room_id))).json()["chat_video_type"] == "HUB"
        assert (await client.get(house.jobs(room_id))).json()["smart_chat_jobs"][0]["chat_video_type"] == "HUB"


# S4: list applications


async def test_s4_sample(house: Any) -> None:
    await house.db.execute(sa.delete(robot))
    robot_id = await _robot(
        house,
        name="Exhibition hall robot",
        app_type=1,
        language="zh_CN",
        enable_question_audit=True,
        huawei_ei_cbs={"app_id": "e1xxxecf", "enable_hot_words": False},
    )
    await house.db.execute(sa.update(robot).values(create_time=1693550061.0, update_time=1693550061.0))
    answer = await house.call("GET", house.robots)
    assert answer.json() == {
        "offset": 0,
        "limit": 10,
        "count": 1,
        "data": [
            {
                "robot_id": robot_id,
                "name": "Exhibition hall robot",
                "app_id": "e1xxxecf",
                "app_type": 1,
                "create_time": "2023-09-01T06:34:21Z",
                "update_time": "2023-09-01T06:34:21Z",
                "language": "CN",
                "tail_silence_time": 500,
                "enable_hot_words": False,
                "enable_question_audit": True,
            }
        ],
    }


@pytest.mark.parametrize(
    ("app_type", "name", "config", "flat"),
    [
        (
            0,
            "iflytek_aiui_config",
            {"app_id": "a", "app_key": "k", "api_secret": "s1", "is_production": True},
            {"app_id": "a", "app_key": "k", "is_ifly_production": True},
        ),
        (
            1,
            "huawei_ei_cbs",
            {"app_id": "a", "region": 0, "cbs_project_id": "c", "sis_region": 32, "sis_project_id": "p"},
            {"app_id": "a", "region": 0, "cbs_project_id": "c", "sis_region": 32, "sis_project_id": "p"},
        ),
        (2, "iflytek_spark", {"app_id": "a", "app_key": "k", "api_secret": "s1"}, {"app_id": "a", "app_key": "k"}),
        (
            6,
            "third_party_model_config",
            {"llm_url": "https://x", "asr_type": "MOBVOI", "asr_account": "acc", "asr_secret": "s1", "app_key": "k"},
            {
                "llm_url": "https://x",
                "asr_type": "MOBVOI",
                "asr_account": "acc",
                "app_key": "k",
                "is_stream": False,
                "chat_rounds": 1,
            },
        ),
        (
            7,
            "wise_brain_config",
            {"role_id": "r", "enable_hot_words": True},
            {"role_id": "r", "enable_hot_words": True},
        ),
        (
            8,
            "mobvoi_config",
            {"app_key": "k", "app_secret": "s1", "role_id": "r", "enable_hot_words": True},
            {"app_key": "k", "role_id": "r", "enable_hot_words": True},
        ),
        (5, "wise_brain_config", {"role_id": "r"}, {}),
    ],
)
async def test_s4_flat_fields_of_every_type_and_no_secret(
    house: Any, app_type: int, name: str, config: dict[str, Any], flat: dict[str, Any]
) -> None:
    robot_id = await _robot(house, app_type=app_type, **{name: config})
    listed = (await house.call("GET", house.robots)).json()["data"][0]
    assert listed.pop("robot_id") == robot_id
    base = {"name": "a robot", "app_type": app_type, "tail_silence_time": 500}
    assert {k: v for k, v in listed.items() if not k.endswith("_time") or k == "tail_silence_time"} == {**base, **flat}
    shown = (await house.call("GET", f"{house.robots}/{robot_id}")).text
    assert '"s1"' not in shown
    assert b'"s1"' not in (house.settings.data / "visavis.db-wal").read_bytes()


async def test_s4_filters_and_paging_echo(house: Any) -> None:
    live = await _robot(house, name="live", robot_type="LIVE", room_id="room-1")
    await _robot(house, name="chat", robot_type="CHAT")

    async def found(**query: Any) -> list[str]:
        answer = (await house.call("GET", house.robots, params=query)).json()
        assert answer["count"] == len(answer["data"])
        return [r["name"] for r in answer["data"]]

    assert await found(robot_type="LIVE") == ["live"]
    assert await found(robot_type="CHAT") == ["chat", "Sara's knowledge"]
    assert await found(room_id="room-1") == ["live"]
    assert await found(room_id="room-1", robot_type="CHAT") == []
    assert await found(room_id=house.demo.room_id) == ["Sara's knowledge"]
    answer = (await house.call("GET", house.robots, params={"offset": 7, "limit": 100})).json()
    assert answer == {"offset": 7, "limit": 100, "count": 3, "data": []}
    assert (await house.call("POST", f"{house.robots}/delete", json=[live])).status_code == 200


# the same bodies of errors everywhere


@pytest.mark.parametrize("path", ["rooms", "robots", "jobs"])
async def test_every_seed_refuses_the_unknown_caller(house: Any, path: str) -> None:
    url = house.jobs() if path == "jobs" else getattr(house, path)
    for method in ("GET", "POST"):
        answer = await house.client.request(method, url)
        assert answer.status_code == 401
        assert answer.json() == {"error_code": "MSS.00000001", "error_msg": "Unauthorized"}
