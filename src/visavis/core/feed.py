"""The bounded queue between the voice and the avatar."""

from __future__ import annotations

import asyncio
from collections import deque

from visavis.core.media import FeedItem, Sound


class SpeechFeed:
    """Speech on its way to the avatar. One producer (the reply), one consumer (the avatar), one event loop.

    A mark never comes later than the sound it belongs to: producers put marks first.
    """

    def __init__(self, capacity: float = 3.0) -> None:
        """capacity: seconds of sound after which `put` waits (back-pressure on the voice)."""
        self._items: deque[FeedItem] = deque()
        self._capacity = capacity
        self._buffered = 0.0
        self._held = False
        self._cleared = 0
        self._room = asyncio.Event()
        self._room.set()

    @property
    def buffered(self) -> float:
        """Seconds of sound waiting."""
        return self._buffered

    @property
    def held(self) -> bool:
        return self._held

    @property
    def cleared(self) -> int:
        """How often `clear` was called. When it changes, the consumer forgets what it took ahead of time."""
        return self._cleared

    async def put(self, item: FeedItem) -> None:
        """Append; waits while the feed is full. Cancelling the wait leaves the feed unchanged."""
        if isinstance(item, Sound):
            while self._buffered >= self._capacity:
                self._room.clear()
                await self._room.wait()
            self._buffered += item.duration
        self._items.append(item)

    def take(self) -> FeedItem | None:
        """The next item, or None when empty or held."""
        if self._held or not self._items:
            return None
        item = self._items.popleft()
        if isinstance(item, Sound):
            self._buffered = max(0.0, self._buffered - item.duration)
            if self._buffered < self._capacity:
                self._room.set()
        return item

    def hold(self) -> None:
        """First step of an interruption: nothing is handed out until `resume` or `clear`."""
        self._held = True

    def resume(self) -> None:
        self._held = False

    def clear(self) -> None:
        """Second step: what was not performed is gone."""
        self._cleared += 1
        self._items.clear()
        self._buffered = 0.0
        self._held = False
        self._room.set()
