"""An answer as it grows -> sentences -> sound with marks, numbered, into the feed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from visavis.conversation.reply import Reply
from visavis.conversation.sentences import Piece, Splitter
from visavis.conversation.tongues import sorry
from visavis.core.errors import LanguageUnsupported, ProviderFailed, ProviderTimeout, VisavisError
from visavis.core.events import Failure
from visavis.core.feed import SpeechFeed
from visavis.core.media import Cue, Sound, SpeechEnd
from visavis.core.ports import Link, Tts
from visavis.core.streams import leaving
from visavis.core.text import Voice

log = logging.getLogger(__name__)

_PATIENCE = 20.0
"""Seconds a voice that has text may be silent."""


class _Sorry(Piece):
    """An apology: spoken, but nothing the brain said."""


_Pieces = asyncio.Queue[Piece | None]


class _Limit:
    """Runs only while the voice has text and the feed has room: else it is not the voice that is slow."""

    def __init__(self, timeout: asyncio.Timeout, patience: float) -> None:
        self._timeout = timeout
        self._patience = patience
        self._waits = {"text"}

    def stop(self, waits_for: str) -> None:
        self._waits.add(waits_for)
        self._set()

    def start(self, waited_for: str) -> None:
        self._waits.discard(waited_for)
        self._set()

    def _set(self) -> None:
        if not self._timeout.expired():
            loop = asyncio.get_running_loop()
            self._timeout.reschedule(None if self._waits else loop.time() + self._patience)


class Speaking:
    def __init__(
        self, voices: Mapping[str, tuple[Tts, Voice]], feed: SpeechFeed, link: Link, patience: float = _PATIENCE
    ) -> None:
        self._voices = voices
        self._feed = feed
        self._link = link
        self._patience = patience

    async def speak(self, reply: Reply, answer: AsyncIterator[str]) -> None:
        """Returns when the whole reply is in the feed. A failed brain or voice ends it with an apology.

        The answer is written on while the feed is full: its text reaches the visitor at the brain's own pace.
        """
        pieces = _Pieces()
        writing = asyncio.create_task(self._write(reply, answer, pieces), name=f"writing-{reply.number}")
        try:
            try:
                await self._utter(reply, pieces)
            except Exception as error:
                await self._fail(error)
                reply.script.break_off()
                if await self._apologise(reply):
                    writing.cancel()
            # Without any voice the answer is still written: the visitor reads it.
            await asyncio.wait({writing})
        finally:
            writing.cancel()
            await asyncio.wait({writing})
        if not writing.cancelled():
            writing.result()
        reply.script.complete = True
        if reply.script.duration:
            await self._feed.put(SpeechEnd(reply.number))

    async def _write(self, reply: Reply, answer: AsyncIterator[str], pieces: _Pieces) -> None:
        splitter = Splitter()
        failed = False
        try:
            async with leaving(answer) as deltas:
                async for delta in deltas:
                    for piece in splitter.write(delta):
                        pieces.put_nowait(piece)
        except Exception as error:
            failed = True
            await self._fail(error)
        for piece in splitter.finish():
            pieces.put_nowait(piece)
        if failed:
            pieces.put_nowait(_Sorry(" " + sorry(reply.talk.language), True))
        pieces.put_nowait(None)

    async def _utter(self, reply: Reply, pieces: _Pieces) -> None:
        """One call of the voice. Raises what it raises."""
        found = self._voices.get(reply.talk.language)
        if found is None:
            raise LanguageUnsupported(f"There is no voice for {reply.talk.language}")
        tts, voice = found
        script = reply.script
        text_base, time_base = len(script.text), script.duration
        try:
            async with asyncio.timeout(None) as timeout:
                limit = _Limit(timeout, self._patience)

                async def text() -> AsyncIterator[str]:
                    while True:
                        limit.stop("text")
                        piece = await pieces.get()
                        limit.start("text")
                        if piece is None:
                            return
                        if isinstance(piece, _Sorry):
                            reply.apology = len(script.text)
                        script.add(piece)
                        yield piece.text

                async with leaving(tts.speak(text(), voice=voice, talk=reply.talk)) as items:
                    async for item in items:
                        limit.stop("feed")
                        if isinstance(item, Sound):
                            await self._sound(reply, item)
                        else:
                            start, end = item.span
                            span = (start + text_base, end + text_base) if end else (0, 0)
                            mark = replace(item, at=item.at + time_base, span=span, reply=reply.number)
                            script.mark(mark)
                            await self._feed.put(mark)
                        limit.start("feed")
        except TimeoutError as error:
            raise ProviderTimeout(f"The voice was silent for {self._patience:.0f} s") from error

    async def _sound(self, reply: Reply, sound: Sound) -> None:
        script = reply.script
        if not script.duration:
            await self._feed.put(Cue("state", "speaking"))
        if reply.times:
            reply.times.first_sound()
        sound = replace(sound, at=script.duration, reply=reply.number)
        script.duration += sound.duration
        await self._feed.put(sound)

    async def _apologise(self, reply: Reply) -> bool:
        """The voice failed in this reply; perhaps it still can say sorry. False: it can't."""
        if reply.talk.language not in self._voices:
            return False
        pieces = _Pieces()
        pieces.put_nowait(_Sorry((" " if reply.script.text else "") + sorry(reply.talk.language), True))
        pieces.put_nowait(None)
        spoken = reply.script.duration
        try:
            await self._utter(reply, pieces)
        except Exception as error:
            log.warning("no apology either: %s", error)
            reply.script.break_off()
        return reply.script.duration > spoken

    async def _fail(self, error: Exception) -> None:
        await self._link.tell(failure(error))


def failure(error: Exception) -> Failure:
    """The event that names what went wrong. What is not one of our errors is logged and kept inside."""
    if isinstance(error, VisavisError):
        log.warning("reply failed: %s", error.message)
        return Failure(code=error.code, message=error.message)
    log.error("reply failed", exc_info=error)
    return Failure(code=ProviderFailed.code, message=ProviderFailed().message)
