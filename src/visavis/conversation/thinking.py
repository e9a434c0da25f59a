"""The visitor's question and what was said before -> the answer as it grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from visavis.conversation.reply import Reply
from visavis.core.errors import ProviderFailed, ProviderTimeout
from visavis.core.events import SemanticRecognized
from visavis.core.ports import Brain, Link
from visavis.core.streams import leaving
from visavis.core.text import Delta, Message

_PATIENCE = 30.0
"""Seconds a brain may be silent. Providers have their own, shorter limits; this one keeps a talk from hanging."""


class Thinking:
    def __init__(self, brain: Brain, link: Link, patience: float = _PATIENCE) -> None:
        self._brain = brain
        self._link = link
        self._patience = patience

    async def think(self, reply: Reply, messages: Sequence[Message]) -> AsyncIterator[str]:
        """Deltas, told to the visitor on the way. Raises ProviderFailed; an empty answer is a failure."""
        try:
            async with leaving(self._brain.reply(messages, talk=reply.talk, tools=())) as deltas:
                while (delta := await self._next(deltas)) is not None:
                    if isinstance(delta, Delta) and delta.text:
                        if reply.times:
                            reply.times.first_token()
                        reply.answer += delta.text
                        await self._tell(reply, delta.text)
                        yield delta.text
            if not reply.answer.strip():
                raise ProviderFailed("The answer was empty")
        finally:
            # Whoever appends increments learns that no more come, also after a failure or an interruption.
            await self._tell(reply, "", is_last=True)

    async def _next(self, deltas: AsyncIterator[object]) -> object | None:
        try:
            async with asyncio.timeout(self._patience):
                return await anext(deltas, None)
        except TimeoutError:
            raise ProviderTimeout(f"The brain said nothing for {self._patience:.0f} s") from None

    async def _tell(self, reply: Reply, text: str, *, is_last: bool = False) -> None:
        await self._link.tell(SemanticRecognized(chat_id=reply.chat_id, text=text, is_last=is_last))
