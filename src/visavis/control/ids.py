"""Identifiers the control plane makes."""

from __future__ import annotations

import secrets
import string
import uuid

_UPPER = string.ascii_uppercase + string.digits
_MIXED = string.ascii_letters + string.digits


def uuid_text() -> str:
    """Rooms, jobs, assets: `26f06524-4f75-4b3a-a853-b649a21aaf66`."""
    return str(uuid.uuid4())


def hex_text() -> str:
    """Projects, users, robots: 32 hex digits."""
    return uuid.uuid4().hex


def access_key() -> str:
    return "".join(secrets.choice(_UPPER) for _ in range(20))


def secret(length: int = 40) -> str:
    """Letters and digits; 40 of them carry 238 bits."""
    return "".join(secrets.choice(_MIXED) for _ in range(length))
