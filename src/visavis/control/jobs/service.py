"""Tasks: started under quota, shown, stopped."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import orjson

from visavis.control import ids
from visavis.control.assets.service import AssetService
from visavis.control.iam.installation import Installation
from visavis.control.iam.sealing import Sealer
from visavis.control.jobs.ports import Box, Talks, Terms, Wake
from visavis.control.jobs.repository import JobRepository
from visavis.control.jobs.schemas import JobInfo, JobList, JobListed, JobSettings, RtcRoomInfo, Started
from visavis.control.jobs.spec import SpecBuilder, picture_size
from visavis.control.leases.repository import LeaseRepository
from visavis.control.robots.service import RobotService
from visavis.control.rooms.repository import RoomRepository
from visavis.control.rooms.service import voice_infos
from visavis.core import entries
from visavis.core.errors import JobUnknown, RobotMissing, RoomConcurrencyExceeded, RoomQuotaMissing, VisavisError
from visavis.core.jobs import ACTIVE, End, JobSpec, TalkContext, Verdict
from visavis.rest.answers import present, rfc3339
from visavis.store import Database

log = logging.getLogger(__name__)

_STOP_WAIT = 5.0
"""Seconds a talk may take to acknowledge its end; the task is over all the same."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a start call asks for."""

    robot_id: str | None = None
    """None: the room's."""
    language: str | None = None
    region: str = ""
    room_type: str = "RTC"
    client_id: str = ""
    app_user_id: str = ""
    extend_param: str = ""


class JobService:
    def __init__(
        self,
        db: Database,
        sealer: Sealer,
        assets: AssetService,
        robots: RobotService,
        installation: Installation,
        terms: Terms,
        box: Box,
        talks: Talks,
        wake: Wake,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._db = db
        self._sealer = sealer
        self._specs = SpecBuilder(assets)
        self._robots = robots
        self._installation = installation
        self._terms = terms
        self._box = box
        self._talks = talks
        self._wake = wake
        self._now = now
        self._address = urlsplit(terms.endpoint).netloc

    async def start(self, project_id: str, room_id: str, ask: Start, *, seed: bool = True) -> Started:
        """Take quota, write the task down, answer with the room entries. `seed`: in the seeds' spelling.

        Raises RoomUnknown, RobotMissing, RobotUnknown, AssetUnknown, RoomQuotaMissing, RoomConcurrencyExceeded,
        BoxFull.
        """
        room = await RoomRepository(self._db, project_id).get(room_id)
        robot_id = ask.robot_id or room.robot_id
        if not robot_id:
            raise RobotMissing
        robot = await self._robots.load(project_id, robot_id)
        job_id = ids.uuid_text()
        talk = TalkContext(
            project_id=project_id,
            room_id=room_id,
            job_id=job_id,
            session_id=ids.uuid_text(),
            client_id=ask.client_id,
            app_user_id=ask.app_user_id,
            extend_param=ask.extend_param,
        )
        spec = await self._specs.build(
            room,
            robot,
            talk,
            self._terms.limits,
            language=ask.language,
            region=ask.region,
            room_type=ask.room_type,
        )
        shown = _settings(room, spec)
        users = {"END_USER": f"visitor-{ids.secret(12)}", "PLAYER": f"player-{ids.secret(12)}"}
        await self._insert(spec, shown, users)
        self._wake()
        return cast(
            "Started",
            present(
                job_id=job_id,
                rtc_room_info=await self._entries(job_id, users),
                region=ask.region or None,
                language=spec.talk.language,
                chat_access_address=self._address,
                chat_access_rest_address=self._address,
                **self._cased(shown, seed=seed),
            ),
        )

    async def _insert(self, spec: JobSpec, shown: JobSettings, users: dict[str, str]) -> None:
        """One write transaction: nobody else counts this room's tasks between our count and our insert."""
        talk = spec.talk
        sealed = self._sealer.seal(spec.model_dump_json(), talk.job_id)
        async with self._db.transaction() as tx:
            rooms = RoomRepository(tx, talk.project_id)
            room = await rooms.lock(talk.room_id)
            quota = quota_of(room)
            if not quota:
                raise RoomQuotaMissing
            if await rooms.running(talk.room_id) >= quota:
                raise RoomConcurrencyExceeded
            self._box.admit()  # after the room's own quota: a full room is its owner's affair, a full box everybody's
            now = self._now()
            await JobRepository(tx, talk.project_id).add(
                {
                    "job_id": talk.job_id,
                    "room_id": talk.room_id,
                    "robot_id": spec.robot_id,
                    "app_user_id": talk.app_user_id,
                    "client_id": talk.client_id or None,
                    "region": spec.region,
                    "state": "WAITING",
                    "create_time": now,
                    "update_time": now,
                    "duration": 0.0,
                    "shown": {**shown, "language": talk.language},
                    "entries": users,
                    "sealed_spec": sealed,
                }
            )

    async def page(self, project_id: str, room_id: str, offset: int, limit: int, state: str | None) -> JobList:
        """`state`: comma-separated; a name that is no state matches nothing. Raises RoomUnknown."""
        await RoomRepository(self._db, project_id).get(room_id)
        states = [name.strip() for name in state.split(",")] if state and state.strip() else None
        count, rows = await JobRepository(self._db, project_id).page(room_id, offset, limit, states)
        return {"count": count, "smart_chat_jobs": [self._listed(row, seed=True) for row in rows]}

    async def show(self, project_id: str, room_id: str, job_id: str) -> JobInfo:
        """Raises RoomUnknown, JobUnknown."""
        await RoomRepository(self._db, project_id).get(room_id)
        row = await JobRepository(self._db, project_id).get(room_id, job_id)
        info = cast("JobInfo", {**self._listed(row, seed=False), "language": row.shown["language"]})
        if row.state in ACTIVE:
            info["rtc_room_info"] = await self._entries(job_id, row.entries)
            info["chat_state"] = 0 if row.joined_at is None else 2
            info["chat_access_address"] = info["chat_access_rest_address"] = self._address
        return info

    async def stop(self, project_id: str, room_id: str, job_id: str) -> None:
        """End the talk, wherever it runs, with SUCCEED/NORMAL. Raises RoomUnknown, JobUnknown (also: over already)."""
        await RoomRepository(self._db, project_id).get(room_id)
        row = await JobRepository(self._db, project_id).get(room_id, job_id)
        if row.state not in ACTIVE:
            raise JobUnknown
        if row.lease_owner is not None:
            await self._end_talk(job_id)
        now = self._now()
        # The talk reports its end too; whichever comes first is written down. A worker that did not hear us learns at
        # its next renewal that the task is no longer its own.
        await LeaseRepository(self._db).finished(job_id, now, now, Verdict(state="SUCCEED"))

    async def _end_talk(self, job_id: str) -> None:
        try:
            async with asyncio.timeout(_STOP_WAIT):
                await self._talks.send(job_id, End())
        except (VisavisError, TimeoutError, OSError) as error:
            log.warning("task %s: its talk did not acknowledge the end: %r", job_id, error)

    async def _entries(self, job_id: str, users: dict[str, str]) -> RtcRoomInfo:
        """Fresh signatures for the task's users; the RTC room is named after the task."""
        key = await self._installation.rtc()
        ctime = int(self._now()) + self._terms.entry_validity
        return {
            "app_id": key.app_id,
            "room_id": job_id,
            "users": [
                {
                    "user_type": "END_USER" if user_type == "END_USER" else "PLAYER",
                    "user_id": user_id,
                    "signature": entries.sign(key.app_id, key.app_key, job_id, user_id, ctime),
                    "ctime": ctime,
                }
                for user_type, user_id in users.items()
            ],
        }

    def _cased(self, shown: JobSettings, *, seed: bool) -> dict[str, Any]:
        """The seeds write Hub, every other operation HUB."""
        hub = seed and not self._terms.force_hub and shown.get("chat_video_type") == "HUB"
        return {**shown, **({"chat_video_type": "Hub"} if hub else {})}

    def _listed(self, row: Any, *, seed: bool) -> JobListed:
        settings = {key: value for key, value in row.shown.items() if key != "language"}
        error = {"error_code": row.error_code, "error_msg": row.error_msg or ""} if row.error_code else None
        stay = max(0.0, self._now() - row.joined_at) if row.joined_at is not None else 0.0
        known = row.start_time is not None or row.end_time is not None
        return cast(
            "JobListed",
            present(
                job_id=row.job_id,
                state=row.state,
                duration=round(row.duration + stay, 3) if known else None,
                start_time=rfc3339(row.start_time),
                end_time=rfc3339(row.end_time),
                error_info=error,
                create_time=rfc3339(row.create_time),
                lastupdate_time=rfc3339(row.update_time),
                client_id=row.client_id,
                is_pool_mode=False,
                job_finish_reason=row.finish_reason,
                **self._cased(cast("JobSettings", settings), seed=seed),
            ),
        )


def quota_of(room: Any) -> int:
    """Tasks that may run in the room at once; by terminal, every terminal holds one talk at a time."""
    return (room.concurrency if room.billing_mode == "CONCURRENCY" else room.client_nums) or 0


def client_id_of(extend_param: str) -> str:
    """The client id inside extend_param (JSON text), if there is one."""
    value = orjson.loads(extend_param).get("client_id") if extend_param else None
    return value[:256] if isinstance(value, str) else ""


def _settings(room: Any, spec: JobSpec) -> JobSettings:
    width, height = picture_size(room)
    assert spec.subtitles is not None
    return cast(
        "JobSettings",
        present(
            chat_subtitle_config=spec.subtitles.model_dump(),
            video_config={"width": width, "height": height},
            voice_config_list=voice_infos(room.voice_config_list),
            chat_video_type=room.chat_video_type,
            is_transparent=spec.transparent,
            default_language=room.default_language,
        ),
    )
