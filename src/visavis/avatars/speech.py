"""Cuts the feed into moments of exactly 40 ms at the sound's own rate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

from visavis.core.feed import SpeechFeed
from visavis.core.media import MOMENT_S, Cue, FeedItem, Mouth, Sound, SpeechEnd, SpeechMark

_AHEAD_S: Final = 0.28
"""Speech taken from the feed before its time: lips must know what comes next."""
_QUIET_RATE: Final = 16000
"""Rate of silence before anything was said."""


class Lips(Protocol):
    """Where the mouth comes from. Times are seconds of one reply's sound."""

    def add(self, mark: SpeechMark) -> None: ...

    def hear(self, sound: Sound) -> None:
        """Sound of the reply, in order, before its time."""
        ...

    def mouth(self, at: float) -> Mouth: ...

    def reset(self) -> None:
        """Another reply begins."""
        ...


@dataclass(frozen=True, slots=True)
class Slice:
    """One moment's worth of the feed."""

    sound: Sound
    marks: tuple[SpeechMark, ...] = ()
    cues: tuple[Cue, ...] = ()
    ends: int | None = None


class Slicer:
    """Owns what was taken from the feed and not yet performed. `next` never waits."""

    def __init__(self, feed: SpeechFeed, lips: Lips) -> None:
        self._feed, self._lips = feed, lips
        self._cleared = feed.cleared
        self._rate = _QUIET_RATE
        self._forget()

    def _forget(self) -> None:
        self._ahead: deque[FeedItem] = deque()
        self._ahead_s = 0.0
        self._pcm = bytearray()
        self._marks: list[SpeechMark] = []
        self._lips_know: int | None = None
        self.reply = 0
        """Number of the reply that has begun and not ended, also while its next sound is late; 0 = none."""
        self._at = 0.0
        self._steps = 0

    def next(self) -> Slice:
        if self._feed.cleared != self._cleared:
            self._cleared = self._feed.cleared
            self._forget()
        if self._feed.held:
            return Slice(self._silence())
        self._look_ahead()
        cues: list[Cue] = []
        ended: int | None = None
        cut_off = False
        while len(self._pcm) < self._need() and self._ahead:
            item = self._ahead[0]
            if isinstance(item, Sound):
                if self._pcm and (item.reply, item.rate) != (self.reply, self._rate):
                    cut_off = True
                    break
                self._append(item)
            elif isinstance(item, SpeechMark):
                self._marks.append(item)
            elif isinstance(item, Cue):
                cues.append(item)
            self._ahead.popleft()
            if isinstance(item, SpeechEnd):
                ended = item.reply
                break
        if ended is None and len(self._pcm) == self._need():
            ended = self._end_follows()
        return self._slice(tuple(cues), ended, cut_off)

    def _look_ahead(self) -> None:
        while self._ahead_s < _AHEAD_S:
            # Lips know one reply at a time: the next one waits until this one is performed.
            if self._ahead and isinstance(self._ahead[-1], SpeechEnd):
                return
            item = self._feed.take()
            if item is None:
                return
            self._ahead.append(item)
            if isinstance(item, Sound | SpeechMark):
                if self._lips_know != item.reply:
                    self._lips_know = item.reply
                    self._lips.reset()
                if isinstance(item, Sound):
                    self._ahead_s += item.duration
                    self._lips.hear(item)
                else:
                    self._lips.add(item)

    def _append(self, sound: Sound) -> None:
        if sound.reply != self.reply:
            self.reply = sound.reply
            self._marks = [mark for mark in self._marks if mark.reply == sound.reply]
            self._at, self._steps = sound.at, 0
        if sound.rate != self._rate:
            self._at, self._rate, self._steps = self._time(self._steps), sound.rate, 0
        self._pcm += sound.pcm
        self._ahead_s = max(0.0, self._ahead_s - sound.duration)

    def _end_follows(self) -> int | None:
        """Takes the reply's end if nothing but marks is before it."""
        for index, item in enumerate(self._ahead):
            if isinstance(item, SpeechEnd):
                self._marks += [m for m in list(self._ahead)[:index] if isinstance(m, SpeechMark)]
                for _ in range(index + 1):
                    self._ahead.popleft()
                return item.reply
            if not isinstance(item, SpeechMark):
                return None
        return None

    def _slice(self, cues: tuple[Cue, ...], ended: int | None, cut_off: bool) -> Slice:
        need = self._need()
        if len(self._pcm) >= need or (self._pcm and (ended is not None or cut_off)):
            pcm = bytes(self._pcm[:need]).ljust(need, b"\0")
            del self._pcm[:need]
            sound = Sound(pcm, self._rate, self._time(self._steps), self.reply)
            self._steps += 1
        else:
            sound = self._silence()
        until = self._time(self._steps)
        due = [
            m for m in self._marks if (ended is not None and m.reply == ended) or (sound.reply and m.at < until - 1e-6)
        ]
        self._marks = [m for m in self._marks if m not in due]
        if ended is not None:
            self.reply = 0
        return Slice(sound, tuple(due), cues, ended)

    def _silence(self) -> Sound:
        return Sound(bytes(2 * round(self._rate * MOMENT_S)), self._rate)

    def _need(self) -> int:
        """Bytes of the next moment. Rates that 25 does not divide take turns."""
        first, last = (int(n * self._rate * MOMENT_S + 1e-6) for n in (self._steps, self._steps + 1))
        return 2 * (last - first)

    def _time(self, steps: int) -> float:
        """Seconds of the reply before that many moments at the present rate."""
        return self._at + steps * MOMENT_S
