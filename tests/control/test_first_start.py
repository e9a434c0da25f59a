"""The first start, the open room, and what changes at the second."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from visavis.control.first_start import write_private
from visavis.control.plane import build
from visavis.core.knowledge import Knowledge
from visavis.rest import manners
from visavis.settings import Settings

KEYS = [
    "endpoint",
    "project_id",
    "access_key",
    "secret_key",
    "domain_name",
    "user_name",
    "password",
    "room_id",
    "robot_id",
    "model_asset_id",
    "voice_asset_id",
]


def _file(house: Any) -> Path:
    return Path(house.settings.data / "demo.json")


async def test_demo_account_is_written_for_its_owner_alone(house: Any) -> None:
    path = _file(house)
    assert path.stat().st_mode & 0o777 == 0o600
    content = json.loads(path.read_text())
    assert list(content) == KEYS
    assert content["endpoint"] == "https://avatar.example.test:8443"
    assert {key: getattr(house.demo, key) for key in KEYS} == content
    assert content["secret_key"] not in repr(house.demo)
    assert content["password"] not in repr(house.demo)
    assert sorted(p.name for p in path.parent.iterdir() if p.name.startswith(".")) == []


async def test_second_start_makes_nothing_and_keeps_the_account(house: Any) -> None:
    before = _file(house).read_bytes()
    assert await house.plane.first_start.run() is None
    assert _file(house).read_bytes() == before
    assert (await house.call("GET", house.rooms)).json()["count"] == 1
    assert (await house.call("GET", "/v3/projects")).json()["projects"][0]["name"] == "demo"


async def test_another_port_is_written_down(house: Any) -> None:
    moved = Settings(data=house.settings.data, port=9999)
    assert await build(house.db, moved, box=house.box, talks=house.talks).first_start.run() is None
    content = json.loads(_file(house).read_text())
    assert content["endpoint"] == "http://127.0.0.1:9999"
    assert content["secret_key"] == house.demo.secret_key
    assert _file(house).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [None, "", "{}", "[]", "nonsense", '{"endpoint": 1}'])
async def test_an_account_file_the_owner_changed_or_took_away_is_left_alone(house: Any, content: str | None) -> None:
    path = _file(house)
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert await house.plane.first_start.run() is None
    assert (path.read_text() if path.exists() else None) == content


async def test_rtc_key_is_the_same_at_every_start(house: Any) -> None:
    again = build(house.db, house.settings, box=house.box, talks=house.talks)
    key = await house.plane.installation.rtc()
    assert await again.installation.rtc() == key
    assert len(key.app_key) == 64
    assert key.app_key not in repr(key)


def test_a_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        write_private(tmp_path / "deep" / "secret", b"1")
        write_private(tmp_path / "deep" / "secret", b"2")
    finally:
        os.umask(old)
    assert (tmp_path / "deep" / "secret").read_bytes() == b"2"
    assert (tmp_path / "deep" / "secret").stat().st_mode & 0o777 == 0o600


async def test_demo_knowledge_answers_in_six_languages(house: Any) -> None:
    await house.client.post("/v1/open-room/jobs")
    (spec,) = await house.plane.ledger.claim("w", "", 4.0)
    knowledge = Knowledge.read(house.settings.data / "blobs" / spec.knowledge)
    assert knowledge.digest == spec.knowledge
    by_language: dict[str, int] = {}
    for entry in knowledge.entries:
        by_language[entry.language] = by_language.get(entry.language, 0) + 1
        assert 2 <= len(entry.questions) <= 4
        assert len(set(entry.questions)) == len(entry.questions)
        assert 1 <= len([s for s in entry.answer.replace("。", ".").replace("！", "!").split(".") if s.strip()]) <= 4
    assert by_language["EN"] >= 12
    assert by_language["CN"] >= 12
    assert set(by_language) == {"EN", "CN", "ESP", "por", "Arabic", "fr"}
    questions = [q for entry in knowledge.entries for q in entry.questions]
    assert len(set(questions)) == len(questions)


async def test_open_room_shows_what_the_page_checks_first(house: Any) -> None:
    shown = (await house.client.get("/v1/open-room")).json()
    assert shown["room_name"] == "Exhibition hall with Sara"
    assert [language["code"] for language in shown["languages"]] == ["EN", "CN", "ESP", "por", "Arabic", "fr"]
    assert shown["languages"][1] == {"code": "CN", "tag": "zh-CN", "name": "中文"}
    assert (shown["default_language"], shown["quota_free"], shown["capacity_free"]) == ("EN", 5, True)
    assert (shown["video_config"], len(shown["hot_questions"])) == ({"width": 720, "height": 1280}, 4)
    assert shown["hot_questions"][0] == "When are you open?"
    chinese = (await house.client.get("/v1/open-room?language=CN")).json()
    assert chinese["hot_questions"][0] == "你们几点开门？"
    house.box.full = True
    for _ in range(2):
        await house.client.post("/v1/open-room/jobs")
    full = (await house.client.get("/v1/open-room")).json()
    assert (full["quota_free"], full["capacity_free"]) == (5, False)


async def test_open_room_starts_without_a_credential_within_quota(house: Any) -> None:
    started = await house.client.post("/v1/open-room/jobs", json={"language": "CN", "client_id": "tab 1"})
    assert started.status_code == 202
    body = started.json()
    assert (body["language"], body["ice_servers"]) == ("CN", [{"urls": ["turn:turn.example.test"]}])
    assert body["rtc_room_info"]["users"][0]["user_type"] == "END_USER"
    (spec,) = await house.plane.ledger.claim("w", "", 4.0)
    assert (spec.talk.language, spec.languages[0], spec.voices[0].language) == ("CN", "CN", "EN")
    assert spec.welcome[0].startswith("您好")
    for _ in range(4):
        assert (await house.client.post("/v1/open-room/jobs")).status_code == 202
    refused = await house.client.post("/v1/open-room/jobs", content="null")
    assert (refused.status_code, refused.json()["error_code"]) == (400, "MSS.20010135")


@pytest.mark.parametrize("body", [{"language": "Thai"}, {"language": "xx"}, {"client_id": 7}, []])
async def test_open_room_refuses_bad_wishes(house: Any, body: Any) -> None:
    answer = await house.client.post("/v1/open-room/jobs", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.00000003")


async def test_open_room_can_be_closed(house: Any) -> None:
    closed = Settings(data=house.settings.data, open_room=False)
    plane = build(house.db, closed, box=house.box, talks=house.talks)
    app = FastAPI()
    for router in plane.routers:
        app.include_router(router)
    manners.install(app, plane.authenticator)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        for answer in (await client.get("/v1/open-room"), await client.post("/v1/open-room/jobs")):
            assert (answer.status_code, answer.json()["error_code"]) == (403, "MSS.47010009")


async def test_open_room_of_a_deleted_demo_room_says_so(house: Any) -> None:
    await house.call("DELETE", f"{house.rooms}/{house.demo.room_id}")
    for answer in (await house.client.get("/v1/open-room"), await house.client.post("/v1/open-room/jobs")):
        assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010045")
