"""The control plane behind a real HTTP server on a free port, and the official SDK pointed at it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkmetastudio.v1 import MetaStudioClient

from visavis.control.first_start import DemoAccount
from visavis.control.iam.service import create_key
from visavis.control.plane import build, sealer_of
from visavis.core.jobs import Command, Reply
from visavis.rest import manners
from visavis.settings import Settings
from visavis.store import migrate, open_database


class _Box:
    def admit(self) -> None:
        """Never full."""


class _Talks:
    async def send(self, job_id: str, command: Command) -> Reply:
        return Reply()


@dataclass
class Served:
    endpoint: str
    demo: DemoAccount
    settings: Settings

    def token_client(self, project_id: str, access_key: str, secret_key: str) -> httpx.Client:
        """With the project's token; paths are relative to the project: `smart-chat-rooms`."""
        identity = {
            "methods": ["hw_ak_sk"],
            "hw_ak_sk": {"access": {"key": access_key}, "secret": {"key": secret_key}},
        }
        scope = {"project": {"id": project_id}}
        answer = httpx.post(f"{self.endpoint}/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}})
        headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
        return httpx.Client(base_url=f"{self.endpoint}/v1/{project_id}/", headers=headers)

    def new_project(self, name: str) -> tuple[str, str, str]:
        """Project id, access key and secret, made as the command line makes them: beside the running server."""

        async def make() -> tuple[str, str, str]:
            db = open_database(self.settings.database)
            try:
                return await create_key(db, sealer_of(self.settings), name, create=True)
            finally:
                await db.close()

        return asyncio.run(make())

    def client(self, access_key: str = "", secret_key: str = "", project_id: str = "") -> Any:
        credentials = BasicCredentials(
            access_key or self.demo.access_key, secret_key or self.demo.secret_key, project_id or self.demo.project_id
        )
        return MetaStudioClient.new_builder().with_credentials(credentials).with_endpoints([self.endpoint]).build()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio sets TCP_NODELAY only where the socket's protocol number says TCP, which this one's does not; without it
    # the kernel's delayed acknowledgement adds 40 ms to every answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    settings = Settings(data=Path(tmp_path_factory.mktemp("data")), port=listener.getsockname()[1])
    migrate(settings.database)
    app = FastAPI()
    ready = threading.Event()
    found: list[DemoAccount] = []
    servers: list[uvicorn.Server] = []

    async def serve() -> None:
        db = open_database(settings.database)
        plane = build(db, settings, box=_Box(), talks=_Talks())
        demo = await plane.first_start.run()
        assert demo is not None
        found.append(demo)
        for router in plane.routers:
            app.include_router(router)
        manners.install(app, plane.authenticator)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        servers.append(server)
        ready.set()
        await server.serve(sockets=[listener])
        await db.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield Served(settings.endpoint, found[0], settings)
    servers[0].should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture(scope="module")
def http(served: Served) -> Iterator[httpx.Client]:
    """A client of the demo project."""
    demo = served.demo
    with served.token_client(demo.project_id, demo.access_key, demo.secret_key) as client:
        yield client
