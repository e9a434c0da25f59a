"""Providers and an avatar that keep to a script, on the clock they are given. No state of a talk lives in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import numpy as np

from visavis.core.clock import Clock
from visavis.core.feed import SpeechFeed
from visavis.core.jobs import TalkContext
from visavis.core.media import MOMENT_S, Cue, Face, Moment, Picture, Sound, SpeechEnd, SpeechMark
from visavis.core.streams import leaving
from visavis.core.text import Delta, Message, Tool, ToolCall, Transcript, Voice
from visavis.testing.letters import hear, say, voiced

Line = str | float | Exception
"""One step of a script: text to give, seconds to wait, or an error to raise."""


class Fake:
    """Entered and left like every provider; `open` counts calls that are not finished."""

    def __init__(self) -> None:
        self.open = 0
        self.calls = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class LevelVad(Fake):
    """Speech is what is not silent, noticed `latency` seconds late as real detectors do."""

    def __init__(self, latency: float = 0.04) -> None:
        super().__init__()
        self._latency = latency

    def stream(self) -> LevelVadStream:
        self.calls += 1
        return LevelVadStream(self._latency)


class LevelVadStream:
    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._late: list[tuple[float, float]] = []
        self._time = 0.0

    def probability(self, sound: Sound) -> float:
        self._time += sound.duration
        self._late.append((self._time + self._latency, 0.95 if voiced(sound) else 0.05))
        present = 0.05
        for due, value in self._late:
            if due <= self._time + 1e-9:
                present = value
        self._late = [entry for entry in self._late if entry[0] > self._time - 0.5]
        return present


class LetterAsr(Fake):
    """Understands the speech of `testing.letters`: exactly the letters that reach it."""

    def __init__(self, clock: Clock, *, final_after: float | Mapping[str, float] = 0.05) -> None:
        """final_after: seconds from the end of a turn to its final text; by text, "" for all others."""
        super().__init__()
        self._clock = clock
        self._final_after = final_after
        self.fails: dict[str, Exception] = {}
        """Texts that can't be recognised."""

    async def transcribe(
        self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
    ) -> AsyncIterator[Transcript]:
        self.calls += 1
        self.open += 1
        try:
            sounds: list[Sound] = []
            last = ""
            async with leaving(speech) as stream:
                async for sound in stream:
                    sounds.append(sound)
                    text = hear(sounds).strip()
                    if text != last and sum(s.duration for s in sounds) % 0.2 < sound.duration:
                        last = text
                        yield Transcript(text, False)
            text = hear(sounds).strip()
            after = self._final_after
            if not isinstance(after, float | int):
                after = after.get(text, after.get("", 0.05))
            await self._clock.sleep_until(self._clock.now() + after)
            if text in self.fails:
                raise self.fails[text]
            yield Transcript(text, True, 0.9 if text else None)
        finally:
            self.open -= 1


class ScriptedBrain(Fake):
    """Answers by the book: question -> text, or lines of text, waits and errors."""

    def __init__(
        self,
        clock: Clock,
        answers: Mapping[str, str | Sequence[Line]] | Callable[[str], str | Sequence[Line]] | None = None,
        *,
        first_after: float = 0.1,
        per_word: float = 0.02,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._answers = answers or {}
        self._first_after = first_after
        self._per_word = per_word
        self.asked: list[tuple[Message, ...]] = []

    async def reply(
        self, messages: Sequence[Message], *, talk: TalkContext, tools: Sequence[Tool]
    ) -> AsyncIterator[Delta | ToolCall]:
        self.calls += 1
        self.open += 1
        self.asked.append(tuple(messages))
        try:
            for line in self._lines(messages[-1].text):
                if isinstance(line, Exception):
                    raise line
                if isinstance(line, str):
                    yield Delta(line)
                else:
                    await self._clock.sleep_until(self._clock.now() + line)
        finally:
            self.open -= 1

    def _lines(self, question: str) -> Sequence[Line]:
        if callable(self._answers):
            answer = self._answers(question)
        else:
            answer = self._answers.get(question, f"You said: {question}.")
        if not isinstance(answer, str):
            return answer
        lines: list[Line] = [self._first_after]
        for word in answer.split(" "):
            lines += [word if len(lines) == 1 else f" {word}", self._per_word]
        return lines


class ToneTts(Fake):
    """Says each word in `per_word` seconds, with word and phoneme marks, in the letters of `testing.letters`."""

    def __init__(
        self,
        clock: Clock,
        *,
        first_after: float = 0.05,
        per_word: float = 0.32,
        rate: int = 16_000,
        marks: bool = True,
        speed: float = 0.0,
    ) -> None:
        """first_after: seconds to the first sound of a call. speed: times real time; 0 = at once."""
        super().__init__()
        self._clock = clock
        self._first_after = first_after
        self._per_word = per_word
        self._rate = rate
        self._marks = marks
        self._speed = speed
        self.fails: dict[str, Exception] = {}
        """Words it can't say."""
        self.said: list[str] = []

    async def speak(
        self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext
    ) -> AsyncIterator[Sound | SpeechMark]:
        self.calls += 1
        self.open += 1
        try:
            base, at = 0, 0.0
            async with leaving(text) as pieces:
                async for piece in pieces:
                    self.said.append(piece)
                    start = 0
                    for word in piece.split():
                        if not at:
                            await self._clock.sleep_until(self._clock.now() + self._first_after)
                        start = piece.index(word, start)
                        if word.strip(".,!?") in self.fails:
                            raise self.fails[word.strip(".,!?")]
                        span = (base + start, base + start + len(word))
                        if self._marks:
                            yield SpeechMark("word", at, self._per_word, word, span)
                            yield SpeechMark("phoneme", at, self._per_word / 2, "ə", span, 1)
                        for sound in say(f"{word} ", self._per_word, rate=self._rate, at=at):
                            if self._speed:
                                await self._clock.sleep_until(self._clock.now() + sound.duration / self._speed)
                            yield sound
                        at += self._per_word
                        start += len(word)
                    base += len(piece)
        finally:
            self.open -= 1


class StillAvatar:
    """Passes speech through, sample by sample, with a still face. `cues` are the directions it was given."""

    def __init__(self, rate: int = 16_000) -> None:
        self._rate = rate
        self.cues: list[Cue] = []
        self.fails: Exception | None = None
        """Raised at the next moment."""

    async def perform(self, feed: SpeechFeed) -> AsyncIterator[Moment]:
        waiting = np.zeros(0, np.int16)
        reply, begin = 0, 0.0
        marks: list[SpeechMark] = []
        ends: int | None = None
        while True:
            if self.fails is not None:
                raise self.fails
            size = round(self._rate * MOMENT_S)
            while len(waiting) < size and ends is None and (item := feed.take()) is not None:
                if isinstance(item, Sound):
                    if item.reply != reply:
                        waiting, reply, begin = np.zeros(0, np.int16), item.reply, item.at
                        size = round(item.rate * MOMENT_S)
                        self._rate = item.rate
                    waiting = np.concatenate([waiting, item.samples])
                elif isinstance(item, SpeechMark):
                    marks.append(item)
                elif isinstance(item, SpeechEnd):
                    ends = item.reply
                else:
                    self.cues.append(item)
            if len(waiting) < size and ends is None:
                yield Moment(Sound.silence(MOMENT_S, self._rate), Face())
                continue
            part, waiting = waiting[:size], waiting[size:]
            if len(part) < size:
                part = np.concatenate([part, np.zeros(size - len(part), np.int16)])
            now = tuple(m for m in marks if m.at < begin + MOMENT_S)
            marks = [m for m in marks if m.at >= begin + MOMENT_S]
            last = ends if not len(waiting) else None
            yield Moment(Sound(part.tobytes(), self._rate, begin, reply), Face(), None, now, last)
            begin += MOMENT_S
            if last is not None:
                ends, reply = None, 0


class StillPainter:
    """One grey picture."""

    def __init__(self, width: int = 16, height: int = 16) -> None:
        self._picture = Picture(width, height, np.full((height * 3 // 2, width), 128, np.uint8))

    def paint(self, face: Face) -> Picture:
        return self._picture
