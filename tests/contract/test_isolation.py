"""Another project sees nothing: for every operation that names something."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

ROOMS, ROBOTS = "smart-chat-rooms", "digital-human-chat/robot"
_names = (f"mine {n}" for n in itertools.count())


@pytest.fixture(scope="module")
def other(served: Any) -> Any:
    """A client of another project of the same domain."""
    project_id, access_key, secret_key = served.new_project("other")
    with served.token_client(project_id, access_key, secret_key) as client:
        yield client


@pytest.fixture(scope="module")
def mine(served: Any, http: httpx.Client) -> dict[str, str]:
    robot = http.post(ROBOTS, json={"name": next(_names), "app_type": 7}).json()["robot_id"]
    body = {"room_name": next(_names), "robot_id": robot, "concurrency": 2}
    room = http.post(ROOMS, json=body).json()["room_id"]
    job = http.post(f"{ROOMS}/{room}/smart-chat-jobs").json()["job_id"]
    return {"room": room, "robot": robot, "job": job}


def _urls(ids: dict[str, str]) -> list[tuple[str, str, Any, str]]:
    long, short = "digital-human-chat/smart-chat-rooms", ROOMS
    room, robot, job = ids["room"], ids["robot"], ids["job"]
    return [
        ("GET", f"{ROOMS}/{room}", None, "MSS.20010045"),
        ("PUT", f"{ROOMS}/{room}", {"room_name": "stolen"}, "MSS.20010045"),
        ("DELETE", f"{ROOMS}/{room}", None, "MSS.20010045"),
        ("GET", f"{ROBOTS}/{robot}", None, "MSS.47010034"),
        ("PUT", f"{ROBOTS}/{robot}", {"name": "stolen"}, "MSS.47010034"),
        ("POST", f"{ROBOTS}/delete", [robot], "MSS.47010034"),
        ("POST", ROOMS, {"room_name": "theirs", "robot_id": robot}, "MSS.47010034"),
        ("POST", f"{long}/{room}/smart-chat-jobs?robot_id={robot}", None, "MSS.20010045"),
        *[
            call
            for prefix in (long, short)
            for call in (
                ("GET", f"{prefix}/{room}/smart-chat-jobs", None, "MSS.20010045"),
                ("GET", f"{prefix}/{room}/smart-chat-jobs/{job}/state", None, "MSS.20010045"),
                ("POST", f"{prefix}/{room}/smart-chat-jobs/{job}/stop", None, "MSS.20010045"),
            )
        ],
        ("POST", f"{short}/{room}/smart-chat-jobs", None, "MSS.20010045"),
    ]


@pytest.mark.parametrize("index", range(15))
def test_nothing_is_shown_changed_or_taken(
    http: httpx.Client, other: httpx.Client, mine: dict[str, str], index: int
) -> None:
    calls = _urls(mine)
    assert len(calls) == 15
    method, url, body, code = calls[index]
    answer = other.request(method, url, json=body) if body is not None else other.request(method, url)
    assert (answer.status_code, answer.json()["error_code"]) == (400, code)
    assert http.get(f"{ROOMS}/{mine['room']}").json()["room_name"].startswith("mine")
    assert http.get(f"{ROBOTS}/{mine['robot']}").json()["name"].startswith("mine")
    state = http.get(f"{ROOMS}/{mine['room']}/smart-chat-jobs/{mine['job']}/state").json()["state"]
    assert state == "WAITING"


def test_lists_are_empty(other: httpx.Client, mine: dict[str, str]) -> None:
    rooms = other.get(ROOMS).json()
    assert rooms["count"] == rooms["count_concurrency"] == 0
    assert rooms["smart_chat_rooms"] == []
    for query in ("", f"?room_id={mine['room']}"):
        assert other.get(f"{ROBOTS}{query}").json()["count"] == 0


def test_a_job_is_found_under_its_own_room_alone(http: httpx.Client, served: Any, mine: dict[str, str]) -> None:
    answer = http.get(f"{ROOMS}/{served.demo.room_id}/smart-chat-jobs/{mine['job']}/state")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010074")
    answer = http.post(f"{ROOMS}/{served.demo.room_id}/smart-chat-jobs/{mine['job']}/stop")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "MSS.20010074")


def test_names_are_free_in_another_project(other: httpx.Client) -> None:
    room = other.post(ROOMS, json={"room_name": "Exhibition hall with Sara"})
    robot = other.post(ROBOTS, json={"name": "Sara's knowledge", "app_type": 7})
    assert (room.status_code, robot.status_code) == (200, 200)
    assert other.delete(f"{ROOMS}/{room.json()['room_id']}").status_code == 200
    assert other.post(f"{ROBOTS}/delete", json=[robot.json()["robot_id"]]).status_code == 200


def test_a_deletion_of_mine_and_anothers_deletes_neither(
    http: httpx.Client, other: httpx.Client, mine: dict[str, str]
) -> None:
    theirs = other.post(ROBOTS, json={"name": "theirs", "app_type": 7}).json()["robot_id"]
    answer = other.post(f"{ROBOTS}/delete", json=[theirs, mine["robot"]])
    assert answer.status_code == 400
    assert other.get(f"{ROBOTS}/{theirs}").status_code == 200
    assert http.get(f"{ROBOTS}/{mine['robot']}").status_code == 200


def test_anothers_path_is_forbidden(served: Any, http: httpx.Client, other: httpx.Client) -> None:
    for url in (ROOMS, ROBOTS):
        answer = http.get(f"{other.base_url}{url}")
        assert (answer.status_code, answer.json()["error_code"]) == (403, "MSS.47010009")
