"""Looks at drawings while working on them: layers over each other, as a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from artwork.brush import Layer


def flatten(layers: list[Layer], x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
    """RGB of a part of the design canvas, over grey."""
    out = np.full((height, width, 3), 200, np.float32)
    for layer in layers:
        source = layer.premultiplied.astype(np.float32)
        lx, ly = layer.at[0] - x, layer.at[1] - y
        h, w = source.shape[:2]
        x0, y0, x1, y1 = max(0, lx), max(0, ly), min(width, lx + w), min(height, ly + h)
        part = source[y0 - ly : y1 - ly, x0 - lx : x1 - lx]
        out[y0:y1, x0:x1] = part[..., :3] + out[y0:y1, x0:x1] * (1 - part[..., 3:] / 255)
    return out.clip(0, 255).astype(np.uint8)
