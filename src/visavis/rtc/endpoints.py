"""Signalling, shaped like WHIP (RFC 9725): POST an SDP offer, get the answer; DELETE its Location to hang up.

The answer carries all candidates, so there is no PATCH. Pages of any origin may knock: the signed room entry is the
credential, and no cookie plays a part.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, Protocol

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from visavis.core import errors
from visavis.core.errors import InvalidParameter, JobUnknown, MediaRefused, MethodNotAllowed, VisavisError
from visavis.core.jobs import Answer, Command, Leave, Offer, Peer, Reply
from visavis.rest.answers import Answer as JsonAnswer
from visavis.rest.errors import body_of, status_of
from visavis.rtc.bearer import Entry, read_bearer

log = logging.getLogger(__name__)

Send = Callable[[str, Command], Awaitable[Reply]]
IceServers = Callable[[str, float], Sequence[Mapping[str, Any]]]

_LONGEST_OFFER = 64_000
"""Bytes; browsers send about 6,000."""

_RETRY = 0.05

_CORS: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Location, Link"}
_PREFLIGHT: Final = {
    **_CORS,
    "Access-Control-Allow-Methods": "POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


class Key(Protocol):
    """Signs the room entries of this installation."""

    @property
    def app_id(self) -> str: ...

    @property
    def app_key(self) -> str: ...


class _WrongType(InvalidParameter):
    """Content-Type must be application/sdp"""


class _OpenRoute(APIRoute):
    """Pages of other origins can also read the errors. A task that is over is a resource that is gone: 404."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except VisavisError as error:
                response = _refusal(error, request)
            response.headers.update(_CORS)
            return response

        return answer


def _refusal(error: VisavisError, request: Request) -> Response:
    status = status_of(error)
    headers: dict[str, str] = {}
    match error:
        case JobUnknown():
            status = 404
        case _WrongType():
            status, headers = 415, {"Accept": "application/sdp"}
        case MethodNotAllowed():
            headers = {"Allow": "POST, DELETE, OPTIONS"}
        case errors.Unauthorized():
            headers = {"WWW-Authenticate": "Bearer"}
        case _ if status >= 500:
            log.error("%s %s: %s", request.method, request.url.path, error)
            headers = {"Retry-After": "1"} if error.retry else {}
    return JsonAnswer(body_of(error, request.url.path), status, headers)


def rtc_router(
    *, send: Send, key: Callable[[], Key], ice: IceServers, now: Callable[[], float], patience: float = 2.0
) -> APIRouter:
    """send: the dispatcher's. key: signs the room entries. ice(user_id, now): RTCIceServer dictionaries for a browser.
    now: Unix seconds. patience: seconds that a task may take from its start until a worker has it."""
    router = APIRouter(prefix="/rtc", tags=["rtc"], route_class=_OpenRoute)

    def enter(request: Request, job_id: str) -> Entry:
        entry = read_bearer(request.headers.get("authorization"))
        entry.verify(job_id, key().app_id, key().app_key, now())
        return entry

    @router.post("/{job_id}/whip", status_code=201, response_class=Response)
    async def join_room(request: Request, job_id: str) -> Response:
        """Join a task's room: SDP offer in, SDP answer out."""
        entry = enter(request, job_id)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/sdp":
            raise _WrongType
        offer = await request.body()
        if len(offer) > _LONGEST_OFFER:
            raise MediaRefused("The offer is too long")
        try:
            sdp = offer.decode()
        except UnicodeDecodeError as error:
            raise MediaRefused("The offer is not UTF-8") from error
        peer = Peer(user_type=entry.user_type, user_id=entry.user_id, sdp=sdp)
        reply = await _told_soon(send, job_id, Offer(peer=peer), patience)
        answer = Answer.model_validate(reply.value)
        response = Response(answer.sdp, 201, {"Location": f"/rtc/{job_id}/whip/{answer.session}"}, "application/sdp")
        for server in ice(entry.user_id, now()):
            for link in _links(server):
                response.headers.append("Link", link)
        return response

    @router.delete("/{job_id}/whip/{session}", response_class=Response)
    async def leave_room(request: Request, job_id: str, session: str) -> Response:
        """Hang up. Doing it twice, or after the task is over, is no error."""
        enter(request, job_id)
        try:
            await _told(send, job_id, Leave(session=session))
        except JobUnknown:
            log.debug("task %s: a good-bye after its end", job_id)
        return Response(status_code=200)

    @router.options("/{job_id}/whip", include_in_schema=False)
    @router.options("/{job_id}/whip/{session}", include_in_schema=False)
    async def preflight(job_id: str, session: str = "") -> Response:
        return Response(None, 204, {**_PREFLIGHT, "Accept-Post": "application/sdp"})

    @router.api_route("/{job_id}/whip", methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    @router.api_route(
        "/{job_id}/whip/{session}", methods=["GET", "HEAD", "PUT", "PATCH", "POST"], include_in_schema=False
    )
    async def refuse(job_id: str, session: str = "") -> Response:
        raise MethodNotAllowed

    return router


async def _told(send: Send, job_id: str, command: Command) -> Reply:
    """Errors come back as codes: across the process border there are no exceptions."""
    reply = await send(job_id, command)
    if reply.code:
        raise _error_of(reply)
    return reply


async def _told_soon(send: Send, job_id: str, command: Command, patience: float) -> Reply:
    """The entry is good, so the task is known: it may just not have been claimed by a worker yet."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while True:
        try:
            return await _told(send, job_id, command)
        except JobUnknown:
            if loop.time() >= end:
                raise
        await asyncio.sleep(_RETRY)


def _error_of(reply: Reply) -> VisavisError:
    """The class that owns the code; several do where one narrows the other, then the first in the tree."""
    for kind in _classes(VisavisError):
        if kind.code == reply.code:
            return kind(reply.message or None)
    error = errors.InternalError(reply.message or None)
    error.code = reply.code
    return error


def _classes(root: type[VisavisError]) -> list[type[VisavisError]]:
    found = [c for c in root.__subclasses__() if c.__module__ == errors.__name__]
    return found + [deeper for kind in found for deeper in _classes(kind)]


def _links(server: Mapping[str, Any]) -> list[str]:
    """RFC 9725, section 4.6: one Link header a URL."""
    secret = "".join(f'; {name}="{server[name]}"' for name in ("username", "credential") if server.get(name))
    kind = '; credential-type="password"' if secret else ""
    return [f'<{url}>; rel="ice-server"{secret}{kind}' for url in server["urls"]]
