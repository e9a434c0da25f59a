"""List requests a second on one core, against a bare ASGI application that sends the same bytes.

The real server (`visavis serve`) with 10 rooms in its SQLite database; each request is authenticated.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench import load
from bench.plan import Plan
from bench.processes import Program, free_port, ours, program
from bench.table import Row
from visavis.control.iam.signature import ALGORITHM, signature_of
from visavis.rest.door import Call

_ROWS = 10
_SIGNED = ("host", "x-sdk-date")


async def measure(plan: Plan) -> list[Row]:
    rates: dict[str, list[float]] = {"token": [], "signed": [], "bare": []}
    costs: dict[str, list[float]] = {"token": [], "signed": [], "bare": []}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="visavis-bench-")))
        house = await stack.enter_async_context(_house(folder))
        body = folder / "body"
        body.write_bytes(await house.fill())
        bare = await stack.enter_async_context(program(ours("bench.bare_asgi", str(body))))
        sides: Mapping[str, tuple[Program, bytes]] = {
            "token": (house.program, house.request({"X-Auth-Token": await house.token()})),
            "signed": (house.program, house.request(house.signature())),
            "bare": (bare, house.request({})),
        }
        for _ in range(plan.rounds):
            for name, (server, request) in sides.items():
                before = server.cpu()
                rate = await load.rate(server.port, request, plan.seconds(3.0))
                rates[name].append(rate)
                # The load runs a little longer than it is counted; both sides alike.
                costs[name].append((server.cpu() - before) / (rate * (plan.seconds(3.0) + 0.2)) * 1e6)
    note = "10 rooms, SQLite, 8 connections; higher is better"
    return [
        Row("list, token", "req/s", tuple(rates["token"]), "bare ASGI, same bytes", tuple(rates["bare"]), note),
        Row("list, AK/SK", "req/s", tuple(rates["signed"]), "bare ASGI, same bytes", tuple(rates["bare"]), note),
        Row("list CPU, token", "µs", tuple(costs["token"]), "bare ASGI, same bytes", tuple(costs["bare"])),
        Row("list CPU, AK/SK", "µs", tuple(costs["signed"]), "bare ASGI, same bytes", tuple(costs["bare"])),
    ]


@dataclass(frozen=True, slots=True)
class _House:
    program: Program
    demo: Mapping[str, str]

    @property
    def path(self) -> str:
        return f"/v1/{self.demo['project_id']}/smart-chat-rooms"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.program.port}"

    async def token(self) -> str:
        user = {
            "name": self.demo["user_name"],
            "password": self.demo["password"],
            "domain": {"name": self.demo["domain_name"]},
        }
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": {"id": self.demo["project_id"]}}}}
        async with httpx.AsyncClient(base_url=self.program.url) as client:
            answer = await client.post("/v3/auth/tokens", json=body)
            answer.raise_for_status()
            return str(answer.headers["X-Subject-Token"])

    async def fill(self) -> bytes:
        """Make the list `_ROWS` long; its bytes as the server sends them."""
        headers = {"X-Auth-Token": await self.token()}
        async with httpx.AsyncClient(base_url=self.program.url, headers=headers) as client:
            first: dict[str, Any] = (await client.get(self.path)).raise_for_status().json()
            for number in range(first["count"], _ROWS):
                room = {
                    "room_name": f"Hall {number}",
                    "model_asset_id": self.demo["model_asset_id"],
                    "voice_config_list": [{"voice_asset_id": self.demo["voice_asset_id"], "language": "EN"}],
                    "robot_id": self.demo["robot_id"],
                    "concurrency": 1,
                    "chat_video_type": "MOBILE",
                    "video_config": {"bitrate": 2000, "width": 720, "height": 1280},
                }
                answer = await client.post(self.path, json=room)
                if answer.status_code >= 400:
                    raise RuntimeError(f"a room is refused: {answer.text}")
            answer = (await client.get(self.path)).raise_for_status()
            if answer.json()["count"] != _ROWS:
                raise RuntimeError(f"{_ROWS} rooms were wanted: {answer.text[:200]}")
            return answer.content

    def signature(self) -> dict[str, str]:
        """Headers of a signed request. Good for as long as the clock skew allows: signed once, sent often."""
        headers = {"host": self.host, "x-sdk-date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")}
        call = Call("GET", self.path, "", headers, b"")
        value = signature_of(call, _SIGNED, self.demo["secret_key"])
        access = f"Access={self.demo['access_key']}, SignedHeaders={';'.join(_SIGNED)}, Signature={value}"
        return {"X-Sdk-Date": headers["x-sdk-date"], "Authorization": f"{ALGORITHM} {access}"}

    def request(self, headers: Mapping[str, str]) -> bytes:
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.host}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def _house(folder: Path) -> AsyncIterator[_House]:
    port = free_port()
    settings = {"PORT": str(port), "DATA": str(folder), "VISAVIS_HOST": "127.0.0.1", "VISAVIS_LOG_LEVEL": "WARNING"}
    async with program(ours("visavis.cli", "serve"), settings, port=port) as server:
        yield _House(server, json.loads((folder / "demo.json").read_text()))
