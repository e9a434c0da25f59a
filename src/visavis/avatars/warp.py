"""The head is laid over the stage as a soft body, in I420.

Moving, tilting and turning are one smooth displacement of the head's picture: near the face's middle points move
further than at its rim, which reads as turning; towards the shoulders everything follows the torso, so hair and neck
never come off. Only the head's rectangle is computed; the rest is copied from the stage.
"""

from __future__ import annotations

import math
import threading
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from visavis.avatars.geometry import View, lift
from visavis.avatars.pack import Pack
from visavis.core.media import Face, Pixels

_CELL: Final = 8
"""Output pixels between computed points of the displacement; between them it is interpolated."""
_MARGIN: Final = 14
"""Design pixels the head may leave its rectangle."""


class Warp:
    """The displacement of the head, and its blending into the picture. Shared by all talks of one size."""

    def __init__(self, pack: Pack, view: View) -> None:
        head = pack.manifest.head
        x, y, w, h = head.rect
        self._pack = pack

        def even(value: float, limit: int, up: bool) -> int:
            return min(limit, max(0, 2 * (math.ceil(value / 2) if up else math.floor(value / 2))))

        self._x0 = even((x - _MARGIN - view.x) * view.scale, view.width, False)
        self._x1 = even((x + w + _MARGIN - view.x) * view.scale, view.width, True)
        self._y0 = even((y - _MARGIN - view.y) * view.scale, view.height, False)
        self._y1 = even((y + h + _MARGIN - view.y) * view.scale, view.height, True)
        width, height = self._x1 - self._x0, self._y1 - self._y0
        # Coarse points, so placed that cv2.resize interpolates onto pixel centres.
        self._points = (max(2, math.ceil(width / _CELL)), max(2, math.ceil(height / _CELL)))
        columns = (
            self._x0
            + (np.arange(self._points[0], dtype=np.float32) + 0.5) * np.float32(width / self._points[0])
            - np.float32(0.5)
        )
        rows = (
            self._y0
            + (np.arange(self._points[1], dtype=np.float32) + 0.5) * np.float32(height / self._points[1])
            - np.float32(0.5)
        )
        px, py = np.meshgrid(*view.design(columns, rows))
        self._px, self._py = px.astype(np.float32), py.astype(np.float32)
        t = np.clip((self._py - head.moves[0]) / (head.moves[1] - head.moves[0]), 0, 1)
        self._follows = 1 - t * t * (3 - 2 * t)
        cx, cy = head.centre
        self._near = np.exp(-0.5 * (((px - cx) / head.spread[0]) ** 2 + ((py - cy) / head.spread[1]) ** 2)).astype(
            np.float32
        )
        self._pivot = head.pivot
        fx, fy = np.meshgrid(
            np.arange(self._x0, self._x1, dtype=np.float32), np.arange(self._y0, self._y1, dtype=np.float32)
        )
        dx, dy = view.design(fx, fy)
        self._still = np.dstack([dx - x - 0.5, dy - y - 0.5]).astype(np.float32)
        self._scratch = threading.local()

    def lay(self, head: Pixels, face: Face, out: Pixels) -> None:
        """Blend the warped head over `out` (I420) in place."""
        height, width = self._still.shape[:2]
        if not width or not height:
            return
        scratch = self._scratch
        if not hasattr(scratch, "shift"):
            # Fresh pages for every frame would cost more than the arithmetic.
            scratch.shift, scratch.moved = np.empty_like(self._still), np.empty((height, width, 4), np.uint8)
        cv2.resize(self._displacement(face), (width, height), dst=scratch.shift, interpolation=cv2.INTER_LINEAR)
        cv2.subtract(self._still, scratch.shift, dst=scratch.shift)
        cv2.remap(head, scratch.shift, None, cv2.INTER_LINEAR, dst=scratch.moved, borderMode=cv2.BORDER_CONSTANT)  # type: ignore[call-overload]
        self._blend(scratch.moved, out)

    def _displacement(self, face: Face) -> NDArray[np.float32]:
        """Design pixels by which what is seen at each coarse point was moved, shape (rows, columns, 2)."""
        angle = math.radians(face.roll)
        cos, sin = math.cos(angle), math.sin(angle)
        rx, ry = self._px - self._pivot[0], self._py - self._pivot[1]
        # Where a point is now minus where it was drawn (rotation by -angle leads back).
        turn_x = rx - (cos * rx + sin * ry)
        turn_y = ry - (cos * ry - sin * rx)
        hx, hy = face.head
        depth = 0.55 + 0.60 * self._near
        lift_x, lift_y = lift(self._pack, self._px, self._py, face.breath)
        # The head rides on the shoulders, it does not jump with them.
        lift_y = lift_y * (1 - 0.6 * self._follows)
        return np.dstack([
            self._follows * (turn_x + hx * depth) + lift_x,
            self._follows * (turn_y + hy * depth) + lift_y,
        ]).astype(np.float32)  # fmt: skip

    def _blend(self, source: Pixels, out: Pixels) -> None:
        """Premultiplied BGRA over I420. Luma and chroma have offsets, so what is kept is kept less its offset."""
        h, w = source.shape[:2]
        x0, x1, y0, y1 = self._x0, self._x1, self._y0, self._y1
        full_h, full_w = out.shape[0] * 2 // 3, out.shape[1]
        planes = np.asarray(cv2.cvtColor(source, cv2.COLOR_BGRA2YUV_I420), np.uint8)
        keep = cv2.bitwise_not(source[..., 3])
        luma = out[y0:y1, x0:x1]
        kept = cv2.multiply(luma - np.uint8(16), keep, scale=1 / 255)
        luma[:] = cv2.add(kept, planes[:h])
        keep = cv2.resize(keep, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
        chroma = out[full_h:].reshape(-1)
        mine = planes[h:].reshape(-1)
        for n in (0, 1):
            plane = chroma[n * full_h * full_w // 4 : (n + 1) * full_h * full_w // 4].reshape(full_h // 2, full_w // 2)
            part = plane[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
            drawn = mine[n * h * w // 4 : (n + 1) * h * w // 4].reshape(h // 2, w // 2)
            signed = cv2.multiply(part.astype(np.int16) - 128, keep.astype(np.int16), scale=1 / 255, dtype=cv2.CV_16S)
            part[:] = cv2.add(signed, drawn, dtype=cv2.CV_8U)
