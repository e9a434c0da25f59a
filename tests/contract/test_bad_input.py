"""Every documented range and enumeration, from both sides: the last good value passes, the first bad one is a 400."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

ROOMS, ROBOTS = "smart-chat-rooms", "digital-human-chat/robot"
JOBS = {
    "short": "smart-chat-rooms/{room}/smart-chat-jobs",
    "long": "digital-human-chat/smart-chat-rooms/{room}/smart-chat-jobs",
}
_names = (f"name {n}" for n in itertools.count())

PAGING = ["offset=-1", "offset=2147483648", "offset=x", "offset=1.5", "limit=0", "limit=101", "limit=-1", "limit=x"]

BAD_ROOMS: list[dict[str, Any]] = [
    {},
    {"room_name": None},
    {"room_name": ""},
    {"room_name": "  "},
    {"room_name": 7},
    {"room_name": "a\nb"},
    {"room_name": "x" * 257},
    {"room_description": 7},
    {"concurrency": -1},
    {"concurrency": 1025},
    {"concurrency": "5"},
    {"concurrency": 1.5},
    {"concurrency": True},
    {"client_nums": -1},
    {"client_nums": 1025},
    {"billing_mode": "FREE"},
    {"billing_mode": "concurrency"},
    {"reuse_resource": "yes"},
    {"reuse_resource": True, "billing_mode": "CLIENT"},
    {"reuse_resource": True, "billing_mode": "CLIENT_TOKENS"},
    {"default_language": "Klingon"},
    {"default_language": "en"},
    {"exit_mute_threshold": -1},
    {"exit_mute_threshold": 1441},
    {"chat_video_type": "TABLET"},
    {"enable_semantic_action": 1},
    {"voice_config": {}},
    {"voice_config": {"voice_asset_id": ""}},
    {"voice_config": {"voice_asset_id": "x" * 257}},
    {"voice_config_list": {}},
    {"voice_config_list": [{}]},
    *[{"voice_config_list": [{"voice_asset_id": "VOICE", "speed": speed}]} for speed in (49, 201, "100")],
    *[{"voice_config_list": [{"voice_asset_id": "VOICE", "pitch": pitch}]} for pitch in (49, 201)],
    *[{"voice_config_list": [{"voice_asset_id": "VOICE", "volume": volume}]} for volume in (89, 241)],
    {"voice_config_list": [{"voice_asset_id": "VOICE", "provider": "ACME"}]},
    {"voice_config_list": [{"voice_asset_id": "VOICE", "language": "xx"}]},
    {"voice_config_list": [{"voice_asset_id": "VOICE"}, {"voice_asset_id": "VOICE", "language": "CN"}]},
    {"video_config": {"width": 1080, "height": 1920}},
    {"video_config": {"bitrate": 1, "width": -1, "height": 1920}},
    {"video_config": {"bitrate": 1, "width": 3841, "height": 1920}},
    {"video_config": {"bitrate": 1, "width": 1080, "height": 3841}},
    {"video_config": {"bitrate": 1, "width": 1080, "height": 1920, "codec": "AV1"}},
    {"video_config": {"bitrate": 1, "width": 1080, "height": 1920, "clip_mode": "ZOOM"}},
    {"chat_subtitle_config": {"dx": -1}},
    {"chat_subtitle_config": {"dx": 1921}},
    {"chat_subtitle_config": {"dy": 1921}},
    {"chat_subtitle_config": {"width": 0}},
    {"chat_subtitle_config": {"width": 7681}},
    {"chat_subtitle_config": {"height": 0}},
    {"chat_subtitle_config": {"height": 7681}},
    {"background_config": {}},
    {"background_config": {"background_type": "VIDEO"}},
    {"background_config": {"background_type": "COLOR", "background_color_config": "x" * 17}},
    {"layer_config": [{"layer_type": "SOUND"}]},
    {"layer_config": [{"layer_type": "IMAGE", "rotation": {"angle": 361}}]},
    {"layer_config": [{"layer_type": "IMAGE", "position": {"dx": 1}}]},
]

GOOD_ROOMS: list[dict[str, Any]] = [
    {"concurrency": 0},
    {"concurrency": 1024, "client_nums": 1024, "exit_mute_threshold": 1440},
    {"exit_mute_threshold": 0, "client_nums": 0},
    {"room_name": "x" * 256},
    {"chat_video_type": "hUb"},
    {"default_language": "fr"},
    {"default_language": "zh_CN"},
    {"voice_config_list": []},
    {"voice_config_list": [{"voice_asset_id": "VOICE", "speed": 50, "pitch": 50, "volume": 90}]},
    {"voice_config_list": [{"voice_asset_id": "VOICE", "speed": 200, "pitch": 200, "volume": 240, "language": "Thai"}]},
    {"video_config": {"bitrate": 1, "width": 0, "height": 3840}},
    {"chat_subtitle_config": {"dx": 0, "dy": 0, "width": 1, "height": 1}},
    {"chat_subtitle_config": {"dx": 1920, "dy": 1920, "width": 7680, "height": 7680}},
    {"a_field_of_tomorrow": {"x": 1}},
]

BAD_ROBOTS: list[dict[str, Any]] = [
    {"app_type": 7},
    {"name": "x"},
    {"name": "", "app_type": 7},
    {"name": " ", "app_type": 7},
    {"name": 7, "app_type": 7},
    *[{"app_type": kind} for kind in (-1, 33, 3, "7", 7.0, True, None)],
    {"language": "de"},
    {"robot_type": "BOTH"},
    {"robot_type": "chat"},
    *[{"tail_silence_time": ms} for ms in (-1, 3001, "500")],
    {"enable_question_audit": "true"},
    {"huawei_ei_cbs": {"region": 33}},
    {"huawei_ei_cbs": {"sis_region": -1}},
    {"third_party_model_config": {"chat_rounds": 0}},
    {"third_party_model_config": {"chat_rounds": 11}},
    {"third_party_model_config": {"asr_type": "WHISPER"}},
    {"third_party_model_config": {"is_stream": 1}},
    {"wise_brain_config": []},
]

GOOD_ROBOTS: list[dict[str, Any]] = [
    *[{"app_type": kind} for kind in (0, 1, 2, 5, 6, 7, 8)],
    *[{"language": code} for code in ("zh_CN", "en_US", "CN", "EN", "ESP", "por", "Arabic", "Thai", "fr")],
    {"tail_silence_time": 0},
    {"tail_silence_time": 3000},
    {"third_party_model_config": {"chat_rounds": 10}},
]

BAD_STARTS: list[str] = [
    "[]",
    "7",
    '"x"',
    "{",
    '{"region": "mars-1"}',
    '{"region": 0}',
    '{"room_type": "rtc"}',
    '{"room_type": "SIP"}',
    '{"client_id": 7}',
    '{"client_id": "%s"}' % ("x" * 257),
]


def _filled(served: Any, body: dict[str, Any], **defaults: Any) -> str:
    import json

    return json.dumps({**defaults, **body}).replace('"VOICE"', f'"{served.demo.voice_asset_id}"')


def _is_bad(answer: httpx.Response) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["error_code"] == "MSS.00000003"
    assert answer.json()["error_msg"].startswith("Invalid parameter: ")
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("query", PAGING)
@pytest.mark.parametrize("path", [ROOMS, ROBOTS, *JOBS.values()])
def test_paging(served: Any, http: httpx.Client, path: str, query: str) -> None:
    _is_bad(http.get(f"{path.format(room=served.demo.room_id)}?{query}"))


@pytest.mark.parametrize(
    "url",
    [
        f"{ROOMS}?start_time=yesterday",
        f"{ROOMS}?end_time=2022-11-30",
        f"{ROOMS}?start_time=",
        f"{ROOMS}?room_name={'x' * 1025}",
        f"{ROOMS}?room_name=%00",
        f"{ROBOTS}?robot_type=BOTH",
        f"{ROBOTS}?robot_type=",
        f"{ROOMS}/{'x' * 65}",
        f"{ROOMS}/%00",
        f"{ROBOTS}/a%20b",
    ],
)
def test_queries_and_paths(http: httpx.Client, url: str) -> None:
    _is_bad(http.get(url))


@pytest.mark.parametrize("body", BAD_ROOMS, ids=str)
def test_bad_rooms(served: Any, http: httpx.Client, body: dict[str, Any]) -> None:
    defaults = {} if not body else {"room_name": next(_names)}
    _is_bad(http.post(ROOMS, content=_filled(served, body, **defaults)))


@pytest.mark.parametrize("body", [b for b in BAD_ROOMS if b and b != {"room_name": None}], ids=str)
def test_bad_updates_change_nothing(served: Any, http: httpx.Client, body: dict[str, Any]) -> None:
    url = f"{ROOMS}/{served.demo.room_id}"
    before = http.get(url).json()
    _is_bad(http.put(url, content=_filled(served, body)))
    assert http.get(url).json() == before


@pytest.mark.parametrize("body", GOOD_ROOMS, ids=str)
def test_good_rooms(served: Any, http: httpx.Client, body: dict[str, Any]) -> None:
    answer = http.post(ROOMS, content=_filled(served, body, room_name=next(_names)))
    assert answer.status_code == 200, answer.text
    assert http.delete(f"{ROOMS}/{answer.json()['room_id']}").status_code == 200


@pytest.mark.parametrize("body", BAD_ROBOTS, ids=str)
def test_bad_robots(served: Any, http: httpx.Client, body: dict[str, Any]) -> None:
    bare = set(body) in ({"app_type"}, {"name"}) and body in ({"app_type": 7}, {"name": "x"})
    _is_bad(http.post(ROBOTS, content=_filled(served, body, **({} if bare else {"name": next(_names), "app_type": 6}))))


@pytest.mark.parametrize("body", GOOD_ROBOTS, ids=str)
def test_good_robots(served: Any, http: httpx.Client, body: dict[str, Any]) -> None:
    answer = http.post(ROBOTS, content=_filled(served, body, name=next(_names), app_type=6))
    assert answer.status_code == 200, answer.text
    assert http.post(f"{ROBOTS}/delete", json=[answer.json()["robot_id"]]).status_code == 200


@pytest.mark.parametrize(
    "body", ["", "null", "{}", '"x"', "[]", "[7]", '["x"', '[["x"]]', str(["x"] * 101).replace("'", '"')]
)
def test_bad_deletions(http: httpx.Client, body: str) -> None:
    _is_bad(http.post(f"{ROBOTS}/delete", content=body))


@pytest.mark.parametrize("body", BAD_STARTS)
def test_bad_starts(served: Any, http: httpx.Client, body: str) -> None:
    _is_bad(http.post(JOBS["short"].format(room=served.demo.room_id), content=body))


@pytest.mark.parametrize("extend", ['"not json"', '"[]"', "7", '"{"'])
def test_bad_extend_param(served: Any, http: httpx.Client, extend: str) -> None:
    url = f"{JOBS['long'].format(room=served.demo.room_id)}?robot_id={served.demo.robot_id}"
    _is_bad(http.post(url, content=f'{{"extend_param": {extend}}}'))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("model_asset_id", "unheard-of", "MSS.20010047"),
        ("model_asset_id", "VOICE", "MSS.20010047"),
        ("robot_id", "unheard-of", "MSS.47010034"),
        ("voice_config", {"voice_asset_id": "unheard-of"}, "MSS.20010047"),
        ("voice_config_list", [{"voice_asset_id": "unheard-of"}], "MSS.20010047"),
    ],
)
def test_references_must_exist(served: Any, http: httpx.Client, field: str, value: Any, code: str) -> None:
    answer = http.post(ROOMS, content=_filled(served, {field: value}, room_name=next(_names)))
    assert (answer.status_code, answer.json()["error_code"]) == (400, code)
    assert http.put(f"{ROOMS}/{served.demo.room_id}", content=_filled(served, {field: value})).status_code == 400


def test_names_are_unique_in_the_project(served: Any, http: httpx.Client) -> None:
    answer = http.post(ROOMS, json={"room_name": "Exhibition hall with Sara"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010148")
    answer = http.post(ROBOTS, json={"name": "Sara's knowledge", "app_type": 7})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.47010033")
    room_id = http.post(ROOMS, json={"room_name": next(_names)}).json()["room_id"]
    answer = http.put(f"{ROOMS}/{room_id}", json={"room_name": "Exhibition hall with Sara"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010148")
    robot_id = http.post(ROBOTS, json={"name": next(_names), "app_type": 7}).json()["robot_id"]
    answer = http.put(f"{ROBOTS}/{robot_id}", json={"name": "Sara's knowledge"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.47010033")


@pytest.mark.parametrize("header", ["用户", "a b", "x" * 65, ""])
@pytest.mark.parametrize("path", [ROOMS, ROBOTS])
def test_third_party_user(http: httpx.Client, path: str, header: str) -> None:
    _is_bad(http.get(path, headers={"X-App-UserId": header.encode()}))
