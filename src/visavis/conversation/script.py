"""What a reply says, and when each word of it is heard. Pure; no I/O."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from visavis.conversation.sentences import Piece, weight
from visavis.core.media import SpeechMark

_PACE = 14.0
"""Weight of text spoken a second, for voices that tell no word times and are not finished yet."""
_TAIL = re.compile(r"[^\w\s]*")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reply is heard."""

    sentence: int
    text: str
    """That sentence as far as it is written."""
    spoken: int
    """Characters of it."""


class Script:
    """One reply: its text as it was handed to the voice, the times of its words as the voice tells them."""

    def __init__(self) -> None:
        self.text = ""
        self.duration = 0.0
        """Seconds of sound so far."""
        self.complete = False
        """No sound follows."""
        self._starts: list[int] = []
        self._open = False
        self._times: list[float] = []
        self._words: list[SpeechMark] = []

    def add(self, piece: Piece) -> None:
        """Text handed to the voice."""
        if not self._open:
            self._starts.append(len(self.text))
        self._open = not piece.ends
        self.text += piece.text

    def mark(self, mark: SpeechMark) -> None:
        """A mark whose time and span count over the whole reply."""
        if mark.kind == "word":
            self._times.append(mark.at)
            self._words.append(mark)

    def break_off(self) -> None:
        """The voice failed: what it did not say is not part of the reply."""
        self.text = self.text[: self.said(self.duration)]
        self._starts = [s for s in self._starts if s < len(self.text)]
        self._open = False

    def said(self, seconds: float, *, begun: bool = False) -> int:
        """Characters heard after `seconds` of the reply's sound.

        A word counts when half of it was heard; with `begun`, as soon as it begins.
        """
        if seconds <= 0.0:
            return 0
        if self.complete and seconds >= self.duration - 0.02:
            return len(self.text)
        if not self._words:
            return self._guess(seconds)
        index = bisect_right(self._times, seconds + 1e-6) - 1
        if index >= 0 and not begun:
            word = self._words[index]
            if seconds < word.at + word.duration / 2:
                index -= 1
        if index < 0:
            return 0
        end = min(self._words[index].span[1], len(self.text))
        tail = _TAIL.match(self.text, end)
        return tail.end() if tail else end

    def position(self, seconds: float) -> Position | None:
        """Where she is, or None before the first word."""
        spoken = self.said(seconds, begun=True)
        if not spoken or not self._starts:
            return None
        index = bisect_right(self._starts, spoken - 1) - 1
        start = self._starts[index]
        end = self._starts[index + 1] if index + 1 < len(self._starts) else len(self.text)
        sentence = self.text[start:end].rstrip()
        skipped = len(sentence) - len(sentence.lstrip())
        return Position(index, sentence.lstrip(), max(0, min(spoken - start, len(sentence)) - skipped))

    def heard(self, seconds: float) -> str:
        return self.text[: self.said(seconds)].strip()

    def _guess(self, seconds: float) -> int:
        """No word times: proportional to the sound, back to the end of a word."""
        whole = self.duration if self.complete else max(self.duration, weight(self.text) / _PACE)
        reached = min(len(self.text), int(len(self.text) * seconds / whole))
        if reached == len(self.text) or weight(self.text) > 2 * len(self.text):  # Chinese: each character is a word
            return reached
        space = self.text.rfind(" ", 0, reached + 1)
        return max(0, space)
