"""An application with one small resource of its own, behind the manners."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from visavis.core import errors
from visavis.core.errors import Unauthorized
from visavis.rest import manners
from visavis.rest.answers import Answer
from visavis.rest.bodies import json_body
from visavis.rest.door import Call, CanRead, CanWrite, Permission, Principal
from visavis.rest.fields import Body, Int, Limit, Offset, Text
from visavis.rest.openapi import takes


class Thing(Body):
    name: Text = "nothing"
    size: Int = 0


class ByName:
    """The token is the project; "reader" may only read."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def authenticate(self, call: Call, project_id: str | None) -> Principal:
        self.calls.append(call)
        token = call.headers.get("x-auth-token")
        if not token:
            raise Unauthorized
        allowed: frozenset[Permission] = frozenset({"read"} if token == "reader" else {"read", "write"})
        return Principal(token, "user", "domain", allowed)


def _router() -> APIRouter:
    routes = APIRouter(prefix="/v1/{project_id}/things")

    @routes.get("")
    async def list_things(caller: CanRead, offset: Offset = 0, limit: Limit = 10) -> Answer:
        return Answer({"offset": offset, "limit": limit})

    @routes.post("", openapi_extra=takes(Thing, optional=True))
    async def make_thing(caller: CanWrite, body: Annotated[Thing, json_body(Thing, optional=True)]) -> Answer:
        return Answer({"name": body.name, "size": body.size})

    @routes.get("/{kind}")
    async def fail(caller: CanRead, kind: str) -> Answer:
        if kind == "surprise":
            raise ZeroDivisionError("nobody expected this")
        raise getattr(errors, kind)

    return routes


@pytest.fixture
def who() -> ByName:
    return ByName()


@pytest.fixture
def app(who: ByName) -> FastAPI:
    app = FastAPI()
    app.include_router(_router())
    manners.install(app, who, body_limit=1000)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"X-Auth-Token": "p"}) as client:
        yield client


@pytest.fixture
def things() -> Any:
    return "/v1/p/things"
