"""Her pictures, painted beforehand: what an encoder alone is given, and what the peer sends."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np

from bench import script
from bench.scripted import speech_items
from bench.server import job_of
from visavis.core.feed import SpeechFeed
from visavis.core.media import Picture, Pixels, SpeechEnd
from visavis.core.ports import Avatar, Painter
from visavis.links.webrtc_encoders import PictureEncoder, highest_bitrate
from visavis.worker.stage import Stage

_COUNT = 75
"""Pictures of each kind, 3 s."""
_FOR_PEER = 15
"""Of these, what the peer keeps in memory: raw pictures are large."""


@dataclass(frozen=True, slots=True)
class Painted:
    """I420, at the script's size."""

    resting: Sequence[Pixels]
    speaking: Sequence[Pixels]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The same as RGB files, as bench.pipecat_server reads them."""

    resting: Path
    speaking: Path


async def painted() -> Painted:
    """By the avatar and painter that a talk of `bench.server` gets, on the words that it speaks."""
    stage = Stage()
    await stage.warm("sara")
    avatar, painter = await stage.set(job_of("pictures"))
    seconds = _COUNT / script.FRAME_RATE
    feed = SpeechFeed(capacity=2 * seconds)
    resting = await _paint(avatar, painter, feed)
    for item in speech_items(seconds):
        await feed.put(replace(item, reply=1))
    await feed.put(SpeechEnd(1))
    return Painted(resting, await _paint(avatar, painter, feed))


async def _paint(avatar: Avatar, painter: Painter, feed: SpeechFeed) -> list[Pixels]:
    moments = avatar.perform(feed)
    pictures = [painter.paint((await anext(moments)).face) for _ in range(_COUNT)]
    return list(itertools.chain.from_iterable(_pixels(picture) for picture in pictures))[:_COUNT]


def _pixels(picture: Picture) -> list[Pixels]:
    """A picture of a cycle stands for the cycle's pictures from the start: they move alike."""
    if picture.i420 is not None:
        return [np.array(picture.i420)]
    assert picture.loop is not None
    return [np.array(pixels) for pixels in itertools.islice(picture.loop.cycle.frames(), _COUNT)]


def encoding_cost(pictures: Sequence[Pixels], repeat: int = 1) -> float:
    """CPU seconds that one picture takes to encode, with our link's encoder and settings, on one thread."""
    height, width = pictures[0].shape[0] * 2 // 3, pictures[0].shape[1]
    encoder = PictureEncoder("H264", width, height, highest_bitrate(width, height))
    encoder.encode(pictures[0], key=True)
    begun = time.process_time()
    for _ in range(repeat):
        for pixels in pictures:
            encoder.encode(pixels, key=False)
    return (time.process_time() - begun) / len(pictures) / repeat


@asynccontextmanager
async def recorded(pictures: Painted) -> AsyncIterator[Recorded]:
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as folder:
        files = Recorded(Path(folder) / "resting.npy", Path(folder) / "speaking.npy")
        for path, source in ((files.resting, pictures.resting), (files.speaking, pictures.speaking)):
            np.save(path, np.stack([_rgb(pixels) for pixels in source[:_FOR_PEER]]))
        yield files


def _rgb(pixels: Pixels) -> Pixels:
    return av.VideoFrame.from_ndarray(pixels, format="yuv420p").to_ndarray(format="rgb24").astype(np.uint8, copy=False)
