"""The painter's thread, on the real clock."""

import asyncio
import threading
import time

import numpy as np
import pytest

from visavis.conversation.painting import Painting
from visavis.conversation.performing import Performing
from visavis.conversation.reply import Reply
from visavis.core.clock import RealClock
from visavis.core.errors import AvatarFailed
from visavis.core.feed import SpeechFeed
from visavis.core.media import Face, Picture, Sound, SpeechEnd
from visavis.links.loopback import Loopback
from visavis.testing.contracts import TALK
from visavis.testing.fakes import StillAvatar
from visavis.testing.letters import hear, say


class Audience:
    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def reply_audible(self, reply: Reply) -> None:
        pass

    async def reply_over(self, reply: Reply) -> None:
        self.over.set()


class SlowPainter:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.threads: set[int] = set()
        self.painted = 0

    def paint(self, face: Face) -> Picture:
        self.threads.add(threading.get_ident())
        self.painted += 1
        time.sleep(self.seconds)
        return Picture(self.painted, 1, np.zeros((1, 1), np.uint8))


class BrokenPainter:
    def paint(self, face: Face) -> Picture:
        raise MemoryError("no paint")


async def perform(painter: SlowPainter, seconds: float) -> tuple[Loopback, Painting]:
    clock = RealClock()
    link = Loopback(clock, watched=True)
    await link.peer().join()
    feed, audience, painting = SpeechFeed(), Audience(), Painting(painter)
    performing = Performing(StillAvatar(), painting, feed, link, audience)
    reply = Reply(1, "chat", TALK)
    performing.begin(reply)
    for sound in say("hello", seconds):
        await feed.put(Sound(sound.pcm, sound.rate, sound.at, 1))
        reply.script.duration += sound.duration
    await feed.put(SpeechEnd(1))
    task = asyncio.create_task(performing.run())
    try:
        async with asyncio.timeout(20):
            await audience.over.wait()
    finally:
        task.cancel()
        await asyncio.wait({task})
        painting.close()
    return link, painting


async def test_pictures_are_painted_in_one_thread_beside_the_loop() -> None:
    painter = SlowPainter(0.001)
    link, _ = await perform(painter, 0.4)
    assert painter.threads
    assert len(painter.threads) == 1
    assert threading.get_ident() not in painter.threads
    spoken = [p.moment for p in link.played if p.moment.sound.reply]
    assert hear(m.sound for m in spoken) == "hello"
    assert all(m.picture is not None for m in spoken)


async def test_a_slow_painter_delays_no_sound() -> None:
    painter = SlowPainter(0.2)
    link, painting = await perform(painter, 0.8)
    spoken = [p for p in link.played if p.moment.sound.reply]
    assert hear(p.moment.sound for p in spoken) == "hello"
    assert painting.late > 5
    # Far fewer pictures than moments: the former one was shown again.
    assert painter.painted < len(spoken) / 2
    assert spoken[-1].moment.picture is not None


async def test_a_broken_painter_is_a_failure_of_the_avatar() -> None:
    link = Loopback(RealClock(), watched=True)
    await link.peer().join()
    painting = Painting(BrokenPainter())
    with pytest.raises(AvatarFailed, match="no paint"):
        await Performing(StillAvatar(), painting, SpeechFeed(), link, Audience()).run()
    painting.close()


async def test_nobody_watches_nothing_is_painted() -> None:
    painter = SlowPainter(0.0)
    link = Loopback(RealClock(), watched=False)
    painting = Painting(painter)
    task = asyncio.create_task(Performing(StillAvatar(), painting, SpeechFeed(), link, Audience()).run())
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.wait({task})
    painting.close()
    assert painter.painted == 0
