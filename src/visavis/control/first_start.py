"""The first start: a project to work in and a room to talk in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson

from visavis.control import ids
from visavis.control.assets.repository import add_system_asset, system_asset_ids
from visavis.control.iam.installation import Demo, Installation
from visavis.control.iam.service import IamService
from visavis.control.robots.schemas import CreateRobot
from visavis.control.robots.service import RobotService
from visavis.control.rooms.schemas import CreateRoom
from visavis.control.rooms.service import RoomService
from visavis.core.knowledge import Knowledge
from visavis.store import Database

DOMAIN: Final = "demo"
PROJECT: Final = "demo"
USER: Final = "demo"

MODEL: Final = "2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0001"
_VOICES: Final = {
    # contract code: (asset id, name, eSpeak voice)
    "EN": ("2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0101", "Sara, English", "en-us"),
    "CN": ("2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0102", "Sara, Chinese", "cmn"),
    "ESP": ("2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0103", "Sara, Spanish", "es"),
    "por": ("2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0104", "Sara, Portuguese", "pt-br"),
    "Arabic": ("2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0105", "Sara, Arabic", "ar"),
    "fr": ("2f0a3e62-1c6c-4a5e-9e57-0d5a5a7a0106", "Sara, French", "fr"),
}
"""System assets keep their ids for ever and everywhere: rooms of every installation refer to them. Thai has no usable
offline voice."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What `demo.json` holds."""

    endpoint: str
    project_id: str
    access_key: str
    secret_key: str = field(repr=False)
    domain_name: str
    user_name: str
    password: str = field(repr=False)
    room_id: str
    robot_id: str
    model_asset_id: str
    voice_asset_id: str


class FirstStart:
    def __init__(
        self,
        db: Database,
        installation: Installation,
        iam: IamService,
        robots: RobotService,
        rooms: RoomService,
        data: Path,
        endpoint: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._db = db
        self._installation = installation
        self._iam = iam
        self._robots = robots
        self._rooms = rooms
        self._data = data
        self._endpoint = endpoint
        self._now = now

    async def run(self) -> DemoAccount | None:
        """Make what is missing; run it at every start. The demo's account if this start made it, else None.

        A start that was killed half way leaves a domain nobody uses; the next one begins anew under another name.
        """
        await self._system_assets()
        await self._installation.rtc()
        if await self._installation.demo() is not None:
            self._refresh_endpoint()
            return None
        account = await self._demo()
        self._write(account)
        # Last: from here on the demo counts as made.
        await self._installation.remember_demo(Demo(account.project_id, account.room_id, account.robot_id))
        return account

    async def _system_assets(self) -> None:
        known = await system_asset_ids(self._db)
        wanted: dict[str, dict[str, Any]] = {
            MODEL: {"type": "HUMAN_MODEL_2D", "name": "Sara", "payload": {"pack": "sara"}}
        }
        for language, (asset_id, name, voice) in _VOICES.items():
            payload = {"provider": "espeak", "voice": voice, "language": language}
            wanted[asset_id] = {"type": "VOICE_MODEL", "name": name, "payload": payload}
        now = self._now()
        async with self._db.transaction() as tx:
            for asset_id, values in wanted.items():
                if asset_id not in known:
                    await add_system_asset(tx, {"asset_id": asset_id, "create_time": now, **values})

    async def _demo(self) -> DemoAccount:
        password = ids.secret(20)
        domain = await self._free_domain()
        _, project_id, user_id = await self._iam.create_identity(domain, PROJECT, USER, password)
        access_key, secret_key = await self._iam.create_key(user_id, project_id)
        robot_id = await self._robot(project_id)
        room_id = await self._room(project_id, robot_id)
        return DemoAccount(
            endpoint=self._endpoint,
            project_id=project_id,
            access_key=access_key,
            secret_key=secret_key,
            domain_name=domain,
            user_name=USER,
            password=password,
            room_id=room_id,
            robot_id=robot_id,
            model_asset_id=MODEL,
            voice_asset_id=_VOICES["EN"][0],
        )

    async def _free_domain(self) -> str:
        taken = await self._iam.domain_exists(DOMAIN)
        return f"{DOMAIN}-{ids.secret(6).lower()}" if taken else DOMAIN

    async def _robot(self, project_id: str) -> str:
        demo = _demo_content()
        knowledge = Knowledge.model_validate({"entries": demo["entries"]})
        publish(self._data / "blobs", knowledge)
        body = CreateRobot(name="Sara's knowledge", app_type=7, robot_type="CHAT", language="EN")
        robot_id = await self._robots.create(project_id, body)
        await self._robots.publish(
            project_id,
            robot_id,
            knowledge_digest=knowledge.digest,
            welcome_words=demo["welcome_words"],
            hot_words=demo["hot_words"],
        )
        return robot_id

    async def _room(self, project_id: str, robot_id: str) -> str:
        body = CreateRoom.model_validate(
            {
                "room_name": "Exhibition hall with Sara",
                "room_description": "Sara",
                "model_asset_id": MODEL,
                "voice_config_list": [
                    {"voice_asset_id": asset_id, "language": code} for code, (asset_id, _, _) in _VOICES.items()
                ],
                "robot_id": robot_id,
                "concurrency": 5,
                "exit_mute_threshold": 10,  # a visitor who walked away gives the place back
                "default_language": "EN",
                "chat_video_type": "MOBILE",
                "video_config": {"bitrate": 2000, "width": 720, "height": 1280},
            }
        )
        return await self._rooms.create(project_id, body)

    def _write(self, account: DemoAccount) -> None:
        write_private(self._data / "demo.json", orjson.dumps(asdict(account), option=orjson.OPT_INDENT_2))

    def _refresh_endpoint(self) -> None:
        """The port or the public URL may be another one today. A file the owner took away stays away."""
        path = self._data / "demo.json"
        try:
            account = DemoAccount(**orjson.loads(path.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return
        if account.endpoint != self._endpoint:
            self._write(replace(account, endpoint=self._endpoint))


def _demo_content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = orjson.loads(
        resources.files("visavis.control").joinpath("demo_knowledge.json").read_bytes()
    )
    return content


def publish(blobs: Path, knowledge: Knowledge) -> None:
    """Write the knowledge as a file named by its digest. It appears whole or not at all."""
    blobs.mkdir(parents=True, exist_ok=True)
    target = blobs / knowledge.digest
    if not target.exists():
        partial = target.with_suffix(f".{os.getpid()}")
        partial.write_bytes(knowledge.encode())
        partial.replace(target)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, from its first byte on; replaces an older one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    partial.replace(path)
