"""Dialogs: what they may hold, and how they are shown."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final, cast

from visavis.control import ids
from visavis.control.assets.service import AssetService
from visavis.control.robots.service import RobotService
from visavis.control.rooms.repository import RoomFilter, RoomRepository, clauses
from visavis.control.rooms.schemas import CreateRoom, RoomInfo, RoomList, RoomListed, UpdateRoom, VoiceConfigInfo
from visavis.core.errors import InvalidParameter, RoomBusy
from visavis.rest.answers import pick, present, rfc3339
from visavis.store import Database

log = logging.getLogger(__name__)

LABELS: Final = {
    "CN": "中文",
    "EN": "English",
    "ESP": "Español",
    "por": "Português",
    "Arabic": "العربية",
    "Thai": "ไทย",
    "fr": "Français",
}
"""language_desc: what a language calls itself."""
SIZES: Final = frozenset({(1920, 1080), (1080, 1920), (1280, 720), (720, 1280), (3840, 2160), (2160, 3840)})
"""Picture sizes that the contract's prose names. Others within 0-3840 are stored all the same."""
_LARGEST_SUM: Final = 1_024_000


class RoomService:
    def __init__(
        self, db: Database, assets: AssetService, robots: RobotService, now: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._assets = assets
        self._robots = robots
        self._now = now

    async def create(self, project_id: str, body: CreateRoom) -> str:
        """The new room's id. Raises RoomNameTaken, AssetUnknown, RobotUnknown, InvalidParameter."""
        await self._check_references(project_id, body)
        values = {
            "voice_config_list": [],
            "billing_mode": "CONCURRENCY",
            "reuse_resource": False,
            "default_language": "CN",
            **_values(body, body.default_language or "CN"),
        }
        _check_billing(values)
        now = self._now()
        room_id = ids.uuid_text()
        await RoomRepository(self._db, project_id).create(
            {**values, "room_id": room_id, "create_time": now, "update_time": now}
        )
        return room_id

    async def update(self, project_id: str, room_id: str, body: UpdateRoom) -> RoomInfo:
        """Replaces what the body names. Tasks that run keep what they were started with."""
        await self._check_references(project_id, body)
        async with self._db.transaction() as tx:
            rooms = RoomRepository(tx, project_id)
            row = await rooms.lock(room_id)
            values = _values(body, body.default_language or row.default_language)
            _check_billing({**row._mapping, **values})
            await rooms.change(room_id, {**values, "update_time": self._now()})
            return room_info(await rooms.get(room_id))

    async def show(self, project_id: str, room_id: str) -> RoomInfo:
        return room_info(await RoomRepository(self._db, project_id).get(room_id))

    async def delete(self, project_id: str, room_id: str) -> None:
        """Raises RoomUnknown, RoomBusy. The rows of its finished tasks stay: they are what was metered."""
        async with self._db.transaction() as tx:
            rooms = RoomRepository(tx, project_id)
            await rooms.lock(room_id)
            if await rooms.running(room_id):
                raise RoomBusy
            await rooms.remove(room_id)

    async def page(self, project_id: str, offset: int, limit: int, wanted: RoomFilter) -> RoomList:
        rooms = RoomRepository(self._db, project_id)
        where = clauses(wanted)
        rows = await rooms.page(offset, limit, where)
        sums = await rooms.sums()
        return {
            "count": await rooms.found(where) if where else sums.rooms,
            "count_concurrency": min(sums.concurrency, _LARGEST_SUM),
            "count_client_nums": min(sums.clients, _LARGEST_SUM),
            "count_client_nums_token": min(sums.tokens, _LARGEST_SUM),
            "smart_chat_rooms": [_listed(row) for row in rows],
        }

    async def _check_references(self, project_id: str, body: UpdateRoom) -> None:
        if body.model_asset_id:
            await self._assets.get(project_id, "HUMAN_MODEL_2D", [body.model_asset_id])
        voices = {voice.voice_asset_id for voice in body.voice_config_list or ()}
        if body.voice_config:
            voices.add(body.voice_config.voice_asset_id)
        await self._assets.get(project_id, "VOICE_MODEL", voices)
        if body.robot_id:
            await self._robots.show(project_id, body.robot_id)
        size = body.video_config and (body.video_config.width, body.video_config.height)
        if size and size not in SIZES:
            log.warning("video_config %dx%d is none of the sizes the contract names", *size)


def _values(body: UpdateRoom, language: str) -> dict[str, Any]:
    """Columns that a body sets. The deprecated single voice stands for a list of one, unless the list came too."""
    values = body.model_dump(exclude_none=True, exclude={"voice_config"})
    if body.voice_config_list is None and body.voice_config is not None:
        values["voice_config_list"] = [{**body.voice_config.model_dump(), "language": language}]
    return values


def _check_billing(values: dict[str, Any]) -> None:
    if values["reuse_resource"] and values["billing_mode"] != "CONCURRENCY":
        raise InvalidParameter("reuse_resource: not available when the room is billed by terminal")


def voice_infos(voices: list[dict[str, Any]]) -> list[VoiceConfigInfo] | None:
    """voice_config_list as every answer shows it; None when there is none."""
    shown = [{**voice, "language_desc": LABELS[voice["language"]]} for voice in voices]
    return cast("list[VoiceConfigInfo]", shown) or None


def _first_voice(voices: list[dict[str, Any]]) -> dict[str, Any] | None:
    return pick(voices[0], "voice_asset_id", "speed", "pitch", "volume") if voices else None


def _listed(row: Any) -> RoomListed:
    return cast(
        "RoomListed",
        present(
            room_id=row.room_id,
            room_name=row.room_name,
            room_description=row.room_description,
            robot_id=row.robot_id,
            model_infos=present(model_asset_id=row.model_asset_id, asset_name=row.asset_name) or None,
            voice_config=_first_voice(row.voice_config_list),
            billing_mode=row.billing_mode,
            reuse_resource=row.reuse_resource,
            concurrency=row.concurrency,
            client_nums=row.client_nums,
            voice_config_list=voice_infos(row.voice_config_list),
            default_language=row.default_language,
            create_time=rfc3339(row.create_time),
            update_time=rfc3339(row.update_time),
            exit_mute_threshold=row.exit_mute_threshold,
        ),
    )


def room_info(row: Any) -> RoomInfo:
    return cast(
        "RoomInfo",
        present(
            room_id=row.room_id,
            room_name=row.room_name,
            room_description=row.room_description,
            video_config=row.video_config,
            model_asset_id=row.model_asset_id,
            voice_config=_first_voice(row.voice_config_list),
            voice_config_list=voice_infos(row.voice_config_list),
            robot_id=row.robot_id,
            billing_mode=row.billing_mode,
            reuse_resource=row.reuse_resource,
            concurrency=row.concurrency,
            client_nums=row.client_nums,
            default_language=row.default_language,
            background_config=row.background_config,
            layer_config=row.layer_config,
            review_config=row.review_config,
            chat_subtitle_config=row.chat_subtitle_config,
            chat_video_type=row.chat_video_type,
            exit_mute_threshold=row.exit_mute_threshold,
            enable_semantic_action=row.enable_semantic_action,
            create_time=rfc3339(row.create_time),
            update_time=rfc3339(row.update_time),
            is_pool_mode=False,
            chat_resource_config=row.chat_resource_config,
        ),
    )
