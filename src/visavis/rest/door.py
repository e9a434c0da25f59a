"""The door of every operation: who calls, for which project, and may they.

An endpoint names what it needs in its signature, `caller: CanRead` or `caller: CanWrite`; whoever has no such
parameter is public, and a test lists those.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Protocol
from urllib.parse import quote

from fastapi import Depends, Request

from visavis.core.errors import Forbidden, InvalidParameter
from visavis.rest.throttling import Throttle

Permission = Literal["read", "write"]
_APP_USER: Final = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and for which project. Only an Authenticator makes one."""

    project_id: str
    user_id: str
    domain_id: str
    permissions: frozenset[Permission]
    app_user_id: str = ""
    """Third-party user (X-App-UserId), as the caller claims."""
    whole_domain: bool = False
    """The credential may see which other projects its domain has (never what is in them)."""


@dataclass(frozen=True, slots=True)
class Call:
    """The facts of a request as they came over the wire: a signature covers the raw path and query."""

    method: str
    path: str
    """Still percent-encoded."""
    query: str
    """Still percent-encoded, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case. Values as sent: Latin-1 of the bytes."""
    body: bytes


class Authenticator(Protocol):
    async def authenticate(self, call: Call, project_id: str | None) -> Principal:
        """Who sent this. `project_id` is the project of the path, if it names one: a credential that is good for
        several projects answers with that one if it may.

        Raises Unauthorized (no credential or a wrong one), Forbidden (a good one for another project).
        """
        ...


async def call_of(request: Request) -> Call:
    """Read the request whole (the body limit has been seen to before)."""
    scope = request.scope
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    return Call(
        method=request.method,
        path=raw.decode("latin-1").partition("?")[0],
        query=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=await request.body(),
    )


async def enter(request: Request) -> Principal:
    """Authenticate, hold the project boundary, throttle.

    Raises Unauthorized, Forbidden, Throttled, InvalidParameter.
    """
    call = await call_of(request)
    project_id = request.path_params.get("project_id")
    authenticator: Authenticator = request.app.state.authenticator
    principal = await authenticator.authenticate(call, project_id)
    if project_id is not None and principal.project_id != project_id:
        raise Forbidden
    if call.headers.get("x-project-id", principal.project_id) != principal.project_id:
        raise Forbidden("X-Project-Id names another project than the credential")
    app_user = call.headers.get("x-app-userid")
    if app_user is not None and not _APP_USER.fullmatch(app_user):
        raise InvalidParameter("X-App-UserId must be 1 to 64 printable ASCII characters")
    throttle: Throttle = request.app.state.throttle
    throttle.take(principal.project_id, "read" if request.method == "GET" else "write")
    return principal


def _needs(permission: Permission) -> Callable[[Request], Awaitable[Principal]]:
    async def check(request: Request) -> Principal:
        principal = await enter(request)
        if permission not in principal.permissions:
            raise Forbidden("This user may not do that")
        return principal

    return check


CanRead = Annotated[Principal, Depends(_needs("read"))]
CanWrite = Annotated[Principal, Depends(_needs("write"))]
