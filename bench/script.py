"""The script every side plays: the same fixed delays, the same words, the same sound.

Needs only the standard library and numpy: it also runs in the peer's environment.
"""

from __future__ import annotations

import math

import numpy as np

TAIL = 0.5
"""Seconds of silence that end the visitor's turn (the contract's default tail_silence_time)."""
BRAIN_DELAY = 0.1
"""Seconds until the brain's first and only piece of text."""
TTS_DELAY = 0.1
"""Seconds until the voice's first sound; the rest of the reply follows at once."""
FIXED = TAIL + BRAIN_DELAY + TTS_DELAY
"""What a reply can't be faster than. The scripted recogniser needs no time of its own: one that streams is done within
the tail silence, so its delay says nothing about the loop around it."""

HEARD = "where is the main entrance today"
ANSWER = "The main entrance is right behind you."
"""One sentence without a comma: no side gains by splitting it."""

RATE = 24_000
"""Of the voice, samples a second."""
CHUNK = RATE // 50
"""Samples in a piece of the voice, 20 ms."""
WIDTH, HEIGHT, FRAME_RATE = 720, 1280, 25


def speech(seconds: float) -> list[bytes]:
    """The voice: a steady tone that is loud from its first sample on, in mono s16le pieces of 20 ms."""
    count = math.ceil(seconds * RATE / CHUNK) * CHUNK
    pcm = (8000 * np.sin(2 * np.pi * 440 * np.arange(count) / RATE + np.pi / 2)).astype(np.int16)
    return [pcm[i : i + CHUNK].tobytes() for i in range(0, count, CHUNK)]
