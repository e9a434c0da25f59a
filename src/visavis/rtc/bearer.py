"""The signed room entry of `rtc_room_info`, as a bearer token."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from visavis.core import entries
from visavis.core.errors import EntryForged, Unauthorized

_VIEWER: Final = "player-"
"""How the user ids of viewers begin. The signature covers the id, so nobody promotes himself."""

_TOKEN = re.compile(r"([^.]+)\.([^.]+)\.(.+)\.(\d{1,10})\.([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A room entry, as claimed."""

    app_id: str
    room_id: str
    user_id: str
    ctime: int
    signature: str

    @property
    def user_type(self) -> Literal["END_USER", "PLAYER"]:
        return "PLAYER" if self.user_id.startswith(_VIEWER) else "END_USER"

    def verify(self, job_id: str, app_id: str, app_key: str, now: float) -> None:
        """Raises EntryForged (also: for another room or installation), EntryExpired."""
        if self.room_id != job_id or self.app_id != app_id:
            raise EntryForged
        entries.verify(app_id, app_key, self.room_id, self.user_id, self.ctime, self.signature, now=now)


def read_bearer(authorization: str | None) -> Entry:
    """`Bearer app_id.room_id.user_id.ctime.signature`. Raises Unauthorized (none at all), EntryForged."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send the room entry: Authorization: Bearer app_id.room_id.user_id.ctime.signature")
    match = _TOKEN.fullmatch(token.strip())
    if match is None:
        raise EntryForged
    app_id, room_id, user_id, ctime, signature = match.groups()
    return Entry(app_id, room_id, user_id, int(ctime), signature)
