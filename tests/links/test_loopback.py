import asyncio

import pytest

from visavis.core.clock import FakeClock
from visavis.core.events import PeerJoined, PeerLeft
from visavis.core.media import MOMENT_S, Face, Moment, Sound
from visavis.links.loopback import Loopback
from visavis.testing.letters import hear, say


def moment(text: str, reply: int = 1) -> Moment:
    (sound,) = say(text, MOMENT_S, step=MOMENT_S)
    return Moment(Sound(sound.pcm, sound.rate, 0.0, reply), Face())


async def test_moments_keep_time() -> None:
    clock = FakeClock()
    link = Loopback(clock)

    async def show() -> None:
        for n in range(10):
            await link.show(moment(str(n)))

    task = asyncio.create_task(show())
    await clock.advance(0.3)
    # 80 ms are in the buffer, the next one is asked for as soon as there is room.
    assert len(link.played) == 8
    await clock.advance(0.2)
    await task
    times = [p.at for p in link.played]
    assert times == pytest.approx([0.08 + 0.04 * n for n in range(10)])


async def test_a_late_producer_makes_a_gap_not_a_burst() -> None:
    clock = FakeClock()
    link = Loopback(clock)
    for pause in (0.04, 1.0, 0.04):
        task = asyncio.create_task(link.show(moment("x")))
        await clock.advance(pause)
        await task
    assert [p.at for p in link.played] == pytest.approx([0.08, 0.12, 1.12])


async def test_hush_drops_what_was_not_played() -> None:
    clock = FakeClock()
    link = Loopback(clock)

    async def show() -> None:
        for n in range(5):
            await link.show(moment(str(n)))

    task = asyncio.create_task(show())
    await clock.advance(0.1)  # moment 0 plays since 0.08; 1 and 2 wait
    assert await link.hush() == pytest.approx(0.08)
    assert await link.hush() == 0.0
    assert hear(p.moment.sound for p in link.played) == "0"
    await clock.advance(1.0)
    await task
    assert hear(p.moment.sound for p in link.played) == "034"


async def test_peers_come_and_go() -> None:
    link = Loopback(FakeClock())
    notices = link.notices()
    peer, again = link.peer("one"), link.peer("one")
    await peer.join()
    await again.join()  # replaces the former attachment without a word
    peer.lose()
    await again.hang_up()
    await again.hang_up()
    joined = PeerJoined(user_id="one")
    assert [await anext(notices) for _ in range(3)] == [joined, joined, PeerLeft(user_id="one", hung_up=True)]
    await notices.aclose()


async def test_the_microphone_is_silent_until_somebody_is_there() -> None:
    clock = FakeClock()
    link = Loopback(clock)
    heard: list[Sound] = []

    async def listen() -> None:
        async for sound in link.hear():
            heard.append(sound)

    task = asyncio.create_task(listen())
    await clock.advance(1.0)
    assert heard == []
    peer = link.peer()
    await peer.join()
    peer.speak(say("hello", 0.5))
    await clock.advance(1.0)
    assert hear(heard) == "hello"
    assert len(heard) == 50
    assert heard[0].at == pytest.approx(1.0)
    task.cancel()
    await asyncio.wait({task})


def test_only_the_microphones_format() -> None:
    link = Loopback(FakeClock())
    with pytest.raises(ValueError, match="16 kHz"):
        link.speak([Sound.silence(0.02, 8000)])
