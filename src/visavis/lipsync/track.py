"""The mouth over time: phonemes become held targets with eased ways between them.

Each sound has a time in which its shape is held. Lips close for p, b, m and bite for f, v whatever the neighbours want;
vowels come next; other consonants take what room is left, and much of their shape from the vowels beside them
(co-articulation; Cohen & Massaro 1993). Everything is shown a little before it is heard, as people do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from visavis.core.media import Mouth, Sound, SpeechMark
from visavis.lipsync.loudness import Loudness
from visavis.lipsync.visemes import CLOSURES, MOUTHS, Shape, Viseme, shapes

LEAD_S: Final = 0.06
"""Lips are ahead of the sound by 40-80 ms."""
_WAY_S: Final = 0.12
"""Longest way from one shape to the next."""
_RAMP_S: Final = 0.045
"""Way kept free between a closure and the vowel beside it."""
_CLOSED_S: Final = 0.09
"""A closure is held at least that long, so that two pictures of 40 ms show it."""
_PAUSE_S: Final = 0.09
"""Shorter silences are the stops inside words."""
_REACH_S: Final = 0.8
"""Phonemes this near decide on a moment's shape."""
_NEIGHBOUR_S: Final = 0.25
_OWN: Final[dict[Viseme, tuple[float, float]]] = {
    "DD": (0.6, 0.35), "nn": (0.55, 0.3), "kk": (0.45, 0.25), "SS": (0.9, 0.65), "TH": (0.9, 0.7), "RR": (0.7, 0.7),
    "CH": (0.85, 0.85), "I": (0.7, 0.7), "U": (0.8, 0.9),
}  # fmt: skip
"""Consonants: the share of the jaw, and of width and round, that is their own."""


@dataclass(frozen=True, slots=True)
class _Phone:
    start: float
    end: float
    shape: Shape
    glides: bool = False
    """One of several shapes of a phoneme: passed through rather than held."""

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


@dataclass(slots=True)
class _Hold:
    """A target and when it is held."""

    start: float
    end: float
    mouth: Mouth
    rest: bool = False


class LipTrack:
    """The lips of one reply at a time. Marks and sound come in order, a little before they are asked for."""

    def __init__(self) -> None:
        self._loudness = Loudness()
        self.reset()

    def reset(self) -> None:
        """Another reply begins."""
        self._phones: list[_Phone] = []
        self._starts: list[float] = []
        self._loudness.reset()
        self._holds: list[_Hold] | None = None
        self._span = (0.0, 0.0)

    def add(self, mark: SpeechMark) -> None:
        """Words and sentences are ignored. A phoneme of unknown length lasts until the next one, at most 120 ms."""
        if mark.kind != "phoneme":
            return
        found = shapes(mark.value)
        if self._phones and self._phones[-1].end > mark.at:
            self._phones[-1] = replace(self._phones[-1], end=max(self._phones[-1].start, mark.at))
        length = mark.duration or 0.12
        for n, shape in enumerate(found):
            start = mark.at + length * n / len(found)
            self._phones.append(_Phone(start, mark.at + length * (n + 1) / len(found), shape, len(found) > 1))
            self._starts.append(start)
        self._holds = None

    def hear(self, sound: Sound) -> None:
        """Loudness opens the jaw more or less; without phonemes the sound alone moves the mouth."""
        self._loudness.add(sound)

    def mouth(self, at: float) -> Mouth:
        """The shape to show while the reply's sound is at `at` seconds."""
        t = at + LEAD_S
        if not self._phones:
            return self._loudness.guess(t)
        if self._holds is None or not self._span[0] <= t <= self._span[1]:
            self._span = (t - 0.01, t + 0.2)
            self._holds = self._plan(t - _REACH_S, t + 0.2 + _REACH_S)
        shape = _between(self._holds, t)
        if shape.press > 0.5 or shape.teeth > 0.5:
            return shape
        return replace(shape, jaw=min(1.0, shape.jaw * self._loudness.scale(t)))

    def _plan(self, start: float, end: float) -> list[_Hold]:
        phones = self._phones[bisect_left(self._starts, start) : bisect_right(self._starts, end)]
        if not phones:
            return [_Hold(start, end, Mouth(), rest=True)]
        closures = [_closure(p) for p in phones if p.shape.viseme in CLOSURES and p.shape.amount == 1.0]
        _keep_apart(closures)
        vowels = [h for p in phones if p.shape.vowel if (h := _vowel(p, closures))]
        fixed = sorted(closures + vowels, key=lambda h: h.start)
        holds = list(fixed)
        for index, phone in enumerate(phones):
            if phone.shape.viseme == "sil":
                if phone.end - phone.start >= _PAUSE_S:
                    holds.append(
                        _Hold(phone.start + 0.06, max(phone.start + 0.06, phone.end - 0.06), Mouth(), rest=True)
                    )
            elif not phone.shape.vowel and not (phone.shape.viseme in CLOSURES and phone.shape.amount == 1.0):
                hold = _consonant(phones, index, fixed)
                if hold:
                    holds.append(hold)
        holds.sort(key=lambda h: h.start)
        first, last = phones[0], phones[-1]
        if first is self._phones[0]:
            holds.insert(
                0,
                _Hold(
                    first.start - 1.0,
                    min(first.start - 0.09, holds[0].start if holds else first.start),
                    Mouth(),
                    rest=True,
                ),
            )
        if last is self._phones[-1]:
            # What comes next is not known (yet): let go.
            begin = max(last.end + 0.1, holds[-1].end + 0.08 if holds else last.end)
            holds.append(_Hold(begin, begin + 60.0, Mouth(), rest=True))
        return _in_order(holds)


def _closure(phone: _Phone) -> _Hold:
    half = min(0.07, max(_CLOSED_S / 2, (phone.end - phone.start) / 2 - 0.01))
    return _Hold(phone.middle - half, phone.middle + half, MOUTHS[phone.shape.viseme])


def _keep_apart(closures: list[_Hold]) -> None:
    """Two different closures on each other's time: the border is in the middle. Each keeps its far side."""
    for a, b in pairwise(closures):
        if b.start < a.end and a.mouth != b.mouth:
            border = (a.end + b.start) / 2
            a.start, a.end = min(a.start, border - _CLOSED_S), border
            b.start, b.end = border, max(b.end, border + _CLOSED_S)


def _room(middle: float, taken: list[_Hold]) -> tuple[float, float]:
    """The free time around a moment."""
    low = max((h.end for h in taken if (h.start + h.end) / 2 <= middle), default=middle - 1.0)
    high = min((h.start for h in taken if (h.start + h.end) / 2 > middle), default=middle + 1.0)
    return low, high


def _vowel(phone: _Phone, closures: list[_Hold]) -> _Hold | None:
    low, high = _room(phone.middle, closures)
    if high - low < 0.02:
        return None
    mouth = _scaled(phone.shape)
    half = 0.006 if phone.glides else max(0.021, (phone.end - phone.start) / 2 - _RAMP_S)
    start, end = max(phone.middle - half, low + _RAMP_S), min(phone.middle + half, high - _RAMP_S)
    if start > end:
        start = end = (low + high) / 2
    return _Hold(start, end, mouth)


def _consonant(phones: list[_Phone], index: int, fixed: list[_Hold]) -> _Hold | None:
    phone = phones[index]
    low, high = _room(phone.middle, fixed)
    if high - low < 0.05:
        return None
    half = max(0.0, (phone.end - phone.start) / 2 - 0.04)
    middle = min(max(phone.middle, low + 0.025), high - 0.025)
    return _Hold(max(middle - half, low + 0.025), min(middle + half, high - 0.025), _coarticulated(phones, index))


def _coarticulated(phones: list[_Phone], index: int) -> Mouth:
    """The consonant's own shape, mixed with that of the vowels around: more with the one to come."""
    phone = phones[index]
    mouth = _scaled(phone.shape)
    after = next((p for p in phones[index + 1 :] if p.shape.vowel), None)
    before = next((p for p in reversed(phones[:index]) if p.shape.vowel), None)
    weights = []
    if after and after.start - phone.end < _NEIGHBOUR_S:
        weights.append((0.65, _scaled(after.shape)))
    if before and phone.start - before.end < _NEIGHBOUR_S:
        weights.append((0.35, _scaled(before.shape)))
    total = sum(w for w, _ in weights)
    if not total:
        return mouth
    jaw, lips = _OWN.get(phone.shape.viseme, (0.6, 0.4))

    def near(axis: str) -> float:
        return sum(w * float(getattr(m, axis)) for w, m in weights) / total

    return replace(
        mouth,
        jaw=jaw * mouth.jaw + (1 - jaw) * min(0.4, near("jaw")),
        width=lips * mouth.width + (1 - lips) * near("width"),
        round=lips * mouth.round + (1 - lips) * near("round"),
    )


def _scaled(shape: Shape) -> Mouth:
    m, a = MOUTHS[shape.viseme], shape.amount
    return Mouth(m.jaw * a, m.width * a, m.round * a, m.press * a, m.teeth * a, m.tongue * a)


def _in_order(holds: list[_Hold]) -> list[_Hold]:
    """No hold begins before the former ends."""
    out: list[_Hold] = []
    for hold in holds:
        if out and hold.start < out[-1].end:
            hold = replace(hold, start=out[-1].end, end=max(hold.end, out[-1].end))
        out.append(hold)
    return out


def _between(holds: list[_Hold], t: float) -> Mouth:
    after = next((i for i, h in enumerate(holds) if h.start > t), len(holds))
    if after == 0:
        return holds[0].mouth
    a = holds[after - 1]
    if t <= a.end or after == len(holds):
        return a.mouth
    b = holds[after]
    way = min(_WAY_S, b.start - a.end)
    # To rest at once, to a sound as late as it can be.
    begin = a.end if b.rest else b.start - way
    u = min(1.0, max(0.0, (t - begin) / way)) if way > 0 else 1.0
    return _mixed(a.mouth, b.mouth, u * u * (3 - 2 * u))


def _mixed(a: Mouth, b: Mouth, u: float) -> Mouth:
    v = 1 - u
    return Mouth(
        a.jaw * v + b.jaw * u, a.width * v + b.width * u, a.round * v + b.round * u,
        a.press * v + b.press * u, a.teeth * v + b.teeth * u, a.tongue * v + b.tongue * u,
    )  # fmt: skip
