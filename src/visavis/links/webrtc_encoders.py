"""Real-time picture encoders, tuned for a talking head at 25 pictures a second.

H.264: x264 superfast, constant quality under a bit-rate cap: a quarter of the CPU that aiortc's own settings take.
VP8 for peers that can't do H.264.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import av

from visavis.core.media import FRAME_RATE, Pixels

Codec = Literal["H264", "VP8"]

TIME_BASE = Fraction(1, 90_000)
TICKS = 90_000 // FRAME_RATE
"""RTP ticks of one picture."""
LOWEST_BITRATE = 250_000

_NO_REGULAR_KEYFRAMES = 3000
_QUALITY = "26"
"""x264's constant rate factor. The painted Sara keeps 48 dB; 23 would be 49.5 dB for half as much again on the wire."""
_LEVELS: tuple[tuple[int, int, str], ...] = (
    (1620, 40_500, "30"),
    (3600, 108_000, "31"),
    (5120, 216_000, "32"),
    (8192, 245_760, "40"),
    (8704, 522_240, "42"),
    (22_080, 589_824, "50"),
    (36_864, 983_040, "51"),
)
"""H.264 table A-1: macroblocks a picture, macroblocks a second, level."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One encoded picture."""

    data: bytes
    key: bool


def highest_bitrate(width: int, height: int) -> int:
    """Bits a second that this size may take at most: 2.5 Mbit/s at 720x1280."""
    return min(6_000_000, max(400_000, round(width * height * 2.7)))


def h264_level(width: int, height: int) -> str:
    """The lowest level that allows the size at 25 pictures a second, in x264's writing."""
    blocks = -(-width // 16) * -(-height // 16)
    return next(level for most, rate, level in _LEVELS if blocks <= most and blocks * FRAME_RATE <= rate)


class PictureEncoder:
    """One stream. Not for two threads at once."""

    def __init__(self, codec: Codec, width: int, height: int, bitrate: int, gop: int = _NO_REGULAR_KEYFRAMES) -> None:
        self.size = (width, height)
        self.bitrate = bitrate
        self._codec: Any = (_h264 if codec == "H264" else _vp8)(width, height, bitrate, gop)
        self._count = 0

    def encode(self, pixels: Pixels, *, key: bool) -> Coded:
        """pixels: I420, uint8 (height * 3 / 2, width). key: a keyframe is wanted."""
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts, frame.time_base = self._count * TICKS, TIME_BASE
        frame.pict_type = av.video.frame.PictureType.I if key else av.video.frame.PictureType.NONE
        self._count += 1
        packets = self._codec.encode(frame)
        return Coded(b"".join(bytes(packet) for packet in packets), any(packet.is_keyframe for packet in packets))


class PictureDecoder:
    """The same, backwards."""

    def __init__(self, codec: Codec) -> None:
        self._codec: Any = av.CodecContext.create("h264" if codec == "H264" else "libvpx", "r")
        self._codec.thread_count = 1

    def decode(self, coded: Coded) -> Pixels | None:
        """I420, uint8 (height * 3 / 2, width)."""
        pixels: Pixels | None = None
        for frame in self._codec.decode(av.Packet(coded.data)):
            pixels = frame.to_ndarray(format="yuv420p")
        return pixels


def _open(name: str, width: int, height: int, gop: int, options: dict[str, str]) -> Any:
    context: Any = av.CodecContext.create(name, "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate, context.time_base = Fraction(FRAME_RATE), TIME_BASE
    context.thread_count, context.gop_size = 1, gop
    context.options = options
    return context


def _h264(width: int, height: int, bitrate: int, gop: int) -> Any:
    rate = bitrate // 1000
    options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "crf": _QUALITY,
        "level": h264_level(width, height),
        "x264-params": f"keyint={gop}:min-keyint=1:scenecut=0:vbv-maxrate={rate}:vbv-bufsize={rate // 2}",
        "forced-idr": "1",
    }
    context = _open("libx264", width, height, gop, options)
    context.profile = "Baseline"
    return context


def _vp8(width: int, height: int, bitrate: int, gop: int) -> Any:
    rate = str(bitrate * 3 // 5)
    options = {
        "deadline": "realtime",
        "cpu-used": "-12",
        "lag-in-frames": "0",
        "noise-sensitivity": "0",
        "static-thresh": "100",
        "minrate": rate,
        "maxrate": rate,
        "bufsize": rate,
        "overshoot-pct": "15",
        "undershoot-pct": "100",
        "partitions": "0",
    }
    context = _open("libvpx", width, height, gop, options)
    context.bit_rate, context.qmin, context.qmax = int(rate), 2, 56
    return context
