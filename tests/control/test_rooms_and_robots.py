"""What updating keeps and replaces, and how settings become pictures, boxes and voices."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from visavis.control.jobs.spec import background, drawn_size, picture_size, subtitle_box


async def _robot(house: Any, **fields: Any) -> str:
    answer = await house.call("POST", house.robots, json={"name": "a robot", "app_type": 6, **fields})
    return str(answer.json()["robot_id"])


async def test_updating_a_robot_keeps_what_it_does_not_name(house: Any) -> None:
    config = {"app_key": "key", "llm_url": "https://a.example.test", "asr_secret": "hidden"}
    robot_id = await _robot(house, language="EN", third_party_model_config=config)
    url = f"{house.robots}/{robot_id}"
    before = (await house.call("GET", url)).json()
    assert (await house.call("PUT", url, json={})).status_code == 200
    after = (await house.call("GET", url)).json()
    assert {**after, "update_time": ""} == {**before, "update_time": ""}
    await house.call("PUT", url, json={"third_party_model_config": {"llm_url": "https://b.example.test"}})
    after = (await house.call("GET", url)).json()
    assert (after["llm_url"], after["app_key"], after["language"]) == ("https://b.example.test", "key", "EN")
    await house.call("PUT", url, json={"third_party_model_config": {"app_key": "new"}, "tail_silence_time": None})
    after = (await house.call("GET", url)).json()
    assert (after["app_key"], "llm_url" in after, after["tail_silence_time"]) == ("new", False, 500)


async def test_a_robot_that_changes_its_type_shows_the_new_types_fields(house: Any) -> None:
    robot_id = await _robot(house, third_party_model_config={"app_id": "llm", "app_key": "key"})
    url = f"{house.robots}/{robot_id}"
    await house.call("PUT", url, json={"app_type": 8, "mobvoi_config": {"app_key": "mob", "role_id": "r"}})
    after = (await house.call("GET", url)).json()
    assert (after["app_type"], after["app_key"], after["role_id"], "app_id" in after) == (8, "mob", "r", False)
    await house.call("PUT", url, json={"app_type": 6})
    assert (await house.call("GET", url)).json()["app_key"] == "key"


async def test_app_key_is_masked_where_the_setting_says_so(house: Any) -> None:
    from visavis.control.plane import sealer_of
    from visavis.control.robots.service import RobotService

    robot_id = await _robot(house, third_party_model_config={"app_key": "key"})
    masked = RobotService(house.db, sealer_of(house.settings), mask_app_key=True)
    assert (await masked.show(house.demo.project_id, robot_id))["app_key"] == "******"


async def test_a_room_of_a_deleted_robot_says_so_at_its_start(house: Any) -> None:
    robot_id = await _robot(house)
    body = {"room_name": "r", "robot_id": robot_id, "concurrency": 1}
    room_id = (await house.call("POST", house.rooms, json=body)).json()["room_id"]
    await house.call("POST", f"{house.robots}/delete", json=[robot_id])
    answer = await house.call("POST", house.jobs(room_id))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.47010034")


async def test_updating_a_room_replaces_whole_objects_only(house: Any) -> None:
    url = f"{house.rooms}/{house.demo.room_id}"
    voice = {"voice_asset_id": house.demo.voice_asset_id, "speed": 90}
    answer = await house.call("PUT", url, json={"voice_config": voice, "default_language": "EN"})
    assert [(v["speed"], v["language"]) for v in answer.json()["voice_config_list"]] == [(90, "EN")]
    assert answer.json()["concurrency"] == 5
    layers = [{"layer_type": "IMAGE", "position": {"dx": 0, "dy": 1, "layer_index": 2}}]
    more = {
        "background_config": {"background_type": "COLOR", "background_color_config": "#AABBCC"},
        "layer_config": layers,
        "review_config": {"no_need_review": True},
        "chat_resource_config": [{"resource_id": "r", "count_resource": 1}],
    }
    answer = await house.call("PUT", url, json=more)
    shown = (await house.call("GET", url)).json()
    assert answer.json() == shown
    assert {key: shown[key] for key in more} == more
    switched = await house.call("PUT", url, json={"reuse_resource": True})
    assert switched.json()["reuse_resource"] is True
    assert (await house.call("PUT", url, json={"billing_mode": "CLIENT"})).status_code == 400


async def test_a_room_without_voices_or_avatar_gets_the_systems(house: Any) -> None:
    for language, voice in {"CN": "cmn", "fr": "fr", "Thai": "en-us"}.items():
        body = {
            "room_name": f"bare {language}",
            "robot_id": house.demo.robot_id,
            "concurrency": 1,
            "default_language": language,
        }
        room_id = (await house.call("POST", house.rooms, json=body)).json()["room_id"]
        started = (await house.call("POST", house.jobs(room_id))).json()
        (spec,) = await house.plane.ledger.claim("w", "", 4.0)
        assert (spec.avatar, spec.voices[0].name) == ("sara", voice)
        spoken = "EN" if language == "Thai" else language
        assert (started["language"], started["default_language"]) == (spoken, language)


def _room(**fields: Any) -> Any:
    nothing = {"video_config": None, "chat_video_type": None, "chat_subtitle_config": None, "background_config": None}
    return SimpleNamespace(**{**nothing, **fields})


@pytest.mark.parametrize(
    ("fields", "shown", "drawn"),
    [
        ({}, (720, 1280), (720, 1280)),
        ({"chat_video_type": "MOBILE"}, (720, 1280), (720, 1280)),
        ({"chat_video_type": "HUB"}, (720, 1280), (720, 1280)),
        ({"chat_video_type": "COMPUTER"}, (1280, 720), (1280, 720)),
        ({"video_config": {"width": 1080, "height": 1920}}, (1080, 1920), (1080, 1920)),
        ({"video_config": {"width": 0, "height": 1920}}, (720, 1280), (720, 1280)),
        ({"video_config": {"width": 101, "height": 3840}}, (101, 3840), (320, 2560)),
        ({"video_config": {"width": 721, "height": 1281}}, (721, 1281), (720, 1280)),
    ],
)
def test_picture_sizes(fields: dict[str, Any], shown: tuple[int, int], drawn: tuple[int, int]) -> None:
    assert picture_size(_room(**fields)) == shown
    assert drawn_size(*shown) == drawn


@pytest.mark.parametrize(("size", "canvas"), [((1280, 720), (1920, 1080)), ((720, 1280), (1080, 1920))])
def test_default_subtitle_box_lies_at_the_foot_of_its_canvas(size: tuple[int, int], canvas: tuple[int, int]) -> None:
    box = subtitle_box(_room(), *size)
    assert box.dx * 2 + box.width == canvas[0]
    assert canvas[1] * 0.75 < box.dy < box.dy + box.height < canvas[1]
    assert subtitle_box(_room(chat_subtitle_config={"dy": 5}), *size).dy == 5


@pytest.mark.parametrize(
    ("config", "colour"),
    [
        (None, ""),
        ({"background_type": "COLOR", "background_color_config": "#AaBbCc"}, "#aabbcc"),
        ({"background_type": "COLOR", "background_color_config": "red"}, ""),
        ({"background_type": "COLOR"}, ""),
        ({"background_type": "IMAGE", "background_color_config": "#AaBbCc"}, ""),
    ],
)
def test_background_colours(config: Any, colour: str) -> None:
    assert background(_room(background_config=config)) == colour
