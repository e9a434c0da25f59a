"""Idle is free: a cycle of pictures is encoded once for a whole worker and replayed to every session as packets."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from visavis.core.media import FRAME_RATE, LoopCycle, LoopFrame, Pixels
from visavis.links.webrtc_encoders import Codec, Coded, PictureDecoder, PictureEncoder, highest_bitrate

log = logging.getLogger(__name__)

ENTRY_EVERY = 2 * FRAME_RATE
"""Pictures between two keyframes of a cycle. Avatars enter at the first picture; a peer that lost one is served
live for at most so long. More keyframes would make up most of the bytes: one is as large as twenty other pictures."""

_ROOM = 64_000_000
"""Bytes of encoded cycles kept; the least recently used go first."""


class EncodedCycle:
    """Grows while the cycle is being encoded; what is there can be sent."""

    def __init__(self, length: int) -> None:
        self.coded: list[Coded] = []
        self.length = length
        self.size = 0
        """Bytes so far."""

    def add(self, coded: Coded) -> None:
        self.coded.append(coded)
        self.size += len(coded.data)

    def get(self, index: int) -> Coded | None:
        return self.coded[index] if index < len(self.coded) else None

    def entry_before(self, index: int) -> int:
        """The last keyframe at or before `index`."""
        return next(i for i in range(index, -1, -1) if self.coded[i].key)

    @property
    def complete(self) -> bool:
        return len(self.coded) == self.length

    @property
    def bitrate(self) -> float:
        """Bits a second on average."""
        return self.size * 8 * FRAME_RATE / max(1, len(self.coded))


class LoopCache:
    """One per worker. Cycles are encoded one after the other in a background thread."""

    def __init__(self) -> None:
        self._cycles: OrderedDict[tuple[tuple[str, ...], Codec], EncodedCycle] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cycles")
        self._closed = threading.Event()

    def get(self, cycle: LoopCycle, codec: Codec) -> EncodedCycle:
        """What is encoded so far; the first call for a cycle starts its encoding. Call it early to warm up."""
        key = (cycle.key, codec)
        known = self._cycles.get(key)
        if known is None:
            known = self._cycles[key] = EncodedCycle(len(cycle))
            self._thread.submit(self._encode, cycle, codec, known)
            self._make_room(key)
        self._cycles.move_to_end(key)
        return known

    def close(self) -> None:
        """Stop encoding. Blocks for one picture at most."""
        self._closed.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _make_room(self, newest: tuple[tuple[str, ...], Codec]) -> None:
        size = sum(cycle.size for cycle in self._cycles.values())
        for key in list(self._cycles):
            if size <= _ROOM or key == newest:
                return
            # Sessions that replay it hold it themselves until their next hand-over.
            size -= self._cycles.pop(key).size

    def _encode(self, cycle: LoopCycle, codec: Codec, into: EncodedCycle) -> None:
        encoder: PictureEncoder | None = None
        try:
            for index, pixels in enumerate(cycle.frames()):
                if self._closed.is_set():
                    return
                if encoder is None:
                    height, width = pixels.shape[0] * 2 // 3, pixels.shape[1]
                    encoder = PictureEncoder(codec, width, height, highest_bitrate(width, height))
                into.add(encoder.encode(pixels, key=index % ENTRY_EVERY == 0))
        except Exception:
            # Sessions go on live, at the price of an encoder each.
            log.exception("cycle %s could not be encoded", cycle.key)
        if not into.complete:
            log.error("cycle %s: %d pictures of %d", cycle.key, len(into.coded), into.length)


class CycleReader:
    """Pixels of a cycle's pictures, mostly in order: for the pictures that have to be encoded live.

    Pictures that are encoded already are decoded from the nearest keyframe, which is cheaper than drawing them anew
    and needs no memory for raw pictures. Called from the encoder's thread.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._key: tuple[str, ...] = ()
        self._next = 0
        self._decoder: PictureDecoder | None = None
        self._drawing: Iterator[Pixels] | None = None

    def pixels(self, frame: LoopFrame, encoded: EncodedCycle) -> Pixels | None:
        """None where the cycle has no such picture."""
        key, index = frame.cycle.key, frame.index
        if key != self._key or index < self._next:
            self._decoder = self._drawing = None
        self._key = key
        if self._drawing is None and encoded.get(index) is not None:
            return self._decoded(index, encoded)
        return self._drawn(frame)

    def _decoded(self, index: int, encoded: EncodedCycle) -> Pixels | None:
        entry = encoded.entry_before(index)
        if self._decoder is None or entry >= self._next:
            self._decoder, self._next = PictureDecoder(self._codec), entry
        pixels: Pixels | None = None
        for at in range(self._next, index + 1):
            pixels = self._decoder.decode(encoded.coded[at])
        self._next = index + 1
        return pixels

    def _drawn(self, frame: LoopFrame) -> Pixels | None:
        if self._drawing is None:
            self._decoder = None
            self._drawing, self._next = iter(frame.cycle.frames()), 0
        pixels: Pixels | None = None
        for pixels in self._drawing:
            self._next += 1
            if self._next > frame.index:
                return pixels
        self._drawing = None
        return None
