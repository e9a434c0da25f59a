"""Speech in, moments out: 40 ms of sound and the face that goes with it, one for each that is asked for."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

from visavis.avatars.cycles import IDLE, cycle_faces
from visavis.avatars.life import BREATH_FRAMES, NEUTRAL, STATES, Life, State, mix, mix_mouth, smoothstep
from visavis.avatars.speech import Lips, Slicer
from visavis.core.feed import SpeechFeed
from visavis.core.media import FRAME_RATE, MOMENT_S, Cue, Face, Moment, Mouth, SpeechMark

_EASE_FRAMES: Final = 7
"""Length of every change of state: 280 ms."""
_SETTLE_AFTER: Final = FRAME_RATE
"""Idle frames before a shared cycle is entered."""
_SETTLE_FRAMES: Final = 9
_SHUT_STEP: Final = 0.5
"""The mouth opens and closes in two frames where speech begins and breaks off."""
_CLOSED: Final = Mouth()


class Performer:
    """Satisfies `core.ports.Avatar`. One instance serves many talks: state lives in what `perform` returns."""

    def __init__(self, lips: Callable[[], Lips], rng: random.Random | None = None, *, cycles: bool = True) -> None:
        """lips: makes the lips of one talk. cycles: idle from shared segments (Face.cycle); False = always live."""
        self._lips, self._rng, self._cycles = lips, rng or random.Random(), cycles

    def perform(self, feed: SpeechFeed) -> AsyncIterator[Moment]:
        return _Performance(feed, self._lips(), random.Random(self._rng.random()), self._cycles)


class _Performance(AsyncIterator[Moment]):
    """One talk on stage. Every `anext` answers at once: the caller's pace is the pace."""

    def __init__(self, feed: SpeechFeed, lips: Lips, rng: random.Random, cycles: bool) -> None:
        self._feed, self._lips = feed, lips
        self._slicer = Slicer(feed, lips)
        self._actor = _Actor(rng, cycles)
        self._spoken = _CLOSED
        self._open = 0.0

    async def __anext__(self) -> Moment:
        part = self._slicer.next()
        for cue in part.cues:
            self._actor.cue(cue)
        speaking = part.sound.reply != 0
        if speaking:
            self._spoken = self._lips.mouth(part.sound.at + MOMENT_S / 2)
        # Where speech breaks off the lips let go of their last shape instead of holding it.
        self._open = min(1.0, max(0.0, self._open + (_SHUT_STEP if speaking else -_SHUT_STEP)))
        mouth = mix_mouth(_CLOSED, self._spoken, self._open)
        in_reply = speaking or self._slicer.reply != 0
        face = self._actor.step(mouth, in_reply, speaking, self._feed.held, part.marks)
        if part.ends is not None:
            self._actor.finished()
        return Moment(part.sound, face, marks=part.marks, ends=part.ends)


class _Actor:
    """Chooses between live behaviour and shared cycles, and eases every change."""

    def __init__(self, rng: random.Random, cycles: bool) -> None:
        self._rng, self._cycles = rng, cycles
        self._life = Life(rng)
        self._cued: State = "idle"
        self._state: State = "idle"
        self._face = NEUTRAL
        self._from = NEUTRAL
        self._eased = _EASE_FRAMES
        self._idle_for = 0
        self._settling: int | None = None
        self._segment: tuple[str, int] | None = None
        self._last_segment = ""

    def cue(self, cue: Cue) -> None:
        """Unknown states and gestures are ignored: packs and programs may know more than we do."""
        if cue.kind == "state":
            for state in STATES:
                if state == cue.value:
                    self._cued = state
        elif cue.kind == "expression":
            self._life.express(cue.value)
        elif cue.value == "nod":
            self._life.nod(9.0)

    def finished(self) -> None:
        """The reply is over: without another cue she idles."""
        if self._cued == "speaking":
            self._cued = "idle"

    def step(self, mouth: Mouth, in_reply: bool, speaking: bool, held: bool, marks: tuple[SpeechMark, ...]) -> Face:
        # Held means that somebody talks over her: she attends.
        state: State = "listening" if held else "speaking" if in_reply else self._cued
        if in_reply and self._state != "speaking" and not held:
            self._cued = "speaking"  # what was cued before the reply is over with it
        if state != self._state:
            self._state = state
            self._idle_for = 0
            self._depart()
        for mark in marks:
            if mark.kind == "sentence":
                self._life.sentence(mark.value)
            elif mark.kind == "phoneme" and mark.stress == 2:
                self._life.stressed()
        if self._segment is not None and not self._life.calm:
            self._depart()
        face = self._cycle() if self._segment is not None else self._live(mouth, in_reply and not speaking)
        self._face = face
        return face

    def _depart(self) -> None:
        """Ease from wherever the face is now, a cycle's frame included."""
        if self._segment is not None:
            self._life.breath_phase = float(self._segment[1] % BREATH_FRAMES)
        self._segment = self._settling = None
        self._idle_for = 0
        self._from, self._eased = self._face, 0

    def _live(self, mouth: Mouth, pause: bool) -> Face:
        face = self._life.step(self._state, pause)
        if self._eased < _EASE_FRAMES:
            self._eased += 1
            face = replace(mix(self._from, face, smoothstep(self._eased / _EASE_FRAMES)), breath=face.breath)
        self._idle_for = self._idle_for + 1 if self._state == "idle" and mouth == _CLOSED else 0
        if self._cycles and self._idle_for > _SETTLE_AFTER and self._life.calm:
            face = self._settle(face)
        else:
            self._settling = None
        return replace(face, mouth=mouth)

    def _settle(self, face: Face) -> Face:
        """Cycles begin breathed out, in the neutral pose: get there with the end of a breath."""
        rest = BREATH_FRAMES - self._life.breath_phase
        if self._settling is None and _SETTLE_FRAMES - 1 <= rest < _SETTLE_FRAMES + 1:
            self._settling = 0
        if self._settling is None:
            return face
        self._settling += 1
        if self._settling >= _SETTLE_FRAMES:
            self._settling = None
            self._segment = (self._next_segment(), -1)
        t = smoothstep((self._settling or _SETTLE_FRAMES) / _SETTLE_FRAMES)
        return replace(mix(face, NEUTRAL, t), breath=face.breath)

    def _cycle(self) -> Face:
        assert self._segment is not None
        name, index = self._segment
        index += 1
        if index == len(cycle_faces(name)):
            name, index = self._next_segment(), 0
        self._segment = (name, index)
        return cycle_faces(name)[index]

    def _next_segment(self) -> str:
        self._last_segment = self._rng.choice([name for name in IDLE if name != self._last_segment])
        return self._last_segment
