"""Speech that carries its own text, so that a test can tell which letters of what were audible when.

Each piece of sound holds the letters said in its time as sample values. A recogniser that misses the first 60 ms of a
turn misses its first letters; an avatar that repeats or drops a moment repeats or drops letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from visavis.core.media import Sound

_LETTER = 4000
"""Sample value of byte 0; samples between letters are `_VOICE`."""
_VOICE = 1000


def say(text: str, duration: float, *, rate: int = 16_000, step: float = 0.02, at: float = 0.0) -> Iterator[Sound]:
    """Sounds of `step` seconds that say the text evenly over `duration`."""
    letters = text.encode()
    count = max(1, round(duration / step))
    for n in range(count):
        samples = np.full(round(step * rate), _VOICE, np.int16)
        part = letters[n * len(letters) // count : (n + 1) * len(letters) // count]
        if len(part) > len(samples) // 2:
            raise ValueError("too much text for its time")
        # Spread out: whoever cuts the sound elsewhere still gets each letter once.
        for i, letter in enumerate(part):
            samples[i * len(samples) // len(part)] = _LETTER + letter
        yield Sound(samples.tobytes(), rate, at + n * step)


def hear(sounds: Iterable[Sound]) -> str:
    """The text in the sounds."""
    found = bytearray()
    for sound in sounds:
        samples = sound.samples
        found.extend((samples[samples >= _LETTER] - _LETTER).astype(np.uint8).tobytes())
    return found.decode(errors="replace")


def voiced(sound: Sound) -> bool:
    return bool(np.any(sound.samples))
