"""Design pixels and output pixels, and how the breath moves the torso."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visavis.avatars.pack import Pack
from visavis.core.errors import AvatarFailed

Floats = NDArray[np.float32]


class View:
    """How design pixels map to output pixels: output = (design - origin) * scale."""

    def __init__(self, pack: Pack, width: int, height: int) -> None:
        if width < 16 or height < 16 or width % 2 or height % 2:
            raise AvatarFailed(f"{width}x{height} is no picture size: both must be even and at least 16")
        views = pack.manifest.views
        x, y, w, h = views.portrait if width <= height else views.landscape
        self.width, self.height = width, height
        # The view is kept whole; where the output has another shape more is seen at the sides or above.
        self.scale = min(width / w, height / h)
        self.x = x + w / 2 - width / self.scale / 2
        self.y = y + h - height / self.scale

    def design(self, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Output pixel centres -> design coordinates."""
        return (columns + 0.5) / self.scale + self.x, (rows + 0.5) / self.scale + self.y


def grid(columns: tuple[int, int], rows: tuple[int, int]) -> tuple[Floats, Floats]:
    """x and y of every pixel of a rectangle."""
    x, y = np.meshgrid(np.arange(*columns, dtype=np.float32), np.arange(*rows, dtype=np.float32))
    return x, y


def lift(pack: Pack, x: Floats, y: Floats, breath: float) -> tuple[Floats, Floats]:
    """How far the breath moves a point of the torso from where it was drawn, in design pixels."""
    torso = pack.manifest.torso
    t = np.clip((y - torso.start) / (torso.end - torso.start), 0, 1)
    part = 1 - t * t * (3 - 2 * t)
    return (x - pack.manifest.canvas[0] / 2) * torso.widens * breath * part, -torso.breath * breath * part
