"""The open demo room: anybody who can load the page may talk in it, within the room's quota and the box's capacity."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from visavis.control.access.schemas import LanguageInfo, OpenRoom, OpenStarted, StartOpen
from visavis.control.iam.installation import Demo, Installation
from visavis.control.jobs.ports import Box
from visavis.control.jobs.service import JobService, Start, quota_of
from visavis.control.jobs.spec import picture_size, subtitle_box
from visavis.control.robots.service import RobotService
from visavis.control.rooms.repository import RoomRepository
from visavis.control.rooms.service import LABELS
from visavis.core.errors import BoxFull, Forbidden, RoomUnknown
from visavis.core.knowledge import Knowledge
from visavis.core.languages import BCP47
from visavis.store import Database

IceServers = Callable[[], Sequence[Mapping[str, Any]]]
_HOT_QUESTIONS = 4


class OpenRoomService:
    def __init__(
        self,
        db: Database,
        installation: Installation,
        robots: RobotService,
        jobs: JobService,
        box: Box,
        ice_servers: IceServers,
        blobs: Path,
        *,
        is_open: bool,
    ) -> None:
        self._db = db
        self._installation = installation
        self._robots = robots
        self._jobs = jobs
        self._box = box
        self._ice_servers = ice_servers
        self._blobs = blobs
        self._is_open = is_open
        self._questions: dict[str, dict[str, list[str]]] = {}

    async def start(self, body: StartOpen) -> OpenStarted:
        """As StartSmartChat, with what a browser needs besides. Raises Forbidden where visitors need a credential."""
        demo = await self._demo()
        room = await RoomRepository(self._db, demo.project_id).get(demo.room_id)
        ask = Start(client_id=body.client_id or "", language=body.language)
        started = await self._jobs.start(demo.project_id, demo.room_id, ask)
        return cast("OpenStarted", {**started, "ice_servers": list(self._ice_servers()), "languages": _languages(room)})

    async def show(self, language: str | None) -> OpenRoom:
        """What a page tells its visitor before the start. `language` chooses the questions it suggests."""
        demo = await self._demo()
        rooms = RoomRepository(self._db, demo.project_id)
        room = await rooms.get(demo.room_id)
        size = picture_size(room)
        box = subtitle_box(room, *size)
        try:
            self._box.admit()
            capacity = True
        except BoxFull:
            capacity = False
        return {
            "room_name": room.room_name,
            "languages": _languages(room),
            "default_language": room.default_language,
            "quota_free": max(0, quota_of(room) - await rooms.running(demo.room_id)),
            "capacity_free": capacity,
            "video_config": {"width": size[0], "height": size[1]},
            "chat_subtitle_config": {"dx": box.dx, "dy": box.dy, "width": box.width, "height": box.height},
            "hot_questions": await self._hot_questions(demo, room, language or room.default_language),
        }

    async def _demo(self) -> Demo:
        if not self._is_open:
            raise Forbidden("Visitors of this installation need a credential")
        demo = await self._installation.demo()
        if demo is None:
            raise RoomUnknown
        return demo

    async def _hot_questions(self, demo: Demo, room: Any, language: str) -> list[str]:
        if not room.robot_id:
            return []
        robot = await self._robots.load(demo.project_id, room.robot_id)
        digest = robot.knowledge_digest
        if not digest:
            return []
        if digest not in self._questions:
            knowledge = await asyncio.to_thread(Knowledge.read, self._blobs / digest)
            found: dict[str, list[str]] = {}
            for entry in knowledge.entries:
                found.setdefault(entry.language, []).append(entry.questions[0])
            self._questions = {digest: found}  # the published file never changes; an older one is not asked for again
        return self._questions[digest].get(language, [])[:_HOT_QUESTIONS]


def _languages(room: Any) -> list[LanguageInfo]:
    codes = [voice["language"] for voice in room.voice_config_list] or [room.default_language]
    return [{"code": code, "tag": BCP47[code], "name": LABELS[code]} for code in codes]
