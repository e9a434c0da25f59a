"""One stream of encoded pictures per link and codec: live or replayed, and the hand-over between the two."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from visavis.core.media import LoopFrame, Picture, Pixels
from visavis.links.webrtc_encoders import LOWEST_BITRATE, Codec, Coded, PictureEncoder, highest_bitrate
from visavis.links.webrtc_loops import CycleReader, EncodedCycle, LoopCache

log = logging.getLogger(__name__)

_KEY_PAUSE = 8
"""Pictures between two keyframes that peers ask for: a lossy network must not be answered with a flood."""
_REOPEN = 0.25
"""Relative change of the bit rate that is worth a new encoder, which costs a keyframe."""


class PictureStream:
    """Turns pictures into packets. A switch of source, a request or a newcomer starts with a keyframe."""

    def __init__(self, codec: Codec, loops: LoopCache) -> None:
        self.codec: Codec = codec
        self._loops = loops
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"encode-{codec}")
        self._reader = CycleReader(codec)
        self._encoder: PictureEncoder | None = None
        self._busy = False
        self._closed = False
        self._key_wanted = True
        self._since_key = _KEY_PAUSE
        self._replaying: tuple[tuple[str, ...], int] | None = None
        """Cycle and index that continue the replay; None while live."""
        self._ceiling: int | None = None
        self.encoded = 0
        """Pictures encoded live so far."""
        self.replayed = 0
        """Pictures sent without encoding so far."""
        self.encode_time = 0.0
        """Seconds the encoder's thread has worked."""

    def want_key(self) -> None:
        """A peer lost the picture, or is new."""
        self._key_wanted = True

    def limit(self, bitrate: int | None) -> None:
        """What the network carries, bits a second; None = as much as the size takes."""
        self._ceiling = None if bitrate is None else max(LOWEST_BITRATE, bitrate)

    async def code(self, picture: Picture) -> Coded | None:
        """The next packet; None when this picture is left out because the former is still being encoded."""
        if self._busy or self._closed:
            return None
        self._since_key += 1
        encoded = self._loops.get(picture.loop.cycle, self.codec) if picture.loop else None
        coded = self._replay(picture.loop, encoded) if picture.loop and encoded else None
        if coded is None:
            coded = await self._live(picture, encoded)
        if coded is not None and coded.key:
            self._key_wanted, self._since_key = False, 0
        return coded

    def close(self) -> None:
        """The thread ends after the picture in hand."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def _key_due(self) -> bool:
        return self._key_wanted and self._since_key >= _KEY_PAUSE

    def _replay(self, frame: LoopFrame, encoded: EncodedCycle) -> Coded | None:
        """The stored packet, if what was sent before it lets a decoder understand it."""
        coded = encoded.get(frame.index)
        if coded is None or (self._ceiling is not None and encoded.bitrate > self._ceiling):
            return None
        follows = self._replaying == (frame.cycle.key, frame.index)
        if not coded.key and (not follows or self._key_due):
            return None
        self._replaying = (frame.cycle.key, (frame.index + 1) % encoded.length)
        self.replayed += 1
        return coded

    async def _live(self, picture: Picture, encoded: EncodedCycle | None) -> Coded | None:
        self._busy = True
        key = self._key_due or self._replaying is not None
        try:
            loop = asyncio.get_running_loop()
            coded = await loop.run_in_executor(self._thread, self._encode, picture, encoded, key)
        except Exception:
            # A picture that can't be encoded must not end the talk: the next one starts afresh.
            log.exception("a picture could not be encoded")
            self._encoder = None
            return None
        finally:
            self._busy = False
        if coded is not None:
            self._replaying = None
        return coded

    def _encode(self, picture: Picture, encoded: EncodedCycle | None, key: bool) -> Coded | None:
        """In the encoder's thread."""
        begun = time.perf_counter()
        pixels: Pixels | None = picture.i420
        if picture.loop is not None and encoded is not None:
            pixels = self._reader.pixels(picture.loop, encoded)
        if pixels is None:
            return None
        size, bitrate = (picture.width, picture.height), self._bitrate(picture)
        old = self._encoder
        if old is None or old.size != size or abs(bitrate - old.bitrate) > _REOPEN * old.bitrate:
            self._encoder = old = PictureEncoder(self.codec, *size, bitrate)
        coded = old.encode(pixels, key=key)
        self.encoded += 1
        self.encode_time += time.perf_counter() - begun
        return coded

    def _bitrate(self, picture: Picture) -> int:
        highest = highest_bitrate(picture.width, picture.height)
        return highest if self._ceiling is None else min(highest, self._ceiling)
