"""A whole control plane on a fresh SQLite file, with a box and talks that tests steer."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from visavis.control.first_start import DemoAccount
from visavis.control.plane import ControlPlane, build
from visavis.core.errors import BoxFull
from visavis.core.jobs import Command, Reply
from visavis.rest import manners
from visavis.settings import Settings
from visavis.store import Database, migrate, open_database


@dataclass
class SteeredBox:
    full: bool = False
    asked: int = 0

    def admit(self) -> None:
        self.asked += 1
        if self.full:
            raise BoxFull


@dataclass
class RecordedTalks:
    sent: list[tuple[str, Command]] = field(default_factory=list)
    failure: Exception | None = None

    async def send(self, job_id: str, command: Command) -> Reply:
        self.sent.append((job_id, command))
        if self.failure:
            raise self.failure
        return Reply()


@dataclass
class House:
    settings: Settings
    db: Database
    plane: ControlPlane
    app: FastAPI
    demo: DemoAccount
    box: SteeredBox
    talks: RecordedTalks
    client: httpx.AsyncClient
    token: str = ""

    @property
    def v1(self) -> str:
        return f"/v1/{self.demo.project_id}"

    @property
    def rooms(self) -> str:
        return f"{self.v1}/smart-chat-rooms"

    @property
    def robots(self) -> str:
        return f"{self.v1}/digital-human-chat/robot"

    def jobs(self, room_id: str | None = None, *, long: bool = False) -> str:
        prefix = "/digital-human-chat" if long else ""
        return f"{self.v1}{prefix}/smart-chat-rooms/{room_id or self.demo.room_id}/smart-chat-jobs"

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"X-Auth-Token": self.token, **more.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **more)

    async def token_for(self, project_id: str, access_key: str, secret_key: str) -> str:
        identity = {
            "methods": ["hw_ak_sk"],
            "hw_ak_sk": {"access": {"key": access_key}, "secret": {"key": secret_key}},
        }
        body = {"auth": {"identity": identity, "scope": {"project": {"id": project_id}}}}
        answer = await self.client.post("/v3/auth/tokens", json=body)
        assert answer.status_code == 201, answer.text
        return answer.headers["X-Subject-Token"]


def make_app(plane: ControlPlane, settings: Settings) -> FastAPI:
    app = FastAPI()
    for router in plane.routers:
        app.include_router(router)
    manners.install(app, plane.authenticator, read_rate=settings.read_rate, write_rate=settings.write_rate)
    return app


def _settings(data: Path) -> Settings:
    return Settings(data=data, public_url="https://avatar.example.test:8443")


@pytest.fixture(scope="session")
def first_started(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DemoAccount]:
    """A data folder after its first start, made once: each test works on a copy."""
    settings = _settings(tmp_path_factory.mktemp("first") / "data")
    migrate(settings.database)

    async def run() -> DemoAccount:
        db = open_database(settings.database)
        demo = await build(db, settings, box=SteeredBox(), talks=RecordedTalks()).first_start.run()
        await db.close()
        assert demo is not None
        return demo

    return settings.data, asyncio.run(run())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return _settings(tmp_path / "data")


@pytest.fixture
async def house(settings: Settings, first_started: tuple[Path, DemoAccount]) -> AsyncIterator[House]:
    folder, demo = first_started
    shutil.copytree(folder, settings.data)
    db = open_database(settings.database)
    box, talks = SteeredBox(), RecordedTalks()
    plane = build(db, settings, box=box, talks=talks, ice_servers=lambda: [{"urls": ["turn:turn.example.test"]}])
    app = make_app(plane, settings)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://avatar.example.test") as client:
        house = House(settings, db, plane, app, demo, box, talks, client)
        house.token = await house.token_for(demo.project_id, demo.access_key, demo.secret_key)
        yield house
    await db.close()
