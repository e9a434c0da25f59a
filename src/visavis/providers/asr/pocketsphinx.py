"""Offline recogniser for English: PocketSphinx with the US English model of its wheel, in a helper process.

Made for the application's own questions: they and the hot words get a language model of their own beside the general
one (`recognition`). Measured on synthetic visitors (flite rms, slt, awb), each turn on its own: own questions 3.5 %
word errors, where the general model alone has 15-28 %; foreign sentences 11 %, none of 90 taken for a known question.
Turns of one talk help each other: 10.5 -> 6.6 % over mixed turns. 0.15 to 0.2 of a core while the visitor speaks; the
final text comes within 1 ms for an own question, else after 60 to 90 ms.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from visavis.core.errors import LanguageUnsupported, ProviderFailed, ProviderUnavailable
from visavis.core.jobs import TalkContext
from visavis.core.media import Sound
from visavis.core.text import Transcript
from visavis.providers.forkserver import ForkServer, Line

_RATE = 16000
_FINAL_TIMEOUT = 20.0
_TALKS = 64


class PocketSphinxAsr:
    """Satisfies `core.ports.Asr`. English only: LanguageUnsupported for talks in other languages."""

    class Options(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

        questions: Path | None = None
        """Knowledge file (`core.knowledge`) of the application; its English questions are expected."""

    def __init__(self, options: Options) -> None:
        self._questions = options.questions
        path = str(options.questions.resolve()) if options.questions else ""
        self._channels: OrderedDict[str, str] = OrderedDict()
        """Job -> the sound of its microphone and voice, as the last turn left it; the latest talks only."""
        self._helper = ForkServer("visavis.providers.asr.pocketsphinx_process", [path])

    async def __aenter__(self) -> Self:
        if self._questions is not None and not self._questions.is_file():
            raise ProviderUnavailable("The file of the application's questions is missing")
        await self._helper.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._helper.__aexit__(*error)

    @property
    def helper_pid(self) -> int | None:
        return self._helper.pid

    async def transcribe(
        self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
    ) -> AsyncIterator[Transcript]:
        """Partial texts every quarter of a second in which they change, then the final one.

        Raises LanguageUnsupported, ProviderFailed, ValueError (sound is not at 16 kHz).
        """
        if talk.language != "EN":
            raise LanguageUnsupported(f"There is no offline recogniser for {talk.language}")
        line = await self._helper.connect()
        feeding = asyncio.create_task(_feed(line, speech, hints, self._channels.get(talk.job_id, "")), name="asr-feed")
        try:
            while True:
                # No time limit while the visitor speaks; `_feed` ends the child's input, and then it is bounded.
                kind, content = await self._answer(line, feeding)
                if kind != b"T":
                    raise ProviderFailed(f"Unexpected answer of the recogniser: {kind!r}")
                heard = json.loads(content)
                if heard["final"] and heard["channel"]:
                    self._remember(talk.job_id, heard["channel"])
                yield Transcript(heard["text"], heard["final"])
                if heard["final"]:
                    return
        finally:
            feeding.cancel()
            await asyncio.wait({feeding})
            line.close()

    def _remember(self, job: str, channel: str) -> None:
        self._channels[job] = channel
        self._channels.move_to_end(job)
        while len(self._channels) > _TALKS:
            self._channels.popitem(last=False)

    async def _answer(self, line: Line, feeding: asyncio.Task[None]) -> tuple[bytes, bytes]:
        """The child's next frame; what went wrong with the visitor's sound comes out here too."""
        answer = asyncio.create_task(line.receive(None), name="asr-answer")
        try:
            if not feeding.done():
                await asyncio.wait({answer, feeding}, return_when=asyncio.FIRST_COMPLETED)
            if feeding.done():
                feeding.result()
            async with asyncio.timeout(_FINAL_TIMEOUT if feeding.done() else None):
                return await answer
        except TimeoutError as error:
            raise ProviderFailed("The recogniser did not finish in time") from error
        finally:
            answer.cancel()
            await asyncio.wait({answer})


async def _feed(line: Line, speech: AsyncIterator[Sound], hints: Sequence[str], channel: str) -> None:
    await line.send(b"H", json.dumps({"hints": list(hints), "channel": channel}).encode())
    async for sound in speech:
        if sound.rate != _RATE:
            raise ValueError(f"The recogniser hears 16 kHz, not {sound.rate} Hz")
        await line.send(b"S", sound.pcm)
    line.end_of_input()
