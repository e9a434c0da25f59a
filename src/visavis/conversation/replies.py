"""Owns the present reply and the history: one reply at a time, from the question to the last word heard."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Literal

from visavis.conversation.history import History
from visavis.conversation.performing import Performing
from visavis.conversation.reply import Reply
from visavis.conversation.speaking import Speaking
from visavis.conversation.thinking import Thinking
from visavis.conversation.timing import Times
from visavis.conversation.tongues import language_of, sorry
from visavis.core.clock import Clock
from visavis.core.events import ReplyFinished
from visavis.core.jobs import JobSpec
from visavis.core.ports import Link
from visavis.logs import ids


class Replies:
    """Also the audience of the performance: what was heard comes back here."""

    def __init__(
        self,
        spec: JobSpec,
        *,
        thinking: Thinking,
        speaking: Speaking,
        link: Link,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        """changed: awaited after a reply began, became audible or is over."""
        self._spec = spec
        self._thinking = thinking
        self._speaking = speaking
        self._link = link
        self._clock = clock
        self._spawn = spawn
        self._changed = changed
        self._performing: Performing | None = None
        self._present: Reply | None = None
        self._count = 0
        self._history = History(spec.chat_rounds)
        self._floor = asyncio.Lock()
        """Held while a reply is cut and the next one begins: two questions at once must not both begin."""

    @property
    def present(self) -> Reply | None:
        """The reply that is thought, spoken or heard now."""
        return self._present

    def transcript(self) -> tuple[tuple[Literal["user", "assistant"], str], ...]:
        """What was said so far, the present reply as far as it was heard."""
        said = self._history.transcript()
        if self._present is not None and (heard := self._present.memorable):
            return (*said, ("assistant", heard))
        return said

    def perform_on(self, performing: Performing) -> None:
        """The stage is set. Questions before that are not answered: nobody would hear it."""
        self._performing = performing

    async def ask(self, text: str, chat_id: str, zero: float) -> None:
        """Answer a question. `zero`: Clock time from which its delays count."""
        times = Times(chat_id, self._clock, zero)
        times.final_text()

        def answer(reply: Reply) -> AsyncIterator[str]:
            self._history.ask(text)
            return self._thinking.think(reply, self._history.messages())

        language = language_of(text, self._spec.languages, self._spec.talk.language)
        await self._start(answer, chat_id, language, times)

    async def welcome(self, text: str) -> None:
        """Words of our own, without a question."""

        async def words(reply: Reply) -> AsyncIterator[str]:
            yield text

        await self._start(words, uuid.uuid4().hex, self._spec.talk.language, None)

    async def apologise(self) -> None:
        """Something failed before there was a question."""

        async def words(reply: Reply) -> AsyncIterator[str]:
            reply.apology = 0
            yield sorry(reply.talk.language)

        await self._start(words, uuid.uuid4().hex, self._spec.talk.language, None)

    async def cut(self) -> None:
        """End the present reply where it was heard."""
        async with self._floor:
            await self._stop()
        await self._changed()

    # ---- Audience

    async def reply_audible(self, reply: Reply) -> None:
        if reply.times is not None:
            reply.times.first_moment()
        await self._time(reply)
        await self._changed()

    async def reply_over(self, reply: Reply) -> None:
        if self._present is not reply:
            return
        self._present = None
        # Without a voice there was only text: what was written counts as heard.
        said = reply.memorable if reply.script.duration else reply.answer.strip()
        await self._close(reply, said, interrupted=False)
        await self._changed()

    # ----

    async def _start(
        self, answer: Callable[[Reply], AsyncIterator[str]], chat_id: str, language: str, times: Times | None
    ) -> None:
        if self._performing is None:
            return
        async with self._floor:
            await self._stop()
            self._count += 1
            talk = self._spec.talk.model_copy(update={"language": language})
            reply = self._present = Reply(self._count, chat_id, talk, times)
            self._performing.begin(reply)
            reply.task = self._spawn(self._answer(reply, answer(reply)))
        await self._changed()

    async def _answer(self, reply: Reply, answer: AsyncIterator[str]) -> None:
        with ids(turn=str(reply.number)):
            await self._speaking.speak(reply, answer)
        if not reply.script.duration:  # no sound will end it
            await self.reply_over(reply)

    async def _stop(self) -> None:
        """The floor must be held."""
        reply, self._present = self._present, None
        if reply is None:
            return
        if reply.task is not None:
            reply.task.cancel()
        if self._performing is not None:
            await self._performing.cut()
        await self._close(reply, reply.memorable, interrupted=True)

    async def _close(self, reply: Reply, said: str, *, interrupted: bool) -> None:
        self._history.answer(said)
        await self._time(reply)
        await self._link.tell(ReplyFinished(reply=reply.number, heard=reply.heard, interrupted=interrupted))

    async def _time(self, reply: Reply) -> None:
        if reply.times is not None and (row := reply.times.event()):
            await self._link.tell(row)
