"""What a visitor does and when it hears something: the same ear for every side of the talking benches."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import numpy as np

from bench import script
from visavis.core.media import Samples, Sound
from visavis.core.text import Voice
from visavis.links.visitor import Heard, Visitor
from visavis.providers.tts.espeak import EspeakTts
from visavis.testing.contracts import TALK

AUDIBLE = 150
"""RMS from which a packet counts as sound (-47 dBFS)."""
_FRAME = 0.02
_RATE = 48_000
_SENTENCE = "Where is the main entrance today"

Exchange = Callable[[str], Awaitable[str]]
"""SDP offer to answer."""


def plain(url: str, headers: Mapping[str, str] | None = None) -> Exchange:
    """POST the offer, get the answer."""

    async def exchange(offer: str) -> str:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(url, content=offer, headers=headers)
            answer.raise_for_status()
            return answer.text

    return exchange


@asynccontextmanager
async def visiting(exchange: Exchange, *, pictures: bool = False) -> AsyncIterator[Visitor]:
    async with Visitor(pictures=pictures) as visitor:
        await visitor.join(exchange)
        yield visitor


@asynccontextmanager
async def crowd(exchanges: list[Exchange], *, pictures: bool) -> AsyncIterator[list[Visitor]]:
    """Several visitors at once."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(visiting(e, pictures=pictures)) for e in exchanges]


async def voice() -> Samples:
    """A synthetic visitor's sentence of 1.7 s at 48 kHz, cut so that its first and last samples are loud."""

    async def text() -> AsyncIterator[str]:
        yield _SENTENCE

    async with EspeakTts(EspeakTts.Options()) as tts:
        spoken = [s async for s in tts.speak(text(), voice=Voice("en-us"), talk=TALK) if isinstance(s, Sound)]
    source = np.concatenate([sound.samples for sound in spoken]).astype(np.float64)
    rate = spoken[0].rate
    count = int(len(source) * _RATE / rate)
    samples = np.interp(np.arange(count) * rate / _RATE, np.arange(len(source)), source)
    loud = np.flatnonzero(np.abs(samples) > 600)
    return samples[loud[0] : loud[-1] + 1].astype(np.int16)


async def audible(visitor: Visitor, after: float, within: float = 15.0) -> float:
    """When the first audible packet at or after time `after` arrived. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while True:
            for heard in since(visitor, after):
                if heard.rms >= AUDIBLE:
                    return heard.at
            await asyncio.sleep(0.01)


async def quiet(visitor: Visitor, seconds: float = 0.4, within: float = 60.0) -> float:
    """Wait until nothing was audible for so long; when the last audible packet arrived, 0 if there never was one."""
    async with asyncio.timeout(within):
        while True:
            await asyncio.sleep(0.02)
            tail = visitor.heard[-round(seconds / _FRAME) :]
            if len(tail) >= round(seconds / _FRAME) and all(h.rms < AUDIBLE for h in tail):
                return next((h.at for h in reversed(visitor.heard) if h.rms >= AUDIBLE), 0.0)


def since(visitor: Visitor, after: float) -> list[Heard]:
    """The packets that arrived at or after that time, oldest first."""
    return visitor.heard[bisect.bisect_left(visitor.heard, after, key=lambda heard: heard.at) :]


class Spoiled(Exception):
    """The turn did not go by the script: it says nothing about the side, but it is counted."""


async def reply_time(visitor: Visitor, sentence: Samples) -> float:
    """Seconds from the sentence's last sample to the first audible packet of the reply.

    Raises Spoiled where sound came before the script allows any (the sentence was cut in two), or none at all.
    """
    visitor.say(sentence)
    asked = await visitor.said()
    try:
        taken = await audible(visitor, asked) - asked
    except TimeoutError:
        raise Spoiled("no reply") from None
    if taken < script.FIXED:
        await quiet(visitor)
        raise Spoiled(f"a reply {taken:.2f} s after the question")
    return taken


async def barge_in_time(visitor: Visitor, sentence: Samples) -> float:
    """Seconds from the first sample spoken over her to her last audible packet. Raises Spoiled if she was silent."""
    visitor.say(sentence)
    last = await visitor.said()
    # Handed over frame by frame: the first left with the last, less the length; its first sample is a frame older.
    frames = -(-len(sentence) // round(_FRAME * _RATE))
    first = last - frames * _FRAME
    if not any(h.rms >= AUDIBLE for h in since(visitor, first - 0.1) if h.at <= first):
        raise Spoiled("she was silent when the visitor spoke over her")
    return await quiet(visitor, 0.3) - first
