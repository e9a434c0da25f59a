"""Signalling over HTTP, with a dispatcher that tests steer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from visavis.core import entries
from visavis.core.errors import BoxFull, JobUnknown, MediaRefused, VisavisError, WorkerLost
from visavis.core.jobs import Command, Leave, Offer, Reply
from visavis.rest import manners
from visavis.rtc.endpoints import rtc_router

NOW = 1_800_000_000.0
JOB = "0b9d1f5a-4000-4000-8000-0123456789ab"
SDP = "v=0\r\n"


@dataclass(frozen=True)
class Key:
    app_id: str = "app01"
    app_key: str = "secret"


@dataclass
class Talks:
    """Answers commands; `failures` come first, raised or as a code."""

    sent: list[tuple[str, Command]] = field(default_factory=list)
    failures: list[VisavisError | Reply] = field(default_factory=list)

    async def send(self, job_id: str, command: Command) -> Reply:
        self.sent.append((job_id, command))
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Reply):
                return failure
            raise failure
        return Reply(value={"sdp": "v=0\r\nanswer", "session": "s1"}) if isinstance(command, Offer) else Reply()


@dataclass
class House:
    talks: Talks
    ice: list[dict[str, Any]]
    client: httpx.AsyncClient

    async def post(self, body: str | bytes = SDP, job: str = JOB, **headers: str) -> httpx.Response:
        given = {"Authorization": bearer(), "Content-Type": "application/sdp", **headers}
        return await self.client.post(f"/rtc/{job}/whip", content=body, headers={k: v for k, v in given.items() if v})


def bearer(user: str = "visitor-1", job: str = JOB, ctime: int = int(NOW) + 60, **change: str) -> str:
    signature = entries.sign("app01", "secret", job, user, ctime)
    parts = {"app": "app01", "job": job, "user": user, "ctime": str(ctime), "signature": signature, **change}
    return "Bearer " + ".".join(parts.values())


@pytest.fixture
async def house() -> AsyncIterator[House]:
    talks, ice = Talks(), []
    app = FastAPI()
    app.include_router(rtc_router(send=talks.send, key=Key, ice=lambda user, now: ice, now=lambda: NOW, patience=0.2))
    manners.install(app, None)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield House(talks, ice, client)


async def test_an_offer_is_answered(house: House) -> None:
    answer = await house.post()
    assert answer.status_code == 201
    assert answer.text == "v=0\r\nanswer"
    assert answer.headers["content-type"].startswith("application/sdp")
    assert answer.headers["location"] == f"/rtc/{JOB}/whip/s1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "link" not in answer.headers
    [(job, command)] = house.talks.sent
    assert job == JOB
    assert isinstance(command, Offer)
    assert (command.peer.user_type, command.peer.user_id, command.peer.sdp) == ("END_USER", "visitor-1", SDP)


@pytest.mark.parametrize(("user", "role"), [("visitor-a.b", "END_USER"), ("anna", "END_USER"), ("player-9", "PLAYER")])
async def test_the_user_id_tells_the_role(house: House, user: str, role: str) -> None:
    assert (await house.post(Authorization=bearer(user))).status_code == 201
    command = house.talks.sent[0][1]
    assert isinstance(command, Offer)
    assert (command.peer.user_id, command.peer.user_type) == (user, role)


async def test_relays_are_named_in_link_headers(house: House) -> None:
    house.ice += [
        {"urls": ["stun:s.example.org"]},
        {"urls": ["turn:t.example.org?transport=udp", "turns:t.example.org"], "username": "1:u", "credential": "c="},
    ]
    answer = await house.post()
    secret = 'rel="ice-server"; username="1:u"; credential="c="; credential-type="password"'
    assert answer.headers.get_list("link") == [
        '<stun:s.example.org>; rel="ice-server"',
        f"<turn:t.example.org?transport=udp>; {secret}",
        f"<turns:t.example.org>; {secret}",
    ]


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        ("", 401, "MSS.00000001"),
        ("Basic eDp5", 401, "MSS.00000001"),
        ("Bearer ", 401, "MSS.00000001"),
        ("Bearer nonsense", 403, "90100031"),
        (bearer(signature="0" * 64), 403, "90100031"),
        (bearer(user="player-1", signature=bearer().rpartition(".")[2]), 403, "90100031"),
        (bearer(app="other"), 403, "90100031"),
        (bearer(job="another-job"), 403, "90100031"),
        (bearer(ctime=int(NOW)), 403, "90100030"),
        (bearer(ctime=int(NOW) - 1, signature="f" * 64), 403, "90100031"),
        (bearer(ctime=0).replace(".0.", ".99999999999."), 403, "90100031"),
    ],
)
async def test_only_a_good_entry_opens(house: House, authorization: str, status: int, code: str) -> None:
    for answer in (
        await house.post(Authorization=authorization),
        await house.client.delete(f"/rtc/{JOB}/whip/s1", headers={"Authorization": authorization}),
    ):
        assert (answer.status_code, answer.json()["error_code"]) == (status, code)
        assert answer.headers["access-control-allow-origin"] == "*", "the page must be able to read why"
        assert ("www-authenticate" in answer.headers) == (status == 401)
    assert house.talks.sent == []


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain"])
async def test_an_offer_is_sdp(house: House, kind: str) -> None:
    answer = await house.post(**{"Content-Type": kind})
    assert (answer.status_code, answer.json()["error_code"]) == (415, "MSS.00000003")
    assert (await house.post(**{"Content-Type": "Application/SDP; charset=utf-8"})).status_code == 201


@pytest.mark.parametrize("body", [b"\xff\xfe", b"x" * 70_000])
async def test_an_unreadable_offer_is_refused(house: House, body: bytes) -> None:
    answer = await house.post(body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "90100023")
    assert house.talks.sent == []


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (BoxFull(), 400, "MSS.20010089"),
        (WorkerLost(), 503, "MSS.20010146"),
        (Reply(code=MediaRefused.code, message="no Opus"), 400, "90100023"),
        (Reply(code="MSS.99999999", message="?"), 500, "MSS.99999999"),
    ],
)
async def test_what_the_talk_refuses_reaches_the_page(
    house: House, failure: VisavisError | Reply, status: int, code: str
) -> None:
    house.talks.failures = [failure]
    answer = await house.post()
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_task_that_is_over_is_gone(house: House) -> None:
    house.talks.failures = [JobUnknown() for _ in range(100)]
    answer = await house.post()
    assert (answer.status_code, answer.json()["error_code"]) == (404, "MSS.20010074")


async def test_a_task_that_no_worker_has_yet_is_waited_for(house: House) -> None:
    house.talks.failures = [JobUnknown(), Reply(code=JobUnknown.code)]
    assert (await house.post()).status_code == 201


async def test_hanging_up(house: House) -> None:
    house.talks.failures = []
    location = (await house.post()).headers["location"]
    for _ in range(2):
        assert (await house.client.delete(location, headers={"Authorization": bearer()})).status_code == 200
    assert house.talks.sent[1:] == [(JOB, Leave(session="s1"))] * 2
    house.talks.failures = [JobUnknown()]
    assert (await house.client.delete(location, headers={"Authorization": bearer()})).status_code == 200


@pytest.mark.parametrize("path", [f"/rtc/{JOB}/whip", f"/rtc/{JOB}/whip/s1"])
async def test_preflight_and_other_methods(house: House, path: str) -> None:
    asked = await house.client.options(path, headers={"Origin": "https://x", "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert "DELETE" in asked.headers["access-control-allow-methods"]
    for method in ("PATCH", "GET", "PUT"):
        refused = await house.client.request(method, path)
        assert refused.status_code == 405
        assert refused.headers["allow"] == "POST, DELETE, OPTIONS"
