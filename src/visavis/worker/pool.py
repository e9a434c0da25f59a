"""Provider instances of one worker: each (kind, name, options) is entered once and shared by its talks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Entry:
    provider: Any = None
    users: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ProviderPool:
    """Keeps providers warm. One nobody uses is left when more than `spare` idle ones are kept."""

    def __init__(self, load: Callable[[str, str, dict[str, Any]], Any], spare: int = 16) -> None:
        self._load = load
        self._spare = spare
        self._entries: OrderedDict[tuple[str, str, str], _Entry] = OrderedDict()

    @asynccontextmanager
    async def borrow(self, kind: str, name: str, options: dict[str, Any]) -> AsyncIterator[Any]:
        """The instance for these options, entered. Raises ProviderUnavailable, InvalidParameter."""
        key = (kind, name, json.dumps(options, sort_keys=True, default=str))
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        # Counted before the first await, so that another talk's leaving can't evict it under us.
        entry.users += 1
        try:
            async with entry.lock:
                if entry.provider is None:
                    provider = self._load(kind, name, options)
                    entry.provider = await provider.__aenter__()
            yield entry.provider
        finally:
            entry.users -= 1
            await self._trim(self._spare)

    async def close(self) -> None:
        await self._trim(0)

    async def _trim(self, spare: int) -> None:
        idle = [key for key, entry in self._entries.items() if not entry.users]
        for key in idle[: max(0, len(idle) - spare)]:
            entry = self._entries.pop(key)
            if entry.provider is not None:
                try:
                    await entry.provider.__aexit__(None, None, None)
                except Exception:
                    log.exception("provider %s/%s could not be left cleanly", key[0], key[1])
