"""The composition root: the only room that knows all others."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import JSONResponse

from visavis import __version__, logs, store
from visavis.control import plane as control
from visavis.control.first_start import DemoAccount
from visavis.control.iam import service as iam
from visavis.dispatch.box import Box, Report
from visavis.dispatch.process import ProcessHost
from visavis.dispatch.queue import Claims
from visavis.links.ice import IceSettings
from visavis.rest import manners
from visavis.rtc.endpoints import rtc_router
from visavis.settings import Settings
from visavis.worker.network import ice_settings

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
DRAIN = 10.0
"""Seconds that reports get to reach the database when the server ends."""


def serve(settings: Settings) -> None:
    """Run the server until SIGTERM or Ctrl-C."""
    logs.set_up(settings.log_level, settings.log_json)
    store.migrate(settings.database)
    asyncio.run(_serve(settings))


def migrate(settings: Settings) -> None:
    store.migrate(settings.database)


async def create_key(settings: Settings, project: str | None) -> tuple[str, str, str]:
    """A new key for a project (name or id; None = the demo's), made if it is new. Returns project id, key, secret."""
    await asyncio.to_thread(store.migrate, settings.database)
    db = store.open_database(settings.database)
    try:
        return await iam.create_key(db, control.sealer_of(settings), project, create=True)
    finally:
        await db.close()


class _Server(uvicorn.Server):
    """Ends at SIGTERM and Ctrl-C. Uvicorn's own way raises the signal again when it is done, which would end the
    process before the talks got their verdicts."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(settings: Settings) -> None:
    db = store.open_database(settings.database)
    try:
        async with _talking(settings, db) as app:
            config = uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
            await _Server(config).serve()
    finally:
        await db.close()


@asynccontextmanager
async def _talking(settings: Settings, db: store.Database) -> AsyncIterator[FastAPI]:
    """The application with its box of talks; on the way out every talk gets its verdict."""
    claims = Claims(lease=settings.lease)

    async def spawn(report: Report) -> ProcessHost:
        return await ProcessHost.spawn(settings.model_dump(mode="json"), report)

    box = Box(
        f"{os.uname().nodename}-{uuid.uuid4().hex[:8]}",
        spawn,
        claims.record,
        hosts=settings.processes,
        per_host=settings.talks_per_worker,
        max_jobs=settings.max_jobs,
    )
    ice = ice_settings(settings)
    plane = control.build(
        db,
        settings,
        box=box,
        talks=box,
        ice_servers=lambda: ice.browser_servers("visitor", time.time()),
        wake=claims.wake,
    )
    if account := await plane.first_start.run():
        announce(account, settings)
    await box.open()
    claiming = asyncio.create_task(claims.run(plane.ledger, box), name="claims")
    claiming.add_done_callback(_end_server)
    try:
        yield await application(settings, plane, box, ice)
    finally:
        claims.stop()
        await box.close()
        try:
            async with asyncio.timeout(DRAIN):
                await claims.flush()
        except TimeoutError:
            log.error("some verdicts could not be stored; their leases will run out")
        claiming.remove_done_callback(_end_server)
        claiming.cancel()
        await asyncio.gather(claiming, return_exceptions=True)


def _end_server(task: asyncio.Task[None]) -> None:
    """A box that can't renew its leases must not pretend to live."""
    log.critical("the job queue broke down; the server ends", exc_info=task.exception())
    os.kill(os.getpid(), signal.SIGTERM)


async def application(settings: Settings, plane: control.ControlPlane, box: Box, ice: IceSettings) -> FastAPI:
    """All routes: the contract, signalling, readiness, the page."""
    app = FastAPI(title="Visavis", version=__version__, docs_url=None, redoc_url=None)
    for router in plane.routers:
        app.include_router(router)
    key = await plane.installation.rtc()
    app.include_router(rtc_router(send=box.send, key=lambda: key, ice=ice.browser_servers, now=time.time))

    @app.get("/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        """200 when a talk can start; 503 while no worker process is ready."""
        free = max(0, box.capacity - box.joined)
        if not box.ready:
            return JSONResponse({"ready": False, "reason": "no worker process is ready"}, 503)
        return JSONResponse({"ready": True, "capacity": box.capacity, "free": free})

    if (STATIC / "index.html").exists():
        app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    else:
        log.warning("the page is not built: run `make web`")
    manners.install(app, plane.authenticator, read_rate=settings.read_rate, write_rate=settings.write_rate)
    return app


def announce(account: DemoAccount, settings: Settings) -> None:
    """Shown once, at the first start."""
    print(
        f"""
  A demo project was made. Its values also stand in {settings.data / "demo.json"}.

    project id   {account.project_id}
    access key   {account.access_key}
    secret key   {account.secret_key}   (not shown again)

  Talk with Sara at {settings.endpoint}
""",
        flush=True,
    )
