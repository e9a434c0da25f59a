"""The fakes keep the contracts, and each contract finds the fault it is there for."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest

from visavis.core.clock import RealClock
from visavis.core.errors import ProviderFailed
from visavis.core.jobs import TalkContext
from visavis.core.media import Sound, SpeechMark
from visavis.core.text import Delta, Message, Tool, Transcript, Voice
from visavis.testing.contracts import breathing, check_asr, check_brain, check_fails, check_tts, check_vad, sounds
from visavis.testing.fakes import LetterAsr, LevelVad, ScriptedBrain, ToneTts
from visavis.testing.letters import hear, say

VOICE = Voice("tone")
SPEECH = list(say("When do you open?", 1.0))


async def test_the_fakes_keep_the_contracts() -> None:
    clock = RealClock()
    await check_vad(LevelVad(), speech=SPEECH)
    await check_asr(LetterAsr(clock), speech=SPEECH, expect="when do you")
    await check_brain(ScriptedBrain(clock, {"Open?": "At nine."}), question="Open?", expect="NINE")
    await check_tts(ToneTts(clock), voice=VOICE)


async def test_errors_must_be_ours() -> None:
    brain = ScriptedBrain(RealClock(), {"Ours?": [ProviderFailed()], "Foreign?": [ValueError("x")]})

    async def call(question: str) -> None:
        await check_fails(lambda: brain.reply([Message("user", question)], talk=TALK, tools=()))

    await call("Ours?")
    with pytest.raises(AssertionError, match="untranslated"):
        await call("Foreign?")
    with pytest.raises(AssertionError, match="did not fail"):
        await call("Fine?")


TALK = TalkContext(project_id="p", room_id="r", job_id="j", session_id="s")


class WholeText(ToneTts):
    """Waits for all of the text."""

    async def speak(
        self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext
    ) -> AsyncIterator[Sound | SpeechMark]:
        pieces = [piece async for piece in text]

        async def all_at_once() -> AsyncIterator[str]:
            for piece in pieces:
                yield piece

        async for item in super().speak(all_at_once(), voice=voice, talk=talk):
            yield item


class LateMarks(ToneTts):
    async def speak(
        self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext
    ) -> AsyncIterator[Sound | SpeechMark]:
        items = [item async for item in super().speak(text, voice=voice, talk=talk)]
        for item in sorted(items, key=lambda i: isinstance(i, SpeechMark)):
            yield item


async def test_broken_voices_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = RealClock()
    with pytest.raises(AssertionError, match="comes after its sound"):
        await check_tts(LateMarks(clock), voice=VOICE)
    with pytest.raises(AssertionError, match="promised marks are missing"):
        await check_tts(ToneTts(clock, marks=False), voice=VOICE)
    real = asyncio.timeout
    monkeypatch.setattr(asyncio, "timeout", lambda seconds: real(0.2))
    with pytest.raises(AssertionError, match="before the second is written"):
        await check_tts(WholeText(clock), voice=VOICE)


class Blocking(ScriptedBrain):
    async def reply(
        self, messages: Sequence[Message], *, talk: TalkContext, tools: Sequence[Tool]
    ) -> AsyncIterator[Delta]:
        end = time.thread_time() + 0.3
        while time.thread_time() < end:
            pass
        yield Delta("Done.")


class Mixing(LetterAsr):
    """Keeps a talk's state in the instance."""

    heard: list[Sound]

    async def transcribe(
        self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
    ) -> AsyncIterator[Transcript]:
        self.heard = []
        async for sound in speech:
            self.heard.append(sound)
        yield Transcript(hear(self.heard).strip(), True)


async def test_other_faults_are_found() -> None:
    clock = RealClock()
    with pytest.raises(AssertionError, match="blocked"):
        await check_brain(Blocking(clock), question="Open?")
    with pytest.raises(AssertionError, match="two talks at once mix"):
        await check_asr(Mixing(clock), speech=SPEECH)
    with pytest.raises(AssertionError, match="speech is not found"):
        await check_vad(LevelVad(), speech=[Sound.silence(0.02, 16000)] * 10)


async def sleep_in_the_loop() -> None:
    async with breathing(0.02):
        await asyncio.sleep(0.01)
        time.sleep(0.3)  # noqa: ASYNC251


async def test_sleeping_in_the_loop_is_found() -> None:
    with pytest.raises(AssertionError, match="blocked"):
        await sleep_in_the_loop()


def test_letters_survive_being_cut_elsewhere() -> None:
    pcm = b"".join(s.pcm for s in say("Guten Tag, 你好", 1.0))
    assert hear(sounds(pcm, step=0.04)) == "Guten Tag, 你好"
    assert hear(sounds(pcm, step=0.013)) == "Guten Tag, 你好"
