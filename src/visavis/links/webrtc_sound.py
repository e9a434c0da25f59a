"""Sound on its way through WebRTC: speech to Opus at 48 kHz, the microphone's Opus to 16 kHz."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from visavis.core.media import MOMENT_S, Samples, Sound

RATE = 48_000
CHUNK = 960
"""Samples in one packet, 20 ms."""
CHUNK_S = CHUNK / RATE
TIME_BASE = Fraction(1, RATE)
MICROPHONE_RATE = 16_000

_PER_MOMENT = round(MOMENT_S * RATE)
_BITRATE = 48_000
_SETTLED = 10
"""Silent packets after which the encoder gives the same packet over and over, so it need not be asked."""
_HEARD_SAMPLES = MICROPHONE_RATE // 50
_REORDER = 3
"""Microphone packets that may wait for a missing one."""
_LONGEST_GAP = RATE // 5
"""Lost microphone sound up to this many samples is filled with silence, so that times stay right."""


class Upsampler:
    """Any rate to 48 kHz, 40 ms in, 40 ms out."""

    def __init__(self) -> None:
        self._rate = RATE
        self._resampler: Any = None
        self._ready = np.zeros(0, np.int16)

    def moment(self, sound: Sound) -> Samples:
        """1920 samples, int16. The resampler's own delay (under 1 ms) is filled with silence once."""
        if sound.rate != self._rate:
            self.reset(sound.rate)
        samples = sound.samples if sound.rate == RATE else self._resample(sound)
        self._ready = np.concatenate([self._ready, samples])
        if (missing := _PER_MOMENT - len(self._ready)) > 0:
            self._ready = np.concatenate([np.zeros(missing, np.int16), self._ready])
        moment, self._ready = self._ready[:_PER_MOMENT], self._ready[_PER_MOMENT : 2 * _PER_MOMENT]
        return moment

    def reset(self, rate: int | None = None) -> None:
        """Forget what is inside."""
        self._rate = rate or self._rate
        self._ready = np.zeros(0, np.int16)
        self._resampler = None

    def _resample(self, sound: Sound) -> Samples:
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frame = av.AudioFrame.from_ndarray(sound.samples[None], format="s16", layout="mono")
        frame.sample_rate = sound.rate
        frame.time_base = Fraction(1, sound.rate)
        parts = [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)


class OpusEncoder:
    """Mono, 20 ms packets, with in-band error correction for lossy networks (RFC 6716, RFC 7587)."""

    def __init__(self) -> None:
        self._codec: Any = av.CodecContext.create("libopus", "w")
        self._codec.bit_rate = _BITRATE
        self._codec.format, self._codec.layout, self._codec.sample_rate = "s16", "mono", RATE
        self._codec.time_base = TIME_BASE
        self._codec.options = {"application": "voip", "frame_duration": "20", "fec": "1", "packet_loss": "10"}
        self._silent = 0
        self._silence = b""
        self._pts = 0

    def encode(self, chunk: Samples) -> bytes:
        """One packet of 960 samples. Lasting silence costs nothing."""
        self._silent = 0 if chunk.any() else self._silent + 1
        if self._silent > _SETTLED:
            return self._silence
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(chunk)[None], format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE, TIME_BASE, self._pts
        self._pts += CHUNK
        self._silence = b"".join(bytes(packet) for packet in self._codec.encode(frame))
        return self._silence


class Microphone:
    """RTP packets of a peer's microphone to sounds of 20 ms at 16 kHz.

    aiortc's own receiver holds four packets back; this one hands on at once whatever comes in order.
    """

    def __init__(self) -> None:
        self._decoder: Any = av.CodecContext.create("opus", "r")
        self._resampler: Any = av.AudioResampler(format="s16", layout="mono", rate=MICROPHONE_RATE)
        self._waiting: dict[int, tuple[int, bytes]] = {}
        self._expected: int | None = None
        self._end = 0
        """RTP time (unwrapped) of the first sample not heard yet."""
        self._offset: float | None = None
        self._ready = b""

    def packet(self, sequence: int, timestamp: int, payload: bytes, arrival: float) -> Iterator[Sound]:
        """arrival: Clock time. What can't be decoded counts as lost."""
        if self._expected is None:
            self._expected, self._end = sequence, timestamp
        ahead = (sequence - self._expected) & 0xFFFF
        if ahead > 0x8000 and ahead < 0xFF00:
            # Another stream took over (the browser changed the device): start anew.
            self._waiting.clear()
            self._expected, self._end, ahead = sequence, timestamp, 0
        if ahead >= 0x8000:
            return
        self._waiting[sequence] = timestamp, payload
        while self._waiting:
            if self._expected in self._waiting:
                stamp, data = self._waiting.pop(self._expected)
                yield from self._hear(stamp, data, arrival)
            elif len(self._waiting) < _REORDER:
                return
            self._expected = (self._expected + 1) & 0xFFFF

    def _hear(self, timestamp: int, payload: bytes, arrival: float) -> Iterator[Sound]:
        stamp = self._end + ((timestamp - self._end + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        lost = stamp - self._end
        decoded = [] if not payload else self._decode(payload)
        count = sum(frame.samples for frame in decoded)
        if 0 < lost <= _LONGEST_GAP:
            self._ready += bytes(2 * (lost * MICROPHONE_RATE // RATE))
        elif lost:
            self._ready, self._offset = b"", None
        self._end = stamp + count
        for frame in decoded:
            for part in self._resampler.resample(frame):
                self._ready += part.to_ndarray()[0].tobytes()
        # The earliest packets tell the true offset between the sender's clock and ours; late ones were delayed on
        # the way. It may creep up by 0.1 ms a packet, so that clocks which drift apart are followed.
        seen = arrival - self._end / RATE
        self._offset = seen if self._offset is None else min(self._offset + 1e-4, seen)
        begin = self._end / RATE + self._offset - len(self._ready) / 2 / MICROPHONE_RATE
        while len(self._ready) >= 2 * _HEARD_SAMPLES:
            piece, self._ready = self._ready[: 2 * _HEARD_SAMPLES], self._ready[2 * _HEARD_SAMPLES :]
            yield Sound(piece, MICROPHONE_RATE, begin)
            begin += _HEARD_SAMPLES / MICROPHONE_RATE

    def _decode(self, payload: bytes) -> list[Any]:
        try:
            frames: list[Any] = self._decoder.decode(av.Packet(payload))
        except av.FFmpegError:
            return []
        return frames
