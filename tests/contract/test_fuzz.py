"""Whatever JSON arrives, the answer is never a 500."""

from __future__ import annotations

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visavis.control.robots.schemas import CreateRobot
from visavis.control.rooms.schemas import CreateRoom

ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["CN", "EN", "COLOR", "IMAGE", "CONCURRENCY", "HUB", "CHAT", "\0", "‮", "😀"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _named(model: Any, must: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = st.dictionaries(st.sampled_from(sorted(model.model_fields)), ANY, max_size=5)
    return fields.map(lambda found: {**must, **found})


def _answers(http: httpx.Client, method: str, url: str, body: Any) -> None:
    answer = http.request(method, url, content=json.dumps(body))
    assert answer.status_code in (200, 202, 400), answer.text
    if answer.status_code == 400:
        assert set(answer.json()) == {"error_code", "error_msg"}


RELAXED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@RELAXED
@given(body=ANY | _named(CreateRoom, {"room_name": "x"}))
def test_rooms(served: Any, http: httpx.Client, body: Any) -> None:
    _answers(http, "POST", "smart-chat-rooms", body)
    _answers(http, "PUT", f"smart-chat-rooms/{served.demo.room_id}", body)


@RELAXED
@given(body=ANY | _named(CreateRobot, {"name": "x", "app_type": 6}))
def test_robots(served: Any, http: httpx.Client, body: Any) -> None:
    _answers(http, "POST", "digital-human-chat/robot", body)
    _answers(http, "PUT", f"digital-human-chat/robot/{served.demo.robot_id}", body)
    _answers(http, "POST", "digital-human-chat/robot/delete", body)


@RELAXED
@given(body=ANY, query=st.text(max_size=12))
def test_jobs_and_queries(served: Any, http: httpx.Client, body: Any, query: str) -> None:
    room = served.demo.room_id
    _answers(http, "POST", f"smart-chat-rooms/{room}/smart-chat-jobs", body)
    _answers(http, "POST", f"digital-human-chat/smart-chat-rooms/{room}/smart-chat-jobs?robot_id=x", body)
    for name in ("room_name", "model_name", "start_time", "offset", "limit"):
        answer = http.get("smart-chat-rooms", params={name: query})
        assert answer.status_code in (200, 400), answer.text


@RELAXED
@given(body=ANY, text=st.text(max_size=20), method=st.sampled_from(["password", "token", "hw_ak_sk"]))
def test_tokens(served: Any, body: Any, text: str, method: str) -> None:
    shapes = {
        "password": {"user": {"name": text, "password": text, "domain": {"name": text}}},
        "token": {"id": text},
        "hw_ak_sk": {"access": {"key": text}, "secret": {"key": text}},
    }
    asked = [body, {"auth": body}, {"auth": {"identity": body}}]
    if method != "password":  # each of those costs an argon2 hash
        asked.append({"auth": {"identity": {"methods": [method], method: shapes[method]}}})
    for auth in asked:
        answer = httpx.post(f"{served.endpoint}/v3/auth/tokens", content=json.dumps(auth))
        assert answer.status_code in (400, 401), answer.text
