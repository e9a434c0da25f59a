"""Providers of our side that play `bench.script`; only the detector of speech is a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

from pydantic import BaseModel

from bench import script
from visavis.core.jobs import TalkContext
from visavis.core.media import Sound, SpeechMark
from visavis.core.text import Delta, Message, Tool, ToolCall, Transcript, Voice
from visavis.providers import registry

_PHONEMES = [
    "ð",
    "ə",
    "m",
    "eɪ",
    "n",
    "ɛ",
    "n",
    "t",
    "ɹ",
    "ə",
    "n",
    "s",
    "ɪ",
    "z",
    "ɹ",
    "aɪ",
    "t",
    "b",
    "ɪ",
    "h",
    "aɪ",
    "n",
    "d",
    "j",
    "uː",
]
_PHONEME_S = 0.08


class _Provider:
    class Options(BaseModel):
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass


class ScriptedAsr(_Provider):
    async def transcribe(
        self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
    ) -> AsyncIterator[Transcript]:
        async for _ in speech:
            pass
        yield Transcript(script.HEARD, final=True)


class ScriptedBrain(_Provider):
    async def reply(
        self, messages: Sequence[Message], *, talk: TalkContext, tools: Sequence[Tool]
    ) -> AsyncIterator[Delta | ToolCall]:
        await asyncio.sleep(script.BRAIN_DELAY)
        yield Delta(script.ANSWER)


class ScriptedTts(_Provider):
    def __init__(self, seconds: float) -> None:
        self._items = speech_items(seconds)

    async def speak(
        self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext
    ) -> AsyncIterator[Sound | SpeechMark]:
        async for _ in text:
            await asyncio.sleep(script.TTS_DELAY)
            for item in self._items:
                yield item
            return


def speech_items(seconds: float) -> list[Sound | SpeechMark]:
    """The script's voice with a phoneme every 80 ms, so that her mouth has work to do."""
    sentence = SpeechMark("sentence", 0.0, seconds, script.ANSWER, (0, len(script.ANSWER)))
    items: list[Sound | SpeechMark] = [sentence]
    spoken = 0
    for number, pcm in enumerate(script.speech(seconds)):
        at = number * script.CHUNK / script.RATE
        while spoken * _PHONEME_S < at + script.CHUNK / script.RATE:
            phoneme = _PHONEMES[spoken % len(_PHONEMES)]
            items.append(SpeechMark("phoneme", spoken * _PHONEME_S, _PHONEME_S, phoneme))
            spoken += 1
        items.append(Sound(pcm, script.RATE, at))
    return items


def loader(seconds: float) -> Any:
    """Takes the place of `registry.load`: scripted recogniser, brain and voice; the real detector."""

    def load(kind: str, name: str, options: dict[str, Any]) -> Any:
        match kind:
            case "asr":
                return ScriptedAsr()
            case "brain":
                return ScriptedBrain()
            case "tts":
                return ScriptedTts(seconds)
        return registry.load(kind, name, options)

    return load
