"""One clock for sound and picture.

Time is cut into slots of 20 ms; slot s is due at start + s * 20 ms and has the RTP times s * 960 (sound, 48 kHz) and
s * 1800 (picture, 90 kHz). A moment fills two slots. The slots are the only time there is, so sound and picture can't
drift apart, whoever is late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from visavis.core.clock import Clock
from visavis.core.media import MOMENT_S, Samples
from visavis.links.webrtc_sound import CHUNK, CHUNK_S, RATE

LEAD = 0.06
"""Seconds between handing over a moment and its time. It hides the encoder's time; `hush` can take it back."""

_STALL = 0.06
"""A slot that is later than this moves the start: catching up would be a burst of packets."""
_FADE = RATE // 200
"""Samples over which cut speech fades, 5 ms: a hard edge clicks."""
_SILENCE = np.zeros(CHUNK, np.int16)


@dataclass(slots=True)
class _Chunk:
    samples: Samples
    reply: int


class Playout:
    """Holds what was handed over and lets it go, one slot at a time."""

    def __init__(self, clock: Clock, on_slot: Callable[[int, Samples], None]) -> None:
        """on_slot(slot, 960 samples): called at each slot's time, silence where nothing was handed over."""
        self._clock = clock
        self._on_slot = on_slot
        self._start: float | None = None
        self._slot = 0
        """Next slot to let go."""
        self._moment = 0
        """Next moment to be filled."""
        self._chunks: dict[int, _Chunk] = {}

    def place(self, samples: Samples, reply: int) -> int:
        """Put 40 ms of sound at the end; returns the moment's number. A late producer gets the next free moment."""
        if self._start is None:
            self._start = self._clock.now() + LEAD
        moment = max(self._moment, -(-self._slot // 2))
        self._moment = moment + 1
        for half in range(2):
            self._chunks[2 * moment + half] = _Chunk(samples[half * CHUNK : (half + 1) * CHUNK], reply)
        return moment

    def passed(self, moment: int) -> bool:
        """Its first slot was let go already."""
        return 2 * moment < self._slot

    async def paced(self, moment: int) -> None:
        """Wait until the moment after this one should be handed over."""
        assert self._start is not None
        await self._clock.sleep_until(self._start + (moment + 1) * MOMENT_S - LEAD)

    def hush(self) -> float:
        """Silence what waits; returns the seconds of speech among it. The first piece fades."""
        dropped = 0
        for slot in sorted(self._chunks):
            chunk = self._chunks[slot]
            if not chunk.reply:
                continue
            faded = np.zeros(CHUNK, np.int16)
            if not dropped:
                faded[:_FADE] = chunk.samples[:_FADE] * np.linspace(1, 0, _FADE)
            self._chunks[slot] = _Chunk(faded, 0)
            dropped += 1
        return dropped * CHUNK_S

    async def run(self) -> None:
        """Let slots go for ever. The first moment must be there."""
        assert self._start is not None
        while True:
            due = self._start + self._slot * CHUNK_S
            await self._clock.sleep_until(due)
            late = self._clock.now() - due
            if late > _STALL:
                self._start += late
            slot, self._slot = self._slot, self._slot + 1
            chunk = self._chunks.pop(slot, None)
            self._on_slot(slot, chunk.samples if chunk else _SILENCE)
