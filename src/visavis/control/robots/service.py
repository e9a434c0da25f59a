"""Applications: their vendor objects stored with the secrets sealed, shown flat as the seeds do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from visavis.control import ids
from visavis.control.iam.sealing import Sealer
from visavis.control.robots.repository import RobotRepository
from visavis.control.robots.schemas import CreateRobot, RobotInfo, RobotList, UpdateRobot
from visavis.core.errors import InvalidParameter
from visavis.rest.answers import present, rfc3339
from visavis.store import Database

CONFIG_OF: Final = {
    0: "iflytek_aiui_config",
    1: "huawei_ei_cbs",
    2: "iflytek_spark",
    6: "third_party_model_config",
    7: "wise_brain_config",
    8: "mobvoi_config",
}
"""app_type -> its vendor object in the contract. Third-party drive (5) has none."""
_SECRET: Final = frozenset({"app_key", "api_secret", "app_secret", "asr_secret"})
_FLAT: Final = (
    "app_id",
    "region",
    "cbs_project_id",
    "llm_url",
    "is_stream",
    "chat_rounds",
    "role_id",
    "sis_region",
    "sis_project_id",
    "enable_hot_words",
    "asr_type",
    "asr_account",
)
_DELETE_AT_ONCE: Final = 100

Secrets = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Robot:
    """An application as a task needs it."""

    robot_id: str
    app_type: int
    language: str | None
    tail_silence_ms: int
    chat_rounds: int
    config: dict[str, Any]
    """The vendor object of its type, secrets included: for the provider's options, never for an answer."""
    knowledge_digest: str
    welcome_words: dict[str, list[str]]
    hot_words: list[str]


class RobotService:
    def __init__(
        self, db: Database, sealer: Sealer, *, mask_app_key: bool = False, now: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._sealer = sealer
        self._mask = mask_app_key
        self._now = now

    async def create(self, project_id: str, body: CreateRobot) -> str:
        """The new application's id. Raises RobotNameTaken."""
        robot_id = ids.hex_text()
        now = self._now()
        configs, secrets = _parted(body)
        await RobotRepository(self._db, project_id).create(
            {
                "robot_id": robot_id,
                "name": body.name,
                "app_type": body.app_type,
                "room_id": body.room_id,
                "robot_type": body.robot_type,
                "language": body.language,
                "tail_silence_time": 500 if body.tail_silence_time is None else body.tail_silence_time,
                "enable_question_audit": body.enable_question_audit,
                "configs": configs,
                "sealed_secrets": self._sealed(secrets, robot_id),
                "knowledge_digest": "",
                "welcome_words": {},
                "hot_words": [],
                "create_time": now,
                "update_time": now,
            }
        )
        return robot_id

    async def show(self, project_id: str, robot_id: str) -> RobotInfo:
        return self._info(await RobotRepository(self._db, project_id).get(robot_id))

    async def page(
        self, project_id: str, offset: int, limit: int, room_id: str | None, robot_type: str | None
    ) -> RobotList:
        robots = RobotRepository(self._db, project_id)
        count, rows = await robots.page(offset, limit, room_id=room_id, robot_type=robot_type)
        return {"offset": offset, "limit": limit, "count": count, "data": [self._info(row) for row in rows]}

    async def update(self, project_id: str, robot_id: str, body: UpdateRobot) -> None:
        """What the body names is replaced. A secret that it leaves out of a vendor object is kept: secrets can't be
        read back, so a client that shows, edits and saves does not have them."""
        plain = body.model_dump(exclude_none=True, exclude=set(CONFIG_OF.values()))
        configs, secrets = _parted(body)
        async with self._db.transaction() as tx:
            robots = RobotRepository(tx, project_id)
            row = await robots.get(robot_id)
            kept = self._unsealed(row)
            for name, fields in secrets.items():
                kept[name] = {**kept.get(name, {}), **fields}
            values = {
                **plain,
                "configs": {**row.configs, **configs},
                "sealed_secrets": self._sealed(kept, robot_id),
                "update_time": self._now(),
            }
            await robots.change(robot_id, values)

    async def delete(self, project_id: str, robot_ids: Sequence[str]) -> None:
        """All or none. Raises RobotUnknown. Rooms that name one keep its id; their next start tells."""
        if not robot_ids or len(robot_ids) > _DELETE_AT_ONCE:
            raise InvalidParameter(f"give 1 to {_DELETE_AT_ONCE} robot IDs")
        async with self._db.transaction() as tx:
            await RobotRepository(tx, project_id).remove(robot_ids)

    async def publish(
        self,
        project_id: str,
        robot_id: str,
        *,
        knowledge_digest: str,
        welcome_words: dict[str, list[str]],
        hot_words: list[str],
    ) -> None:
        """What the application knows and says of itself (no operation of the contract here: see the first start)."""
        values = {"knowledge_digest": knowledge_digest, "welcome_words": welcome_words, "hot_words": hot_words}
        await RobotRepository(self._db, project_id).change(robot_id, values)

    async def load(self, project_id: str, robot_id: str) -> Robot:
        """For the start of a task. Raises RobotUnknown."""
        row = await RobotRepository(self._db, project_id).get(robot_id)
        name = CONFIG_OF.get(row.app_type, "")
        config = {**row.configs.get(name, {}), **self._unsealed(row).get(name, {})}
        return Robot(
            robot_id=row.robot_id,
            app_type=row.app_type,
            language=row.language,
            tail_silence_ms=row.tail_silence_time,
            chat_rounds=config.get("chat_rounds", 1),
            config=config,
            knowledge_digest=row.knowledge_digest,
            welcome_words=row.welcome_words,
            hot_words=row.hot_words,
        )

    def _sealed(self, secrets: Secrets, robot_id: str) -> bytes | None:
        return self._sealer.seal(orjson.dumps(secrets).decode(), robot_id) if secrets else None

    def _unsealed(self, row: Any) -> Secrets:
        if row.sealed_secrets is None:
            return {}
        return cast("Secrets", orjson.loads(self._sealer.unseal(row.sealed_secrets, row.robot_id)))

    def _info(self, row: Any) -> RobotInfo:
        name = CONFIG_OF.get(row.app_type, "")
        config = row.configs.get(name, {})
        app_key = self._unsealed(row).get(name, {}).get("app_key")
        return cast(
            "RobotInfo",
            present(
                robot_id=row.robot_id,
                name=row.name,
                room_id=row.room_id,
                app_type=row.app_type,
                app_key="******" if app_key and self._mask else app_key,
                robot_type=row.robot_type,
                language=row.language,
                create_time=rfc3339(row.create_time),
                update_time=rfc3339(row.update_time),
                tail_silence_time=row.tail_silence_time,
                enable_question_audit=row.enable_question_audit,
                is_ifly_production=config.get("is_production"),
                **{field: config.get(field) for field in _FLAT},
            ),
        )


def _parted(body: UpdateRobot) -> tuple[dict[str, Any], Secrets]:
    """The vendor objects that a body names: open fields here, secrets there."""
    configs: dict[str, Any] = {}
    secrets: Secrets = {}
    for name in CONFIG_OF.values():
        config = getattr(body, name)
        if config is None:
            continue
        fields = config.model_dump(exclude_none=True)
        configs[name] = {key: value for key, value in fields.items() if key not in _SECRET}
        if hidden := {key: value for key, value in fields.items() if key in _SECRET}:
            secrets[name] = hidden
    return configs, secrets
