"""Where a head is put: background and breathing torso for one size, shared by all talks that show it."""

from __future__ import annotations

import threading
from typing import Final

import cv2
import numpy as np

from visavis.avatars.figure import blend
from visavis.avatars.geometry import View, grid, lift
from visavis.avatars.pack import Layer, Pack
from visavis.avatars.warp import Warp
from visavis.core.errors import AvatarFailed
from visavis.core.media import Pixels

BREATHS: Final = 16
"""Baked steps from breathed out to breathed in; a quarter of an output pixel each at 720x1280."""


def parse_background(background: str) -> tuple[int, int, int] | None:
    """ "#rrggbb" as (blue, green, red); None for "" = the pack's own. Raises AvatarFailed."""
    if not background:
        return None
    digits = background[1:]
    if len(background) != 7 or background[0] != "#" or any(d not in "0123456789abcdefABCDEF" for d in digits):
        raise AvatarFailed(f"background {background!r} is not #rrggbb")
    return int(digits[4:6], 16), int(digits[2:4], 16), int(digits[0:2], 16)


class Stage:
    """Background and torso in I420, one picture per step of the breath, made when first needed."""

    def __init__(self, pack: Pack, width: int, height: int, background: str) -> None:
        self.view = View(pack, width, height)
        self.warp = Warp(pack, self.view)
        self._pack = pack
        self._scenery = self._place(pack.layers["background"], cv2.BORDER_REFLECT)
        colour = parse_background(background)
        if colour is not None:
            self._scenery[..., :3] = colour
        self._steps: dict[int, Pixels] = {}
        self._lock = threading.Lock()

    def at(self, breath: float) -> Pixels:
        """I420 picture without the head, read-only."""
        step = round(min(1.0, max(0.0, breath)) * (BREATHS - 1))
        with self._lock:
            if step not in self._steps:
                self._steps[step] = self._draw(step / (BREATHS - 1))
            return self._steps[step]

    def _draw(self, breath: float) -> Pixels:
        picture = self._scenery.copy()
        view, layer = self.view, self._pack.layers["torso"]
        top = max(0, int((layer.at[1] - self._pack.manifest.torso.breath - view.y) * view.scale) - 1)
        x, y = view.design(*grid((0, view.width), (top, view.height)))
        dx, dy = lift(self._pack, x, y, breath)
        moved = cv2.remap(
            _for_scale(layer.pixels, view.scale), (x - dx - layer.at[0] - 0.5).astype(np.float32),
            (y - dy - layer.at[1] - 0.5).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        )  # fmt: skip
        blend(picture[top:], np.asarray(moved, np.uint8))
        i420 = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2YUV_I420), np.uint8)
        i420.setflags(write=False)
        return i420

    def _place(self, layer: Layer, border: int) -> Pixels:
        view = self.view
        scale = 1 / view.scale
        matrix = np.array(
            [[scale, 0, view.x - layer.at[0] + scale / 2 - 0.5], [0, scale, view.y - layer.at[1] + scale / 2 - 0.5]]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        image = _for_scale(layer.pixels, view.scale)
        return np.asarray(
            cv2.warpAffine(image, matrix, (view.width, view.height), flags=flags, borderMode=border), np.uint8
        )


def _for_scale(image: Pixels, scale: float) -> Pixels:
    """Soften before shrinking, so that fine hair does not flicker."""
    if scale >= 0.75:
        return image
    sigma = 0.42 * (1 / scale - 1) + 0.12
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


_stages: dict[tuple[str, int, int, str], Stage] = {}
_opening = threading.Lock()
_KEPT: Final = 6
"""Stages kept in memory (up to 30 MB each at 720x1280)."""


def stage(pack: Pack, width: int, height: int, background: str) -> Stage:
    """The shared stage of that size and background."""
    key = (pack.digest, width, height, background)
    with _opening:
        found = _stages.pop(key, None) or Stage(pack, width, height, background)
        _stages[key] = found  # most recently used last
        while len(_stages) > _KEPT:
            _stages.pop(next(iter(_stages)))
        return found
