"""From a JobSpec to the providers that play it: what the talk can hear and say, and why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from visavis.core.errors import InvalidParameter, LanguageUnsupported, ProviderFailed, VisavisError
from visavis.core.jobs import JobSpec, ProviderChoice, TalkContext
from visavis.core.media import Sound, SpeechMark
from visavis.core.ports import Asr, Blobs, Brain, Tts, Vad
from visavis.core.text import Delta, Message, Tool, ToolCall, Voice
from visavis.providers import registry
from visavis.worker.pool import ProviderPool

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cast:
    """The providers of one talk."""

    vad: Vad
    asr: Asr | None
    deaf: str
    """Why there is no recogniser, for the visitor; "" where there is one."""
    brain: Brain
    voices: dict[str, tuple[Tts, Voice]]
    """By contract language."""


class _Missing:
    """Stands in for a brain or voice that isn't there: each reply fails with the cause, the talk goes on."""

    def __init__(self, error: VisavisError) -> None:
        self._error = error

    async def reply(
        self, messages: Sequence[Message], *, talk: TalkContext, tools: Sequence[Tool]
    ) -> AsyncIterator[Delta | ToolCall]:
        raise self._error
        yield Delta("")  # makes this an asynchronous generator

    async def speak(
        self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext
    ) -> AsyncIterator[Sound | SpeechMark]:
        raise self._error
        yield Sound(b"", 16000)


class Casting:
    """Chooses and borrows providers. They stay warm in the pool after the talk."""

    def __init__(self, pool: ProviderPool, blobs: Blobs) -> None:
        self._pool = pool
        self._blobs = blobs

    async def cast(self, spec: JobSpec, stack: AsyncExitStack) -> Cast:
        """Everything borrowed is given back when `stack` closes. Raises ProviderFailed, InvalidParameter."""
        published: dict[str, Any] = {}
        if spec.knowledge:
            path = str(await self._blobs.fetch(spec.knowledge))
            published = {"knowledge": path, "questions": path}
        language = spec.talk.language
        # Side by side: a recogniser's language model and a brain's index may take a second each, the first time.
        vad, (asr, deaf), brain, voice = await asyncio.gather(
            self._borrow("vad", spec.vad, {}, stack),
            self._recogniser(spec, published, stack),
            self._brain(spec, published, stack),
            self._voice(spec, language, stack),
        )
        return Cast(vad, asr, deaf, brain, {language: voice})

    async def _recogniser(
        self, spec: JobSpec, published: dict[str, Any], stack: AsyncExitStack
    ) -> tuple[Asr | None, str]:
        language = spec.talk.language
        if spec.asr is None:
            return None, "This dialog takes typed questions only."
        known = registry.lookup("asr", spec.asr.name).languages
        if known and language not in known:
            return None, f"No recogniser for this language ({language}) is installed here: type, or use your browser's."
        try:
            return await self._borrow("asr", spec.asr, published, stack), ""
        except ProviderFailed as error:
            return None, error.message

    async def _brain(self, spec: JobSpec, published: dict[str, Any], stack: AsyncExitStack) -> Brain:
        try:
            brain: Brain = await self._borrow("brain", spec.brain, published, stack)
        except (ProviderFailed, InvalidParameter) as error:
            log.warning("brain %s: %s", spec.brain.name, error.message)
            return _Missing(error)
        return brain

    async def _voice(self, spec: JobSpec, language: str, stack: AsyncExitStack) -> tuple[Tts, Voice]:
        found = next((v for v in spec.voices if v.language == language), None)
        if found is None:
            return _Missing(LanguageUnsupported(f"The room has no voice for {language}")), Voice("", language)
        voice = Voice(found.name, found.language, found.speed, found.pitch, found.volume)
        try:
            return await self._borrow("tts", found.provider, {}, stack), voice
        except (ProviderFailed, InvalidParameter) as error:
            log.warning("voice %s: %s", found.provider.name, error.message)
            return _Missing(error), voice

    async def _borrow(self, kind: str, choice: ProviderChoice, published: dict[str, Any], stack: AsyncExitStack) -> Any:
        """Published files are handed only to providers whose options ask for them."""
        wanted = registry.option_names(kind, choice.name)
        options = {**choice.options, **{k: v for k, v in published.items() if k in wanted}}
        return await stack.enter_async_context(self._pool.borrow(kind, choice.name, options))
