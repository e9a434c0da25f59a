"""From eSpeak's events and sound to marks and sound: pure, one instance a sentence.

eSpeak tells where things begin. Their ends are known when the next one begins, and a mark must precede its sound, so
what belongs to one word is held until the next word begins: some 300 ms of sound, 1 ms of computing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from visavis.core.media import Sound, SpeechMark
from visavis.providers.tts.espeak_library import RATE, Event

_CHUNK = 2 * RATE // 50
"""Bytes of 20 ms."""
_QUIET = 150
"""Samples below this are silence: -47 dBFS."""
_TAIL = int(0.03 * RATE)
"""Samples of silence left at the end of a sentence."""
_STRESS = {"ˈ": 2, "ˌ": 1}
_KNEE = 0.7

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")
_EDGE = re.compile(r"^[^\w$€£¥%+#@]+|[^\w$€£¥%+#@]+$")


class Sentence:
    """Feed it events and sound in eSpeak's order; take marks and sounds out."""

    def __init__(self, text: str, at: float, offset: int, gain: float) -> None:
        """at: seconds of the reply before it; offset: characters of the reply before it; gain: factor on samples."""
        self._text = text
        self._at = at
        self._offset = offset
        self._gain = gain
        self._tokens = [match.span() for match in _TOKEN.finditer(text)]
        self._pcm = bytearray()
        self._done = 0
        """Samples handed out."""
        self._words: list[tuple[int, int]] = []
        """(sample, token) of the word in hand, and of the next one when it has begun."""
        self._phonemes: list[tuple[int, str]] = []
        self._announced = False

    @property
    def duration(self) -> float:
        """Seconds handed out."""
        return self._done / RATE

    def events(self, events: list[Event]) -> None:
        for kind, sample, character, ipa in events:
            if kind == "word":
                token = self._token(character)
                # Several words of eSpeak may make one of ours ("$99"), and it repeats itself at pauses.
                if token is not None and (not self._words or token > self._words[-1][1]):
                    self._words.append((sample, token))
            else:
                self._phonemes.append((sample, ipa if kind == "phoneme" else ""))

    def sound(self, pcm: bytes) -> None:
        self._pcm += pcm

    def ready(self) -> Iterator[Sound | SpeechMark]:
        """All that is complete: words whose successor has begun."""
        while len(self._words) > 1 and 2 * (self._words[1][0] - self._done) <= len(self._pcm):
            yield from self._flush(self._words[1][0], self._words[1][1])

    def finish(self) -> Iterator[Sound | SpeechMark]:
        """The rest, without the silence at its end."""
        yield from self.ready()
        loud = np.flatnonzero(np.abs(np.frombuffer(self._pcm, np.int16).astype(np.int32)) > _QUIET)
        end = self._done + min(len(self._pcm) // 2, (int(loud[-1]) + _TAIL) if len(loud) else 0)
        if end > self._done:
            yield from self._flush(end, len(self._tokens))

    def _token(self, character: int) -> int | None:
        for index, (_, end) in enumerate(self._tokens):
            if character < end:
                return index
        return None

    def _flush(self, end: int, next_token: int) -> Iterator[Sound | SpeechMark]:
        start = self._done
        if not self._announced:
            self._announced = True
            text = self._text.strip()
            first = self._text.index(text) + self._offset
            yield SpeechMark("sentence", self._at, 0.0, text, (first, first + len(text)))
        span = (0, 0)
        if self._words:
            begins, token = self._words.pop(0)
            span = self._span(token, next_token)
            value = self._text[span[0] - self._offset : span[1] - self._offset]
            if value:
                yield SpeechMark("word", self._time(max(begins, start)), (end - max(begins, start)) / RATE, value, span)
        mine = [p for p in self._phonemes if p[0] < end]
        self._phonemes = self._phonemes[len(mine) :]
        ends = [sample for sample, _ in mine[1:]] + [end]
        for (sample, ipa), until in zip(mine, ends, strict=False):
            if until > sample or ipa:
                stress = _STRESS.get(ipa[:1], 0)
                yield SpeechMark(
                    "phoneme", self._time(max(sample, start)), (until - max(sample, start)) / RATE,
                    ipa.lstrip("ˈˌ"), span, stress,
                )  # fmt: skip
        size = 2 * (end - start)
        pcm = amplify(bytes(self._pcm[:size]), self._gain)
        del self._pcm[:size]
        for i in range(0, size, _CHUNK):
            yield Sound(pcm[i : i + _CHUNK], RATE, self._time(start + i // 2))
        self._done = end

    def _span(self, token: int, next_token: int) -> tuple[int, int]:
        """Characters of the words spoken from this token up to the next, less punctuation and space at the edges."""
        start = self._tokens[token][0]
        text = self._text[start : self._tokens[next_token - 1][1]]
        bare = _EDGE.sub("", text)
        start += text.index(bare) + self._offset
        return start, start + len(bare)

    def _time(self, sample: int) -> float:
        return self._at + sample / RATE


def amplify(pcm: bytes, gain: float) -> bytes:
    """Gain with a soft knee at 0.7 of full scale instead of clipping."""
    x = np.frombuffer(pcm, np.int16) * (gain / 32768)
    over = np.abs(x) > _KNEE
    if over.any():
        room = 1 - _KNEE
        x[over] = np.sign(x[over]) * (_KNEE + room * np.tanh((np.abs(x[over]) - _KNEE) / room))
    return bytes((x * 32767).astype("<i2").tobytes())
