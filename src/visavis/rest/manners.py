"""What every answer of the application has: a request id, a bounded body, an error body when it fails."""

from __future__ import annotations

import logging
import secrets

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from visavis import logs
from visavis.core.errors import InternalError, InvalidParameter, MethodNotAllowed, NotFound, VisavisError
from visavis.rest.answers import Answer
from visavis.rest.bodies import fault_of
from visavis.rest.door import Authenticator
from visavis.rest.errors import body_of, status_of
from visavis.rest.openapi import describe
from visavis.rest.throttling import Throttle

log = logging.getLogger(__name__)

BODY_LIMIT = 1 << 20
"""Bytes. The largest body of the contract served here is a room with its layers: some kilobytes."""


class Manners:
    """The outermost layer: request id, body limit, and the last word on what nobody expected."""

    def __init__(self, app: ASGIApp, body_limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        started = False
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._limit:
                    raise InvalidParameter(f"the body is longer than {self._limit} bytes")
            return message

        async def named(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                if scope["path"].startswith("/v3/"):
                    headers["X-IAM-Trace-Id"] = request_id
            await send(message)

        with logs.ids(request=request_id):
            try:
                await self._app(scope, bounded, named)
            except ClientDisconnect:
                log.info("%s %s: the caller went away", scope["method"], scope["path"])
            except Exception as error:
                log.exception("%s %s failed", scope["method"], scope["path"])
                if started:
                    raise  # half an answer is out: the server must close the connection
                failure = error if isinstance(error, VisavisError) else InternalError()
                await _answer(failure, scope["path"])(scope, receive, named)


def _answer(error: VisavisError, path: str) -> Answer:
    headers = {"Retry-After": "1"} if error.retry and status_of(error) in (429, 503) else None
    return Answer(body_of(error, path), status_of(error), headers)


async def _on_error(request: Request, error: Exception) -> Answer:
    assert isinstance(error, VisavisError)
    if status_of(error) >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=error)
    return _answer(error, request.url.path)


async def _on_bad_request(request: Request, error: Exception) -> Answer:
    assert isinstance(error, RequestValidationError)
    return _answer(InvalidParameter(fault_of(list(error.errors()))), request.url.path)


async def _on_http(request: Request, error: Exception) -> Answer:
    """What the framework itself refuses: unknown path, unknown method, unreadable request."""
    assert isinstance(error, HTTPException)
    kinds: dict[int, type[VisavisError]] = {404: NotFound, 405: MethodNotAllowed}
    kind = kinds.get(error.status_code, InternalError if error.status_code >= 500 else InvalidParameter)
    answer = _answer(kind(), request.url.path)
    answer.headers.update(error.headers or {})  # Allow, with 405
    return answer


def install(
    app: FastAPI,
    authenticator: Authenticator,
    *,
    read_rate: float = 0.0,
    write_rate: float = 0.0,
    body_limit: int = BODY_LIMIT,
) -> None:
    """Give the application its manners. Call once, before it serves."""
    app.state.authenticator = authenticator
    app.state.throttle = Throttle(read_rate, write_rate)
    app.add_exception_handler(VisavisError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_middleware(Manners, body_limit=body_limit)
    describe(app)
