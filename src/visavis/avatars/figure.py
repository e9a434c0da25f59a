"""The head in its own, upright space: what changes in a face is redrawn there, in design pixels."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np

from visavis.avatars.pack import SIDES, Pack, Rect, upper_rect
from visavis.core.media import Face, Pixels

cv2.setNumThreads(1)  # one talk, one thread: a frame must not fan out over the cores of other talks


def blend(target: Pixels, source: Pixels, alpha: Pixels | None = None) -> None:
    """Lay `source` (premultiplied BGRA) over `target` in place, both of one shape."""
    keep = cv2.bitwise_not(source[..., 3])
    cv2.multiply(target, cv2.merge((keep, keep, keep, keep)), dst=target, scale=1 / 255)
    cv2.add(target, source, dst=target)


def blend_inside(target: Pixels, source: Pixels) -> None:
    """Like `blend`, but only where the target already is: it keeps its alpha."""
    own = target[..., 3].copy()
    clipped = cv2.multiply(source, cv2.merge((own, own, own, own)), scale=1 / 255)
    blend(target, np.asarray(clipped, np.uint8))
    target[..., 3] = own


@dataclass(frozen=True, eq=False)
class _Base:
    """What never changes, flattened once for a pack."""

    still: Pixels
    """Head with closed mouth, without eyes and brows, hair in front included."""
    skin: Pixels
    """The same without hair in front."""
    hair: Pixels
    """Hair in front and its shadow, alone."""
    lower: tuple[Pixels, ...]
    """The rectangle of the jaw sprites, for each of them, without hair in front."""


_bases: dict[str, _Base] = {}
_making = threading.Lock()


def _base(pack: Pack) -> _Base:
    with _making:
        if pack.digest not in _bases:
            _bases[pack.digest] = _flatten(pack)
        return _bases[pack.digest]


def _flatten(pack: Pack) -> _Base:
    x, y, w, h = pack.manifest.head.rect

    def stack(*names: str) -> Pixels:
        out = np.zeros((h, w, 4), np.uint8)
        for name in names:
            layer = pack.layers[name]
            blend(_part(out, layer.rect, (x, y)), layer.pixels)
        return out

    behind = stack("hair-back", "neck")
    skin = stack("hair-back", "neck", "face")
    still = stack("hair-back", "neck", "face", "hair-shade", "hair-front")
    jaw = pack.sprites["jaw"]
    lower = []
    for cell in jaw.cells:
        # The face layer shows the closed jaw: rows of the sprite replace it, so they start from what lies behind.
        part = _part(behind, jaw.rect, (x, y)).copy()
        blend(part, cell)
        lower.append(part)
    return _Base(still, skin, stack("hair-shade", "hair-front"), tuple(lower))


def _part(image: Pixels, rect: Rect, origin: tuple[int, int]) -> Pixels:
    px, py = rect[0] - origin[0], rect[1] - origin[1]
    return image[py : py + rect[3], px : px + rect[2]]


class Head:
    """One talk's head. `draw` redraws only the parts whose pose has changed since the last call."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._base = _base(pack)
        self._origin = (pack.manifest.head.rect[0], pack.manifest.head.rect[1])
        self.pixels = self._base.still.copy()
        """Premultiplied BGRA of head.rect."""
        self._drawn: dict[str, tuple[int, ...]] = {}

    def draw(self, face: Face) -> bool:
        """Bring `pixels` up to date. True if anything changed."""
        pack = self._pack
        gaze_x, gaze_y = (min(1.0, max(-1.0, v)) for v in face.gaze)
        mouth = pack.mouth(face.mouth, face.smile)
        jaw = pack.jaw(face.mouth.jaw * (1 - face.mouth.press))
        changed = self._lower(jaw, mouth)
        squint = min(1.0, 0.85 * face.smile + 0.15 * face.mouth.width * (face.mouth.width > 0))
        travel = pack.manifest.gaze.travel
        gaze = (round(gaze_x * travel[0]), round(gaze_y * travel[1]))
        # Lids follow the gaze: looking down lowers them.
        openness = face.lids * (1 - 0.22 * max(0.0, gaze_y))
        brow = round(-min(1.0, max(-1.0, face.brows)) * pack.manifest.brows.travel)
        for side in SIDES:
            changed |= self._upper(side, pack.lids(side, openness, squint), *gaze, brow)
        return changed

    def _lower(self, jaw: int, mouth: int) -> bool:
        if self._drawn.get("lower") == (jaw, mouth):
            return False
        self._drawn["lower"] = (jaw, mouth)
        rect = self._pack.sprites["jaw"].rect
        part = self._base.lower[jaw].copy()
        sprites = self._pack.sprites["mouth"]
        blend(_part(part, sprites.rect, (rect[0], rect[1])), sprites.cells[mouth])
        blend(part, _part(self._base.hair, rect, self._origin))
        _part(self.pixels, rect, self._origin)[:] = part
        return True

    def _upper(self, side: str, lids: int, gaze_x: int, gaze_y: int, brow: int) -> bool:
        key = (lids, gaze_x, gaze_y, brow)
        if self._drawn.get(side) == key:
            return False
        self._drawn[side] = key
        sprites, white = self._pack.sprites[f"lids-{side}"], self._pack.layers[f"eye-{side}"]
        iris, brows = self._pack.layers[f"iris-{side}"], self._pack.layers[f"brow-{side}"]
        rect = upper_rect(self._pack, side)
        at = (rect[0], rect[1])
        part = _part(self._base.skin, rect, self._origin).copy()
        ball = np.zeros_like(part)
        _part(ball, white.rect, at)[:] = white.pixels
        x, y, w, h = iris.rect
        blend_inside(_part(ball, (x + gaze_x, y + gaze_y, w, h), at), iris.pixels)
        blend(part, ball)
        blend(_part(part, sprites.rect, at), sprites.cells[lids])
        x, y, w, h = brows.rect
        blend(_part(part, (x, y + brow, w, h), at), brows.pixels)
        blend(part, _part(self._base.hair, rect, self._origin))
        _part(self.pixels, rect, self._origin)[:] = part
        return True
