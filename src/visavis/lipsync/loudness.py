"""What sound alone says about a mouth: how loud, and how bright."""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Final

import numpy as np

from visavis.core.media import Mouth, Sound

_STEP_S: Final = 0.02
_KEPT_S: Final = 4.0
_LOW, _HIGH = 0.8, 1.15
"""Loudness scales the jaw between these."""
_SILENT: Final = 0.006
"""RMS (full scale = 1) below which nobody speaks."""


_window = cache(np.hanning)
"""Steps have one length per sample rate."""


class Loudness:
    """Level and brightness of one reply's sound in steps of 20 ms."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._steps: deque[tuple[float, float, float]] = deque()
        """(time of its middle, RMS, spectral centroid in Hz)"""
        self._loud = 0.05
        """What is loud for this voice: a slow follower of its peaks."""
        self._rest = np.zeros(0, np.float32)
        self._at: float | None = None
        self._rate = 0

    def add(self, sound: Sound) -> None:
        if self._at is None or sound.rate != self._rate:
            self._at, self._rate, self._rest = sound.at, sound.rate, np.zeros(0, np.float32)
        samples = np.concatenate([self._rest, sound.samples.astype(np.float32) / 32768])
        step = round(_STEP_S * sound.rate)
        for i in range(0, len(samples) - step + 1, step):
            self._measure(samples[i : i + step])
        self._rest = samples[len(samples) - len(samples) % step :]

    def _measure(self, part: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
        assert self._at is not None
        rms = float(np.sqrt(np.mean(part * part)))
        self._loud = max(rms, self._loud * 0.995, 0.02)
        bright = 0.0
        if rms > _SILENT:
            spectrum = np.abs(np.fft.rfft(part * _window(len(part)))) ** 2
            bright = float((spectrum * np.arange(len(spectrum))).sum() / max(spectrum.sum(), 1e-12) / _STEP_S)
        self._steps.append((self._at + _STEP_S / 2, rms, bright))
        self._at += _STEP_S
        while self._steps[0][0] < self._at - _KEPT_S:
            self._steps.popleft()

    def _near(self, t: float) -> tuple[float, float]:
        """RMS and centroid, weighted around t."""
        level = bright = weight = 0.0
        for at, rms, centroid in self._steps:
            w = max(0.0, 1 - abs(at - t) / 0.05)
            level, bright, weight = level + w * rms, bright + w * rms * centroid, weight + w
        if not weight:
            return 0.0, 0.0
        return level / weight, bright / max(level, 1e-9)

    def scale(self, t: float) -> float:
        """Factor for the jaw; 1 where nothing was heard yet."""
        level, _ = self._near(t)
        if not level:
            return 1.0
        return _LOW + (_HIGH - _LOW) * min(1.0, level / (0.95 * self._loud))

    def guess(self, t: float) -> Mouth:
        """A mouth without phonemes: loud is open, dark is round, bright is spread."""
        level, bright = self._near(t)
        if level < _SILENT:
            return Mouth()
        open_ = min(1.0, (level - _SILENT) / (0.8 * self._loud))
        if bright > 2800:
            return Mouth(jaw=0.10 + 0.08 * open_, width=0.4)
        spread = min(1.0, max(0.0, (bright - 450) / 900))
        return Mouth(jaw=0.12 + 0.58 * open_, width=-0.45 + 0.75 * spread, round=0.6 * (1 - spread) * open_)
