"""Our side: the real worker, link, conversation and signalling, with scripted providers, in one process.

`POST /bench/talks` starts a talk and returns how to join it; the rest is the product's own router.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from bench import script, scripted
from bench.serving import serve
from visavis.avatars.cycles import IDLE
from visavis.core import entries
from visavis.core.jobs import JobSpec, JobUpdate, Limits, ProviderChoice, TalkContext, VoiceSpec
from visavis.core.media import Face
from visavis.links.ice import IceSettings
from visavis.rtc.endpoints import rtc_router
from visavis.worker.blobs import LocalBlobs
from visavis.worker.worker import Worker


@dataclass(frozen=True, slots=True)
class _Key:
    app_id: str = "bench"
    app_key: str = "bench"


def job_of(job_id: str) -> JobSpec:
    """A talk as the control plane orders one for the demo room; a visitor who leaves ends it soon."""
    return JobSpec(
        talk=TalkContext(project_id="bench", room_id="bench", job_id=job_id, session_id=job_id),
        width=script.WIDTH,
        height=script.HEIGHT,
        voices=(VoiceSpec(language="EN", name="en-us", provider=ProviderChoice(name="espeak")),),
        tail_silence=script.TAIL,
        limits=Limits(grace=0.5),
    )


async def main(seconds: float, *, warm: bool) -> None:
    key, numbers = _Key(), itertools.count(1)
    blobs = LocalBlobs(Path(tempfile.gettempdir()))
    async with Worker(_note, ice=IceSettings(), blobs=blobs, load=scripted.loader(seconds)) as worker:
        if warm:
            await _encode_cycles(worker)
        app = FastAPI()
        app.include_router(rtc_router(send=worker.send, key=lambda: key, ice=lambda user, now: (), now=time.time))

        @app.post("/bench/talks")
        async def start() -> dict[str, str]:
            job_id = f"job-{next(numbers)}"
            await worker.start(job_of(job_id))
            user, ctime = "visitor-bench", int(time.time()) + 3600
            signature = entries.sign(key.app_id, key.app_key, job_id, user, ctime)
            return {"job_id": job_id, "bearer": f"{key.app_id}.{job_id}.{user}.{ctime}.{signature}"}

        await serve(app)


async def _encode_cycles(worker: Worker) -> None:
    """Have all idle cycles encoded, as after the first minutes of a server's life: they are no cost of a talk."""
    _, painter = await worker._stage.set(job_of("cycles"))
    pictures = [painter.paint(Face(cycle=(name, 0))) for name in IDLE]
    waiting = [worker._loops.get(picture.loop.cycle, "H264") for picture in pictures if picture.loop]
    while not all(cycle.complete for cycle in waiting):
        await asyncio.sleep(0.1)


def _note(update: JobUpdate) -> None:
    if update.verdict is not None and update.verdict.state != "SUCCEED":
        logging.error("%s: %s", update.job_id, update.verdict.message)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--speech", type=float, required=True, help="seconds of each reply")
    parser.add_argument("--warm", action="store_true", help="encode what every talk shares before serving")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.speech, warm=arguments.warm))
