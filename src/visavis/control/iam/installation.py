"""What this installation made up for itself: the RTC application and its key, and which room is the demo's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from visavis.control import ids
from visavis.control.iam.repository import IamRepository
from visavis.control.iam.sealing import Sealer
from visavis.store import Database


@dataclass(frozen=True, slots=True)
class RtcKey:
    """Signs the room entries of this installation (core.entries)."""

    app_id: str
    app_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Demo:
    project_id: str
    room_id: str
    robot_id: str


class Installation:
    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer
        self._rtc: RtcKey | None = None

    async def rtc(self) -> RtcKey:
        """Made at the first call, sealed in the database, the same ever after."""
        if self._rtc is None:
            async with self._db.transaction() as tx:
                iam = IamRepository(tx)
                app_id = await iam.remembered("rtc.app_id")
                sealed = await iam.remembered("rtc.app_key")
                if app_id is None or sealed is None:
                    app_id, app_key = ids.hex_text(), secrets.token_hex(32)
                    await iam.remember("rtc.app_id", app_id)
                    await iam.remember("rtc.app_key", self._sealer.seal(app_key, "rtc.app_key").hex())
                else:
                    app_key = self._sealer.unseal(bytes.fromhex(sealed), "rtc.app_key")
            self._rtc = RtcKey(app_id, app_key)
        return self._rtc

    async def demo(self) -> Demo | None:
        """Which room the page opens; None before the first start."""
        iam = IamRepository(self._db)
        found = [await iam.remembered(f"demo.{name}") for name in ("project_id", "room_id", "robot_id")]
        return None if None in found else Demo(*[str(value) for value in found])

    async def remember_demo(self, demo: Demo) -> None:
        async with self._db.transaction() as tx:
            for name in ("project_id", "room_id", "robot_id"):
                await IamRepository(tx).remember(f"demo.{name}", getattr(demo, name))
