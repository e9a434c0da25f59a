"""Manners with streams."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def leaving(items: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close the stream on the way out, however that is.

    The ports promise iterators; most are generators, which hold their resources until they are closed. The
    interpreter alone would close an abandoned one at some later time, in another task.
    """
    try:
        yield items
    finally:
        close = getattr(items, "aclose", None)
        if close is not None:
            await close()
