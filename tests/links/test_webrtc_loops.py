"""Idle is free: cycles are encoded once and replayed; the hand-over to live encoding never breaks the picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from tests.links.webrtc_client import HEIGHT, WIDTH, Cycle, box_at, canvas, linked, playing, speaking, until, visiting

from visavis.core.media import Face, LoopFrame, Moment, Picture, Pixels, Sound
from visavis.links.webrtc_encoders import Codec, Coded, PictureDecoder
from visavis.links.webrtc_loops import LoopCache
from visavis.links.webrtc_network import NetworkEstimate, Reception
from visavis.links.webrtc_pictures import PictureStream

CODECS: list[Codec] = ["H264", "VP8"]


@pytest.fixture
def loops() -> Iterator[LoopCache]:
    cache = LoopCache()
    yield cache
    cache.close()


@pytest.fixture
async def streams(loops: LoopCache) -> AsyncIterator[dict[Codec, PictureStream]]:
    made: dict[Codec, PictureStream] = {codec: PictureStream(codec, loops) for codec in CODECS}
    yield made
    for stream in made.values():
        stream.close()


def live(number: int) -> Picture:
    return Picture(WIDTH, HEIGHT, canvas(number))


def idle(cycle: Cycle, index: int) -> Picture:
    return Picture(WIDTH, HEIGHT, loop=LoopFrame(cycle, index % len(cycle)))


async def encoded(loops: LoopCache, cycle: Cycle, codec: Codec) -> None:
    loops.get(cycle, codec)
    await until(lambda: loops.get(cycle, codec).complete)


@dataclass
class Viewer:
    """Decodes what a stream sends and compares it with what was shown."""

    codec: Codec
    decoder: PictureDecoder | None = None

    def sees(self, coded: Coded | None, expected: Pixels) -> None:
        assert coded is not None
        if self.decoder is None:
            assert coded.key, "a decoder can only begin with a keyframe"
            self.decoder = PictureDecoder(self.codec)
        pixels = self.decoder.decode(coded)
        assert pixels is not None
        wrong = np.abs(pixels[:HEIGHT].astype(int) - expected[:HEIGHT])
        assert wrong.mean() < 3, wrong.mean()


@pytest.mark.parametrize("codec", CODECS)
async def test_hand_over_to_and_fro_shows_every_picture(
    codec: Codec, loops: LoopCache, streams: dict[Codec, PictureStream]
) -> None:
    cycle, other = Cycle(), Cycle(50, light=90)
    await encoded(loops, cycle, codec)
    await encoded(loops, other, codec)
    stream, viewer = streams[codec], Viewer(codec)
    shown = (
        [(live(n), canvas(n)) for n in range(10)]
        # into the middle of the cycle, past its end, and on
        + [(idle(cycle, n), canvas(n % 75, 60)) for n in range(40, 120)]
        + [(live(n), canvas(n)) for n in range(10)]
        + [(idle(cycle, n), canvas(n, 60)) for n in range(75)]
        # straight into another cycle
        + [(idle(other, n), canvas(n, 90)) for n in range(30)]
        + [(live(n), canvas(n)) for n in range(5)]
    )
    for picture, expected in shown:
        viewer.sees(await stream.code(picture), expected)
    # Live: 25 pictures, and 40..49 of the cycle until its next keyframe.
    assert stream.encoded == 25 + 10
    assert stream.replayed == len(shown) - stream.encoded


@pytest.mark.parametrize("codec", CODECS)
async def test_a_keyframe_can_be_had_in_the_middle_of_a_cycle(
    codec: Codec, loops: LoopCache, streams: dict[Codec, PictureStream]
) -> None:
    cycle = Cycle()
    await encoded(loops, cycle, codec)
    stream, newcomer = streams[codec], Viewer(codec)
    for n in range(10):
        await stream.code(idle(cycle, n))
    assert stream.encoded == 0
    stream.want_key()
    for n in range(10, 75):
        newcomer.sees(await stream.code(idle(cycle, n)), canvas(n, 60))
    assert stream.encoded == 40, "10..49 live, then the cycle's own keyframe"


async def test_requests_do_not_make_a_flood_of_keyframes(streams: dict[Codec, PictureStream]) -> None:
    keys = 0
    for n in range(41):
        streams["H264"].want_key()
        coded = await streams["H264"].code(live(n))
        keys += coded is not None and coded.key
    assert keys == 6


@pytest.mark.parametrize("codec", CODECS)
async def test_nothing_freezes_while_a_cycle_is_not_encoded_yet(
    codec: Codec, loops: LoopCache, streams: dict[Codec, PictureStream]
) -> None:
    loops._thread.submit(asyncio.run, asyncio.sleep(0.2))  # the cache is busy with something else
    stream, viewer, cycle = streams[codec], Viewer(codec), Cycle()
    for n in range(30, 150):
        viewer.sees(await stream.code(idle(cycle, n)), canvas(n % 75, 60))
    assert stream.encoded > 0
    await encoded(loops, cycle, codec)


async def test_a_cycle_is_encoded_once_for_all_sessions(loops: LoopCache) -> None:
    drawn = 0

    class Counted(Cycle):
        def frames(self) -> Iterator[Pixels]:
            nonlocal drawn
            drawn += 1
            yield from super().frames()

    first = loops.get(Counted(), "H264")
    assert loops.get(Counted(), "H264") is first
    await until(lambda: first.complete)
    assert drawn == 1
    assert [i for i, coded in enumerate(first.coded) if coded.key] == [0, 50]


async def test_a_cycle_that_breaks_is_gone_live_with(loops: LoopCache, streams: dict[Codec, PictureStream]) -> None:
    class Broken(Cycle):
        def frames(self) -> Iterator[Pixels]:
            yield canvas(0, 60)
            raise RuntimeError("no more")

    cycle = Broken()
    loops.get(cycle, "H264")
    await until(lambda: loops.get(cycle, "H264").coded)
    viewer = Viewer("H264")
    viewer.sees(await streams["H264"].code(idle(cycle, 0)), canvas(0, 60))
    assert await streams["H264"].code(idle(cycle, 1)) is None
    viewer.sees(await streams["H264"].code(live(3)), canvas(3))


async def test_a_narrow_network_gets_a_smaller_stream(streams: dict[Codec, PictureStream]) -> None:
    noise = np.random.default_rng(1)

    async def size() -> int:
        sent = 0
        for _ in range(25):
            pixels = noise.integers(0, 255, (HEIGHT * 3 // 2, WIDTH), np.uint8)
            coded = await streams["H264"].code(Picture(WIDTH, HEIGHT, pixels))
            sent += len(coded.data) if coded else 0
        return sent

    wide = await size()
    streams["H264"].limit(250_000)
    await size()
    assert await size() < 0.75 * wide


def test_an_estimate_counts_only_where_it_falls_below_what_is_sent() -> None:
    network = NetworkEstimate()

    def after(sent_kbit: int, remb: int | None, lost: float = 0.0) -> int | None:
        nonlocal total
        total += sent_kbit * 125
        return network.estimate([Reception("a", total, remb, lost)])

    total = 0
    assert after(0, 110_000) is None
    assert after(60, 110_000) is None
    assert after(900, 120_000) is None, "a quiet picture before: the low estimate says nothing"
    assert after(900, 1_000_000) is None
    assert after(900, 600_000) == 540_000, "it falls: the way is full"
    assert after(500, 700_000) == 621_000, "then it may grow"
    assert after(500, 700_000, lost=0.3) == 425_000
    for _ in range(30):
        limit = after(100, None)
    assert limit is None


@pytest.mark.parametrize("codec", CODECS)
async def test_a_peer_sees_one_continuous_picture_across_hand_overs(codec: Codec, loops: LoopCache) -> None:
    cycle = Cycle()
    await encoded(loops, cycle, codec)

    def moments(number: int) -> Moment:
        return speaking()(number) if 30 <= number < 60 else cycle.moment(number)

    async with linked(loops=loops) as link, visiting(link, codec=codec) as client, playing(link, moments):
        await until(lambda: len(client.pictures) > 110)
        assert link._streams[codec].replayed > 20
    first = box_at(client.pictures[0]) // 8
    for frame in client.pictures:
        number = first + round(frame.pts / 3600)
        shown = number if 30 <= number < 60 else number % 75
        assert box_at(frame) == shown * 8 % (WIDTH - 40), number
    assert np.median(np.diff([frame.pts for frame in client.pictures])) == 3600


async def test_two_sessions_share_one_encoded_cycle(loops: LoopCache) -> None:
    cycle = Cycle()
    async with (
        linked(loops=loops) as one,
        linked(loops=loops) as two,
        visiting(one) as a,
        visiting(two) as b,
        playing(one, cycle.moment),
        playing(two, cycle.moment),
    ):
        await until(lambda: len(a.pictures) > 100 and len(b.pictures) > 100)
        for link in (one, two):
            stream = link._streams["H264"]
            assert stream.encoded <= 51, "live only until the cycle's next keyframe"
            assert stream.replayed > 30
    assert len(loops._cycles) == 1


async def test_a_moment_without_a_picture_is_only_heard() -> None:
    def moments(number: int) -> Moment:
        return Moment(Sound.silence(0.04, 16_000), Face())

    async with linked() as link, visiting(link) as client, playing(link, moments):
        await until(lambda: len(client.audio_packets) > 20)
        assert client.video_packets == []
