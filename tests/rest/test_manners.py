"""What every answer has, whatever went wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from visavis.rest.manners import Manners


async def test_every_answer_has_its_own_request_id(client: httpx.AsyncClient, things: str) -> None:
    answers = [
        await client.get(things),
        await client.get(things),
        await client.get("/nothing/here"),
        await client.delete(things),
        await client.get(things, headers={"X-Auth-Token": ""}),
        await client.get(f"{things}?limit=0"),
        await client.get(f"{things}/surprise"),
        await client.post(things, content="{"),
        await client.get("/openapi.json"),
    ]
    assert [a.status_code for a in answers] == [200, 200, 404, 405, 401, 400, 500, 400, 200]
    assert len({a.headers["X-Request-Id"] for a in answers}) == len(answers)


async def test_unknown_path_and_method(client: httpx.AsyncClient, things: str) -> None:
    answer = await client.get("/nothing")
    assert answer.json() == {"error_code": "APIGW.0101", "error_msg": "The API does not exist"}
    answer = await client.delete(things)
    assert answer.json()["error_code"] == "APIGW.0101"
    assert answer.headers["Allow"]


async def test_what_nobody_expected_is_logged_and_not_told(
    client: httpx.AsyncClient, things: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await client.get(f"{things}/surprise")
    assert answer.status_code == 500
    assert answer.json() == {"error_code": "MSS.00000004", "error_msg": "Internal Error"}
    assert "nobody expected this" in str(caplog.records[-1].exc_info)


async def test_the_request_id_stands_on_the_log_record(
    app: FastAPI, things: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []
    from visavis import logs

    class Look(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(dict(logs._ids.get() or {}))

    look = Look()
    logging.getLogger("visavis.rest").addHandler(look)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        answer = await client.get(f"{things}/surprise", headers={"X-Auth-Token": "p"})
    logging.getLogger("visavis.rest").removeHandler(look)
    assert {"request": answer.headers["X-Request-Id"]} in seen


async def test_a_long_body_is_refused_however_it_is_sent(client: httpx.AsyncClient, things: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    for content in (b" " * 1001, pieces()):
        answer = await client.post(things, content=content)
        assert answer.status_code == 400
        assert answer.json()["error_msg"] == "Invalid parameter: the body is longer than 1000 bytes"
    assert (await client.post(things, content=b" " * 998 + b"{}")).status_code == 200


async def test_other_protocols_pass_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await Manners(app)({"type": "websocket"}, None, None)  # type: ignore[arg-type]
    await Manners(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["websocket", "lifespan"]


async def test_a_caller_who_goes_away_is_no_error(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/p/things",
        "raw_path": b"/v1/p/things",
        "query_string": b"",
        "headers": [(b"x-auth-token", b"p")],
        "http_version": "1.1",
        "server": ("t", 80),
        "scheme": "http",
        "root_path": "",
    }

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with caplog.at_level(logging.WARNING):
        await app(scope, receive, send)  # type: ignore[arg-type]
    assert caplog.records == []


async def test_the_served_document_describes_bodies(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/v1/{project_id}/things"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["size"]["maximum"] == 2147483647
    assert not operation["requestBody"]["required"]
