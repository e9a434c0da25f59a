"""What is heard and seen: sound, faces, pictures, and the moment that holds them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FRAME_RATE = 25
"""Pictures, faces and moments a second."""
MOMENT_S = 1 / FRAME_RATE
"""Length of one moment: 40 ms of sound and the picture that belongs to it."""

Samples = NDArray[np.int16]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sound:
    """A run of mono 16-bit little-endian samples."""

    pcm: bytes
    rate: int
    """Samples a second."""
    at: float = 0.0
    """Microphone sound: Clock time (s) of the first sample. Speech: seconds since the start of its reply."""
    reply: int = 0
    """Number of the reply it belongs to; 0 = silence or the visitor's own voice."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.pcm) / 2 / self.rate

    @property
    def samples(self) -> Samples:
        """Read-only view, shape (n,), int16."""
        return np.frombuffer(self.pcm, np.int16)

    @staticmethod
    def silence(duration: float, rate: int, at: float = 0.0) -> Sound:
        return Sound(bytes(2 * round(duration * rate)), rate, at)


@dataclass(frozen=True, slots=True)
class SpeechMark:
    """Where in the sound of a reply a phoneme, word or sentence begins."""

    kind: Literal["phoneme", "word", "sentence"]
    at: float
    """Seconds since the start of the reply's sound."""
    duration: float
    """Seconds; 0 where the voice does not tell."""
    value: str
    """phoneme: IPA as the voice writes it; word and sentence: the text."""
    span: tuple[int, int] = (0, 0)
    """Characters [start, end) of the reply's whole text. A phoneme has its word's span if known, else (0, 0)."""
    stress: int = 0
    """0 none, 1 secondary, 2 primary."""
    reply: int = 0


@dataclass(frozen=True, slots=True)
class Cue:
    """A stage direction for the avatar."""

    kind: Literal["state", "expression", "gesture"]
    value: str
    """state: idle | listening | thinking | speaking; expression: neutral | smile | concern | surprise; gesture: nod."""


@dataclass(frozen=True, slots=True)
class SpeechEnd:
    """All sound of this reply has been put into the feed."""

    reply: int


FeedItem = Sound | SpeechMark | Cue | SpeechEnd


@dataclass(frozen=True, slots=True)
class Mouth:
    """Mouth parameters, the axes of the sprite space. All 0..1 but width."""

    jaw: float = 0.0
    width: float = 0.0
    """-1 narrow .. 1 wide."""
    round: float = 0.0
    press: float = 0.0
    """Lips closed tightly (p, b, m)."""
    teeth: float = 0.0
    """Lower lip under the upper teeth (f, v) at 1."""
    tongue: float = 0.0


@dataclass(frozen=True, slots=True)
class Face:
    """One pose, 1/25 s long. Angles in degrees, offsets in design pixels (canvas 1080x1920)."""

    mouth: Mouth = field(default_factory=Mouth)
    lids: float = 1.0
    """1 open .. 0 closed."""
    gaze: tuple[float, float] = (0.0, 0.0)
    """x right, y down; -1..1 are the corners of the eye; (0, 0) looks at the visitor."""
    brows: float = 0.0
    """-1 low .. 1 raised."""
    smile: float = 0.2
    """0..1."""
    roll: float = 0.0
    """Head tilt in degrees, clockwise."""
    head: tuple[float, float] = (0.0, 0.0)
    """Head offset in design pixels."""
    breath: float = 0.0
    """0 out .. 1 in."""
    cycle: tuple[str, int] | None = None
    """(name, index) where this pose is a frame of a cycle that can be encoded once; None = live."""


class LoopCycle(Protocol):
    """A run of pictures that every session may share: encoded once, replayed to many."""

    @property
    def key(self) -> tuple[str, ...]:
        """Names the content: pack digest, cycle name, size, background. Equal keys, equal pictures."""
        ...

    def __len__(self) -> int: ...

    def frames(self) -> Iterator[Pixels]:
        """The pictures in order, each I420 as uint8 (height * 3 / 2, width)."""
        ...


@dataclass(frozen=True, slots=True)
class LoopFrame:
    cycle: LoopCycle
    index: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels of one moment, or a reference to a frame of a shared cycle. Exactly one of the two is given."""

    width: int
    height: int
    i420: Pixels | None = None
    """uint8, shape (height * 3 / 2, width), C-contiguous, BT.601 limited range."""
    loop: LoopFrame | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """40 ms of sound and the face and picture that belong to it: in sync by construction."""

    sound: Sound
    """Exactly MOMENT_S long; silence (reply 0) when nobody speaks."""
    face: Face
    picture: Picture | None = None
    marks: tuple[SpeechMark, ...] = ()
    """Marks whose time falls inside this moment."""
    ends: int | None = None
    """Number of the reply whose sound ends with this moment."""
