"""Offline voice: eSpeak NG, in a helper process, with the time of every phoneme and word.

Measured with the f2 variant: pitch (F0) 170-205 Hz, the clearest of the female ones to a recogniser (26 % word errors
on short English questions where eSpeak's own default has 55 %), no clipped sample. Thai is refused: eSpeak leaves its
vowel signs unspoken.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from visavis.core.errors import LanguageUnsupported, ProviderFailed, ProviderUnavailable
from visavis.core.jobs import TalkContext
from visavis.core.media import Sound, SpeechMark
from visavis.core.text import Voice
from visavis.providers.forkserver import ForkServer, Line
from visavis.providers.tts.espeak_library import RATE
from visavis.providers.tts.espeak_marks import Sentence

VOICES: Final = {"CN": "cmn", "EN": "en-us", "ESP": "es", "por": "pt-br", "Arabic": "ar", "fr": "fr"}
"""Contract code -> eSpeak's voice."""

_NATURAL: Final = {"cmn": 210, "es": 175, "pt-br": 170, "ar": 175}
"""eSpeak's words a minute at speed 100. The contract says "about 250 English words"; that is hard to follow
through a synthetic voice, so 100 is an easy 165 here, 50 half and 200 double of it."""
_GAIN_DB: Final = {"en-us": -1.4, "cmn": -3.6, "es": -2.7, "pt-br": -2.8, "ar": -1.1, "fr": 0.1}
"""Brings speech to -20 dBFS RMS (measured on the f2 variant)."""
_RECORDED = 140
"""voice_config volume that leaves the level alone."""
_SLOWEST, _FASTEST = 80, 450

_NAME = re.compile(r"[A-Za-z0-9-]+(\+[A-Za-z0-9_ -]+)?")
_UNSPOKEN = re.compile(r"[\x00-\x1f*#_`~|<>\\\ud800-\udfff\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")
_SPOKEN = re.compile(r"\w|[%$€£¥+=&@]")


class EspeakTts:
    """Satisfies `core.ports.Tts`. `Voice.name` is eSpeak's, e.g. "en-us" or "en-us+f5"; "" = the language's own."""

    class Options(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

        variant: str = Field(default="f2", pattern=r"^[A-Za-z0-9_ -]*$")
        """Timbre put on voices that name none: one of eSpeak's `!v` variants; "" = eSpeak's own (male)."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._helper = ForkServer("visavis.providers.tts.espeak_process")

    async def __aenter__(self) -> Self:
        await self._helper.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._helper.__aexit__(*error)

    @property
    def helper_pid(self) -> int | None:
        return self._helper.pid

    async def speak(
        self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext
    ) -> AsyncIterator[Sound | SpeechMark]:
        """Sounds of 20 ms at 22050 Hz.

        Raises LanguageUnsupported, ProviderUnavailable (no such voice), ProviderFailed.
        """
        name = self._name(voice)
        base = name.partition("+")[0]
        speed = voice.speed / 100
        gain = 10 ** (_GAIN_DB.get(base, -2.0) / 20) * voice.volume / _RECORDED
        line: Line | None = None
        at, offset, pause = 0.0, 0, 0.0
        try:
            async for piece in text:
                spoken = _UNSPOKEN.sub(" ", piece)
                if _SPOKEN.search(spoken):
                    if line is None:
                        line = await self._helper.connect()
                        rate = round(min(_FASTEST, max(_SLOWEST, _NATURAL.get(base, 165) * speed)))
                        pitch = round(min(100, max(0, 50 + 50 * math.log2(voice.pitch / 100))))
                        await line.send(b"V", json.dumps({"voice": name, "rate": rate, "pitch": pitch}).encode())
                    if pause:
                        yield Sound.silence(pause, RATE, at)
                        at += round(pause * RATE) / RATE
                    sentence = Sentence(spoken, at, offset, gain)
                    async for item in _synthesize(line, spoken, sentence, name):
                        yield item
                    at += sentence.duration
                    pause = _pause(spoken) / speed
                offset += len(piece)
        finally:
            if line is not None:
                line.close()

    def _name(self, voice: Voice) -> str:
        name = voice.name or VOICES.get(voice.language, "")
        if voice.language == "Thai" or not name or re.match(r"th\b", name):
            raise LanguageUnsupported(f"There is no offline voice for {voice.language}")
        if not _NAME.fullmatch(name):
            raise ProviderUnavailable(f"There is no voice {name!r}")
        return name if "+" in name or not self._options.variant else f"{name}+{self._options.variant}"


async def _synthesize(line: Line, text: str, sentence: Sentence, name: str) -> AsyncIterator[Sound | SpeechMark]:
    await line.send(b"X", text.encode())
    while True:
        kind, content = await line.receive()
        if kind == b"E":
            sentence.events(json.loads(content))
        elif kind == b"A":
            sentence.sound(content)
            for item in sentence.ready():
                yield item
        elif kind == b"F":
            for item in sentence.finish():
                yield item
            return
        elif kind == b"X":
            raise ProviderUnavailable(f"There is no voice {name!r}")
        else:
            raise ProviderFailed(f"Unexpected answer of the speech helper: {kind!r}")


def _pause(text: str) -> float:
    """Seconds of silence after a sentence or clause, by how it ends."""
    last = text.rstrip(" \n\t\"'”’»」』)）")[-1:]
    if last in ".!?。！？؟…":
        return 0.28
    return 0.16 if last in ",;:，；：、،؛" else 0.06
