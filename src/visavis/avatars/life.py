"""What keeps a face alive: blinks, glances, sway, breath, nods, brows. Pure: one step a frame, randomness handed in.

Figures are those of the field: blinks every 4 s on average and 100-150 ms long (Bentivoglio et al. 1997), fewer while
attending to someone; fixations of 0.8-2.5 s, looking at the other four fifths of the time (Argyle & Cook 1976).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final, Literal

from visavis.core.media import FRAME_RATE, Face, Mouth

State = Literal["idle", "listening", "thinking", "speaking"]
STATES: Final[tuple[State, ...]] = ("idle", "listening", "thinking", "speaking")

BREATH_FRAMES: Final = 90
"""One breath in and out: 3.6 s."""
NEUTRAL: Final = Face(lids=0.96, smile=0.56)
"""Where cycles begin and end."""

_BLINK: Final = (0.42, 0.0, 0.35, 0.85)
"""Openness, a frame each: shuts faster than it opens; the last is a rest of the movement."""
_NOD_FRAMES: Final = 12
_SWAY: Final = ((3.7, 0.40), (5.9, 0.34), (8.3, 0.26))
"""Period in seconds, share."""


@dataclass(frozen=True, slots=True)
class _Bearing:
    """How she holds herself in a state."""

    smile: float
    brows: float
    lids: float
    roll: float
    head: tuple[float, float]
    sway: float
    blink_mean: float
    aside: float
    """Share of glances that leave the visitor."""


_BEARINGS: Final[dict[State, _Bearing]] = {
    "idle": _Bearing(0.56, 0.02, 0.96, 0.0, (0, 0), 0.8, 4.0, 0.2),
    "listening": _Bearing(0.66, 0.38, 1.0, 3.6, (5, 7), 0.5, 6.0, 0.07),
    "thinking": _Bearing(0.2, 0.25, 0.97, -3.0, (-6, -5), 0.7, 3.6, 1.0),
    "speaking": _Bearing(0.56, 0.06, 0.97, 0.0, (0, 2), 1.0, 4.0, 0.2),
}
_EXPRESSIONS: Final = {
    # smile, brows, lids
    "neutral": (0.0, 0.0, 0.0),
    "smile": (0.45, 0.1, -0.03),
    "concern": (-0.3, -0.35, -0.05),
    "surprise": (0.0, 0.75, 0.05),
}


def smoothstep(t: float) -> float:
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def mix(a: Face, b: Face, t: float) -> Face:
    """The face on the way from a (t=0) to b (t=1). Never a frame of a cycle."""

    def between(x: float, y: float) -> float:
        return x + (y - x) * t

    return Face(
        mouth=mix_mouth(a.mouth, b.mouth, t),
        lids=between(a.lids, b.lids),
        gaze=(between(a.gaze[0], b.gaze[0]), between(a.gaze[1], b.gaze[1])),
        brows=between(a.brows, b.brows),
        smile=between(a.smile, b.smile),
        roll=between(a.roll, b.roll),
        head=(between(a.head[0], b.head[0]), between(a.head[1], b.head[1])),
        breath=between(a.breath, b.breath),
    )


def mix_mouth(a: Mouth, b: Mouth, t: float) -> Mouth:
    return Mouth(
        a.jaw + (b.jaw - a.jaw) * t,
        a.width + (b.width - a.width) * t,
        a.round + (b.round - a.round) * t,
        a.press + (b.press - a.press) * t,
        a.teeth + (b.teeth - a.teeth) * t,
        a.tongue + (b.tongue - a.tongue) * t,
    )


class Life:
    """The living face without its mouth. `step` is one frame of 40 ms."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._frame = 0
        self._phases = [[rng.uniform(0, 2 * math.pi) for _ in _SWAY] for _ in range(3)]
        self.breath_phase = 0.0
        """Frames since she began to breathe in, 0 .. BREATH_FRAMES."""
        self._blink_at = self._next_blink(4.0)
        self._blinking: int | None = None
        self._gaze = (0.0, 0.0)
        self._look = (0.0, 0.0)
        self._look_until = 0
        self._nods: list[tuple[int, float]] = []
        self._nodded = -10 * FRAME_RATE
        self._stress = 0.0
        self._question = False
        self._expression = _EXPRESSIONS["neutral"]
        self._mood = (0.0, 0.0, 0.0)
        self._state: State = "idle"
        self._side = 1.0

    def nod(self, amplitude: float) -> None:
        """Once, if she has not nodded for 1.5 s. amplitude: design pixels the head sinks."""
        if self._frame - self._nodded >= 1.5 * FRAME_RATE:
            self._nodded = self._frame
            self._nods.append((self._frame, amplitude))

    def express(self, expression: str) -> None:
        """Unknown expressions are neutral."""
        self._expression = _EXPRESSIONS.get(expression, _EXPRESSIONS["neutral"])

    def stressed(self) -> None:
        """A stressed syllable begins: brows, and now and then a nod."""
        self._stress = 1.0
        if self._rng.random() < 0.5:
            self.nod(self._rng.uniform(8, 12))

    def sentence(self, text: str) -> None:
        """A sentence begins: a blink at the phrase's edge, raised brows for a question."""
        self._question = text.rstrip().endswith(("?", "？", "؟"))
        if self._rng.random() < 0.6:
            self._blink_at = min(self._blink_at, self._frame + 2)

    @property
    def calm(self) -> bool:
        """Nothing is going on that a cycle would not show."""
        return not self._nods and self._expression == _EXPRESSIONS["neutral"] and max(map(abs, self._mood)) < 0.02

    def step(self, state: State, pause: bool = False) -> Face:
        """The next frame's face, with a closed mouth. pause: she speaks, but is silent now."""
        if state != self._state:
            self._enter(state)
        self._frame += 1
        bearing = _BEARINGS[state]
        self._breathe(pause)
        self._glance(bearing)
        lids = self._lids(bearing)
        roll, x, y = (self._sine(n, bearing.sway) for n in range(3))
        if state == "listening" and self._rng.random() < 1 / (5 * FRAME_RATE):
            self.nod(self._rng.uniform(5, 8))
        nod = self._nodding()
        self._stress *= 0.86
        self._mood = tuple(m + 0.14 * (e - m) for m, e in zip(self._mood, self._expression, strict=True))  # type: ignore[assignment]
        brows = (
            bearing.brows + self._mood[1] + 0.42 * self._stress + (0.4 if self._question and state == "speaking" else 0)
        )
        return Face(
            lids=min(1.0, max(0.0, lids * (bearing.lids + self._mood[2]))),
            gaze=self._gaze,
            brows=max(-1.0, min(1.0, brows)),
            smile=max(0.0, min(1.0, bearing.smile + self._mood[0])),
            roll=bearing.roll * (self._side if state == "thinking" else 1) + 1.2 * roll,
            head=(bearing.head[0] * (self._side if state == "thinking" else 1) + 6 * x, bearing.head[1] + 4 * y + nod),
            breath=0.5 - 0.5 * math.cos(2 * math.pi * self.breath_phase / BREATH_FRAMES),
        )

    def _enter(self, state: State) -> None:
        if state == "thinking":
            self._side = self._rng.choice((-1.0, 1.0))
            self._look_until = 0
        elif self._state == "thinking" or state == "listening":
            self._look, self._look_until = (0.0, 0.0), self._frame + FRAME_RATE
        self._question = False
        self._stress = 0.0
        self._state = state

    def _breathe(self, pause: bool) -> None:
        # A quick breath in between sentences.
        hurry = 2.2 if pause and self.breath_phase < BREATH_FRAMES / 2 else 1.0
        self.breath_phase = (self.breath_phase + hurry) % BREATH_FRAMES

    def _sine(self, channel: int, scale: float) -> float:
        t = self._frame / FRAME_RATE
        phases = self._phases[channel]
        return scale * sum(a * math.sin(2 * math.pi * t / p + f) for (p, a), f in zip(_SWAY, phases, strict=True))

    def _glance(self, bearing: _Bearing) -> None:
        rng = self._rng
        if self._frame >= self._look_until:
            away = rng.random() < bearing.aside
            if self._state == "thinking":
                self._look = (self._side * rng.uniform(-0.75, -0.45), rng.uniform(-0.8, -0.5))
            elif away:
                self._look = (rng.choice((-1, 1)) * rng.uniform(0.25, 0.6), rng.uniform(-0.15, 0.35))
            else:
                self._look = (rng.uniform(-0.07, 0.07), rng.uniform(-0.05, 0.05))
            self._look_until = self._frame + round(FRAME_RATE * rng.uniform(0.8, 2.5))
            far = math.dist(self._look, self._gaze) > 0.35
            if far and rng.random() < 0.45:
                self._blink_at = min(self._blink_at, self._frame)
        # A saccade takes 40-80 ms.
        self._gaze = tuple(g + 0.72 * (t - g) for g, t in zip(self._gaze, self._look, strict=True))  # type: ignore[assignment]

    def _next_blink(self, mean: float) -> int:
        # 10 % of blinks come double; the single ones are spaced so that the mean holds.
        if self._rng.random() < 0.1:
            return self._frame + len(_BLINK) + 4
        rest = mean / 0.9 - 1.0
        return self._frame + len(_BLINK) + round(FRAME_RATE * (0.9 + self._rng.gammavariate(2.2, rest / 2.2)))

    def _lids(self, bearing: _Bearing) -> float:
        if self._blinking is None and self._frame >= self._blink_at:
            self._blinking = 0
        if self._blinking is None:
            return 1.0
        lids = _BLINK[self._blinking]
        self._blinking += 1
        if self._blinking == len(_BLINK):
            self._blinking = None
            self._blink_at = self._next_blink(bearing.blink_mean)
        return lids

    def _nodding(self) -> float:
        self._nods = [(start, size) for start, size in self._nods if self._frame - start < _NOD_FRAMES]
        return sum(size * math.sin(math.pi * (self._frame - start) / _NOD_FRAMES) ** 2 for start, size in self._nods)
