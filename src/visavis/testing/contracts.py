"""What every provider must keep: functions for a plugin's tests. AssertionError says what is broken.

    async def test_my_voice_keeps_the_contract() -> None:
        async with MyVoice(MyVoice.Options()) as voice:
            await check_tts(voice, voice=Voice(name="anna"))

Checked everywhere: the stream really streams, leaving it early releases it, several talks at once do not mix, and the
event loop breathes meanwhile (blocking work belongs into a thread or a process).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from visavis.core.errors import ProviderFailed, VisavisError
from visavis.core.jobs import TalkContext
from visavis.core.media import Sound, SpeechMark
from visavis.core.ports import Asr, Brain, Tts, Vad
from visavis.core.streams import leaving
from visavis.core.text import Delta, Message, ToolCall, Transcript, Voice

T = TypeVar("T")

TALK = TalkContext(project_id="p", room_id="r", job_id="j", session_id="s")
"""A talk for those who need no particular one."""


async def check_vad(vad: Vad, *, speech: Sequence[Sound]) -> None:
    """`speech`: 16 kHz sounds of a voice. Silence is not speech, speech is somewhere, two streams do not mix."""
    first, second = vad.stream(), vad.stream()
    quiet = [second.probability(Sound.silence(0.02, 16000)) for _ in range(50)]
    voiced = []
    for sound in speech:
        voiced.append(first.probability(sound))
        quiet.append(second.probability(Sound.silence(sound.duration, 16000)))
    _require(all(0.0 <= p <= 1.0 for p in voiced + quiet), "a probability lies outside 0..1")
    _require(max(voiced) > 0.5, f"speech is not found: the highest probability is {max(voiced):.2f}")
    _require(max(quiet) < 0.5, f"silence is taken for speech ({max(quiet):.2f}), or two streams mix")


async def check_asr(
    asr: Asr, *, speech: Sequence[Sound], expect: str | None = None, talk: TalkContext = TALK, hints: Sequence[str] = ()
) -> None:
    """`speech`: one turn at 16 kHz. `expect`: words that the final text must contain, compared without case."""
    async with breathing():
        results = [t async for t in asr.transcribe(_stream(speech), talk=talk, hints=hints)]
    _check_transcripts(results)
    if expect is not None:
        _require(expect.lower() in results[-1].text.lower(), f"{expect!r} is not in {results[-1].text!r}")

    nothing = [t async for t in asr.transcribe(_stream(()), talk=talk, hints=hints)]
    _require(
        bool(nothing) and nothing[-1].final and not nothing[-1].text, "an empty turn must end in an empty final text"
    )

    async def turn() -> str:
        return [t async for t in asr.transcribe(_stream(speech), talk=talk, hints=hints)][-1].text

    silence = [Sound.silence(0.02, 16000) for _ in range(25)]

    async def silent_turn() -> None:
        async for _ in asr.transcribe(_stream(silence), talk=talk, hints=hints):
            pass

    one, two, _ = await asyncio.gather(turn(), turn(), silent_turn())
    for text in (one, two):
        _require(text == results[-1].text, f"two talks at once mix: {text!r} instead of {results[-1].text!r}")

    async def endless() -> AsyncIterator[Sound]:
        while True:
            for sound in speech:
                yield sound
                await asyncio.sleep(0)

    async with nothing_left_behind():
        leaver = asyncio.create_task(_first(asr.transcribe(endless(), talk=talk, hints=hints)))
        await asyncio.sleep(0.05)
        leaver.cancel()
        await asyncio.wait({leaver})
        _require(leaver.done(), "a turn that is given up does not end")


async def check_brain(
    brain: Brain,
    *,
    question: str,
    expect: str | None = None,
    talk: TalkContext = TALK,
    history: Sequence[Message] = (),
) -> None:
    """`expect`: words that the answer must contain, compared without case."""
    messages = [*history, Message("user", question)]
    async with breathing():
        answer = await _answer(brain, messages, talk)
    _require(bool(answer.strip()), "the answer is empty")
    if expect is not None:
        _require(expect.lower() in answer.lower(), f"{expect!r} is not in {answer!r}")
    async with nothing_left_behind():
        _require(
            await _first(brain.reply(messages, talk=talk, tools=())) is not None, "an answer left early gave nothing"
        )
    again = await asyncio.gather(*(_answer(brain, messages, talk) for _ in range(3)))
    _require(all(a.strip() for a in again), "several talks at once: an answer is missing")


async def check_tts(
    tts: Tts,
    *,
    voice: Voice,
    sentences: Sequence[str] = ("Good morning. ", "How can I help you?"),
    marks: Sequence[str] = ("phoneme", "word"),
    talk: TalkContext = TALK,
) -> None:
    """`marks`: the kinds of marks this voice promises."""
    text = "".join(sentences)
    async with breathing():
        items = [i async for i in tts.speak(_stream(sentences), voice=voice, talk=talk)]
    sounds = _check_speech(items, text, marks)

    nothing = [i async for i in tts.speak(_stream(()), voice=voice, talk=talk)]
    _require(not any(isinstance(i, Sound) for i in nothing), "no text must give no sound")

    waiting = asyncio.Event()

    async def first_only() -> AsyncIterator[str]:
        yield sentences[0]
        await waiting.wait()

    async with nothing_left_behind():
        try:
            async with asyncio.timeout(20):
                early = await _first(tts.speak(first_only(), voice=voice, talk=talk))
        except TimeoutError:
            raise AssertionError("the first sentence is not spoken before the second is written") from None
        _require(early is not None, "the first sentence gave no sound")

    async def length() -> float:
        items = tts.speak(_stream(sentences), voice=voice, talk=talk)
        return sum([i.duration async for i in items if isinstance(i, Sound)])

    whole = sum(s.duration for s in sounds)
    for other in await asyncio.gather(length(), length()):
        _require(abs(other - whole) < 0.25 * whole + 0.1, f"two talks mix: {other:.2f} s instead of {whole:.2f} s")


async def check_fails(call: Callable[[], AsyncIterator[T]], error: type[VisavisError] = ProviderFailed) -> None:
    """A call that must fail: the foreign error comes out as one of ours."""
    try:
        async for _ in call():
            pass
    except error:
        return
    except Exception as e:
        raise AssertionError(f"{type(e).__name__} leaks out untranslated: {e}") from e
    raise AssertionError("the call did not fail")


@asynccontextmanager
async def breathing(most: float = 0.25) -> AsyncIterator[None]:
    """The event loop is never blocked for more than `most` seconds of this process's own CPU time inside.

    CPU time and not the wall, so that a busy machine breaks no test; sleeping in the loop is caught by its wall time.
    """
    worst_cpu = worst_wall = 0.0

    async def tick() -> None:
        nonlocal worst_cpu, worst_wall
        while True:
            wall, cpu = time.monotonic(), time.thread_time()
            await asyncio.sleep(0.005)
            worst_wall = max(worst_wall, time.monotonic() - wall)
            worst_cpu = max(worst_cpu, time.thread_time() - cpu)

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0)
    try:
        yield
        await asyncio.sleep(0.02)  # a block just before the end counts too
    finally:
        ticker.cancel()
        await asyncio.wait({ticker})
    _require(worst_cpu <= most, f"the event loop was blocked for {worst_cpu:.2f} s of computing")
    _require(worst_wall <= 8 * most, f"the event loop was blocked for {worst_wall:.2f} s")


@asynccontextmanager
async def nothing_left_behind() -> AsyncIterator[None]:
    """No task started inside outlives it (it gets a moment to unwind)."""
    before = asyncio.all_tasks()
    yield
    for _ in range(100):
        left = asyncio.all_tasks() - before
        if not left:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"left behind: {', '.join(sorted(t.get_name() for t in left))}")


def sounds(pcm: bytes, rate: int = 16000, step: float = 0.02) -> Iterator[Sound]:
    """Cut s16le samples into sounds as a link hands them out."""
    size = 2 * round(rate * step)
    for n, start in enumerate(range(0, len(pcm), size)):
        yield Sound(pcm[start : start + size], rate, n * step)


def _check_transcripts(results: Sequence[Transcript]) -> None:
    _require(bool(results), "no transcript at all")
    _require(results[-1].final, "the last transcript is not final")
    _require(not any(t.final for t in results[:-1]), "there is a final transcript before the last one")


def _check_speech(items: Sequence[Sound | SpeechMark], text: str, promised: Sequence[str]) -> list[Sound]:
    spoken = [i for i in items if isinstance(i, Sound)]
    _require(bool(spoken), "no sound at all")
    _require(len({s.rate for s in spoken}) == 1, "the rate changes within a call")
    _require(any(s.samples.any() for s in spoken), "the sound is silent")
    _require(len(spoken) > 1, "the sound comes in one piece: it must stream")
    at = 0.0
    last = 0.0
    for item in items:
        if isinstance(item, Sound):
            _require(
                abs(item.at - at) < 0.01, f"sound at {item.at:.3f} s where {at:.3f} s is due: times count over the call"
            )
            at += item.duration
            continue
        _require(item.at >= at - 0.06, f"{item.kind} {item.value!r} ({item.at:.3f} s) comes after its sound")
        start, end = item.span
        _require(0 <= start <= end <= len(text), f"span {item.span} lies outside the text ({len(text)} characters)")
        if item.kind == "word":
            _require(item.at >= last, f"word {item.value!r} goes back in time")
            last = item.at
    kinds = {i.kind for i in items if isinstance(i, SpeechMark)}
    missing = set(promised) - kinds
    _require(not missing, f"promised marks are missing: {', '.join(sorted(missing))}")
    if "word" in kinds:
        reached = max(i.span[1] for i in items if isinstance(i, SpeechMark) and i.kind == "word")
        _require(reached >= 0.5 * len(text), f"word spans end at {reached} of {len(text)}: they count over all text")
    return spoken


async def _answer(brain: Brain, messages: Sequence[Message], talk: TalkContext) -> str:
    pieces: list[Delta | ToolCall] = [d async for d in brain.reply(messages, talk=talk, tools=())]
    return "".join(d.text for d in pieces if isinstance(d, Delta))


async def _first(items: AsyncIterator[T]) -> T | None:
    """The first item; then leave, as an interruption does."""
    async with leaving(items) as stream:
        async for item in stream:
            return item
    return None


async def _stream(items: Sequence[T]) -> AsyncIterator[T]:
    for item in items:
        yield item
        await asyncio.sleep(0)


def _require(kept: bool, broken: str) -> None:
    if not kept:
        raise AssertionError(broken)
