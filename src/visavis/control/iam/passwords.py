"""Passwords: argon2id, in a thread, a few at a time (each takes some 64 MiB and tens of milliseconds)."""

from __future__ import annotations

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()  # RFC 9106, low-memory profile
_AT_ONCE = 2


class Passwords:
    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Takes as long for an unknown user (None) as for a known one."""
        async with self._turn:
            found = await asyncio.to_thread(_matches, password, stored)
        return found and stored is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


def _matches(password: str, stored: str | None) -> bool:
    try:
        return _HASHER.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
