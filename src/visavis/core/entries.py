"""Signed room entries: who may join a task's RTC room, and until when.

SparkRTC access authentication (public page rtc_05_0348): the content is the four values joined by literal plus signs,
the signature is the lower-case hex HMAC-SHA256 of it under the installation's app key. `ctime` is the Unix second at
which the entry expires.
"""

from __future__ import annotations

import hashlib
import hmac

from visavis.core.errors import EntryExpired, EntryForged


def sign(app_id: str, app_key: str, room_id: str, user_id: str, ctime: int) -> str:
    """The entry's signature: 64 lower-case hex digits."""
    content = f"{app_id}+{room_id}+{user_id}+{ctime}"
    return hmac.new(app_key.encode(), content.encode(), hashlib.sha256).hexdigest()


def verify(app_id: str, app_key: str, room_id: str, user_id: str, ctime: int, signature: str, *, now: float) -> None:
    """Accept an entry that this installation signed and that is good at `now` (Unix seconds).

    Raises EntryForged before EntryExpired, so that nobody learns from a forged entry what the clock thinks of it.
    """
    expected = sign(app_id, app_key, room_id, user_id, ctime)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise EntryForged
    if now >= ctime:
        raise EntryExpired
