"""Speech -> moments -> link. The only place that knows what was heard.

An interruption has two steps. *Hold*: nothing more is taken from the feed, the link drops what it has not played, and
those moments come back here. Then *resume* shows them again, or *cut* throws them away: they were never heard.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Protocol

from visavis.conversation.painting import Painting
from visavis.conversation.reply import Reply
from visavis.core.errors import AvatarFailed
from visavis.core.events import Subtitle
from visavis.core.feed import SpeechFeed
from visavis.core.media import MOMENT_S, Moment, Mouth, Picture, Sound
from visavis.core.ports import Avatar, Link
from visavis.core.streams import leaving

_MEMORY = 50
"""Moments a link may hold back; two seconds are far more than any does."""


class Audience(Protocol):
    """Who wants to know how the present reply gets on."""

    async def reply_audible(self, reply: Reply) -> None:
        """Its first sound goes out."""
        ...

    async def reply_over(self, reply: Reply) -> None:
        """Its last sound went out."""
        ...


class Performing:
    def __init__(self, avatar: Avatar, painting: Painting, feed: SpeechFeed, link: Link, audience: Audience) -> None:
        self._avatar = avatar
        self._painting = painting
        self._feed = feed
        self._link = link
        self._audience = audience
        self._reply: Reply | None = None
        self._holds: set[str] = set()
        self._handed: deque[Moment] = deque(maxlen=_MEMORY)
        """Speech handed to the link, newest last."""
        self._kept: deque[Moment] = deque()
        """Speech that must wait for `resume`."""
        self._epoch = 0
        """Counts holds and cuts: a moment that was waiting in the link meanwhile belongs to the time before."""

    def begin(self, reply: Reply) -> None:
        """Its sound is welcome from now on; that of any other is stale."""
        self._reply = reply

    async def hold(self, why: str) -> None:
        self._holds.add(why)
        self._epoch += 1
        self._feed.hold()
        await self._take_back()

    def resume(self, why: str) -> None:
        self._holds.discard(why)
        if not self._holds:
            self._feed.resume()

    async def cut(self) -> None:
        """End the present reply here and now. Its `seconds` are those that were heard."""
        reply, self._reply = self._reply, None
        self._epoch += 1
        self._feed.clear()
        if self._holds:
            self._feed.hold()
        await self._take_back(reply)
        self._handed.clear()
        self._kept.clear()

    async def run(self) -> None:
        """Never ends by itself. Raises AvatarFailed."""
        async with leaving(self._avatar.perform(self._feed)) as moments:
            while True:
                moment = await self._next(moments)
                await self._show(replace(moment, picture=await self._paint(moment)))

    async def _next(self, moments: AsyncIterator[Moment]) -> Moment:
        if self._kept and not self._holds:
            return self._kept.popleft()
        try:
            return await anext(moments)
        except Exception as error:
            raise AvatarFailed(f"The avatar could not go on: {error or type(error).__name__}") from error

    async def _paint(self, moment: Moment) -> Picture | None:
        if not self._link.watched:
            return None
        try:
            return await self._painting.picture(moment.face)
        except Exception as error:
            raise AvatarFailed(f"The avatar could not be painted: {error}") from error

    async def _show(self, moment: Moment) -> None:
        number = moment.sound.reply or moment.ends
        reply = self._reply if self._reply is not None and self._reply.number == number else None
        if number and (reply is None or self._holds):
            if reply is not None:  # the avatar had looked ahead, or the hold came while this was painted
                self._kept = deque(sorted((*self._kept, moment), key=_order))
            moment, reply = _quiet(moment), None
        if reply is None:
            await self._link.show(moment)
            return
        epoch = self._epoch
        self._handed.append(moment)
        if moment.sound.reply and not reply.audible:
            reply.audible = True
            await self._audience.reply_audible(reply)
        await self._link.show(moment)
        if epoch != self._epoch:  # held or cut while it waited for its time: links may or may not have it now
            await self._take_back()
            return
        reply.seconds = max(reply.seconds, _heard_until(moment))
        await self._subtitle(reply)
        if moment.ends:
            self._reply = None
            self._handed.clear()
            await self._audience.reply_over(reply)

    async def _take_back(self, reply: Reply | None = None) -> None:
        """Speech that the link had not played is ours again."""
        reply = reply or self._reply
        dropped = await self._link.hush()
        for _ in range(min(math.ceil(dropped / MOMENT_S - 0.01), len(self._handed))):
            self._kept.appendleft(self._handed.pop())
        if reply is not None and self._kept:
            first = self._kept[0]
            if first.sound.reply == reply.number:
                reply.seconds = min(reply.seconds, first.sound.at)

    async def _subtitle(self, reply: Reply) -> None:
        position = reply.script.position(reply.seconds)
        if position is None or position == reply.shown:
            return
        reply.shown = position
        await self._link.tell(
            Subtitle(reply=reply.number, sentence=position.sentence, text=position.text, spoken=position.spoken)
        )


def _heard_until(moment: Moment) -> float:
    return moment.sound.at + MOMENT_S if moment.sound.reply else 0.0


def _order(moment: Moment) -> float:
    """Place in the reply; its bare end comes last."""
    return moment.sound.at if moment.sound.reply else float("inf")


def _quiet(moment: Moment) -> Moment:
    """The same moment with nothing said in it."""
    sound = Sound.silence(MOMENT_S, moment.sound.rate)
    return Moment(sound, replace(moment.face, mouth=Mouth()))
