"""Draws Sara and writes her avatar pack: `python -m artwork.draw src/visavis/avatars/packs/sara`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from artwork import body, eyes, face, hair, mouth
from artwork.brush import Layer, clipped
from artwork.mouth import Shape

HEAD = (225, 340, 625, 890)
JAW = (320, 780, 440, 240)
MOUTH = (428, 858, 224, 148)
EYE = {-1: (362, 640, 176, 110), 1: (542, 640, 176, 110)}
BROW = {-1: (370, 606, 140, 60), 1: (570, 606, 140, 60)}

Pixels = NDArray[np.uint8]


def straight(premultiplied: Pixels) -> Pixels:
    """BGRA, not premultiplied; colour bleeds into what is fully transparent, as scaling likes it."""
    alpha = premultiplied[..., 3:].astype(np.float32)
    rgb = np.where(alpha > 0, premultiplied[..., :3] * 255.0 / np.maximum(alpha, 1), 0).clip(0, 255)
    return np.ascontiguousarray(np.dstack([rgb[..., ::-1], alpha]).round().astype(np.uint8))


def drawn(rect: tuple[int, int, int, int], draw: Callable[..., None], *args: Any) -> Pixels:
    layer = Layer(*rect)
    draw(layer, *args)
    return straight(layer.premultiplied)


class Pack:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.layers: list[dict[str, Any]] = []
        self.sprites: dict[str, dict[str, Any]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.webp"):
            old.unlink()

    def layer(self, name: str, image: Pixels, at: tuple[int, int], quality: int = 101) -> None:
        """quality: above 100 = lossless."""
        if image.shape[2] == 4 and quality > 100:
            ys, xs = np.nonzero(image[..., 3])
            x0, y0 = int(xs.min()), int(ys.min())
            image = np.ascontiguousarray(image[y0 : ys.max() + 1, x0 : xs.max() + 1])
            at = (at[0] + x0, at[1] + y0)
        self._write(f"{name}.webp", image, quality)
        self.layers.append({"name": name, "file": f"{name}.webp", "at": list(at)})

    def atlas(self, name: str, cells: list[Pixels], at: tuple[int, int], poses: Iterable[dict[str, float]]) -> None:
        height, width = cells[0].shape[:2]
        columns = max(1, min(len(cells), 2400 // width))
        rows = -(-len(cells) // columns)
        sheet = np.zeros((rows * height, columns * width, 4), np.uint8)
        for i, cell in enumerate(cells):
            y, x = i // columns * height, i % columns * width
            sheet[y : y + height, x : x + width] = cell
        self._write(f"{name}.webp", sheet, 101)
        self.sprites[name] = {
            "file": f"{name}.webp",
            "at": list(at),
            "cell": [width, height],
            "columns": columns,
            "poses": list(poses),
        }

    def _write(self, name: str, image: Pixels, quality: int) -> None:
        if not cv2.imwrite(str(self.folder / name), image, [cv2.IMWRITE_WEBP_QUALITY, quality]):
            raise OSError(f"{name} was not written")


def mouths() -> list[Shape]:
    """Where the parameter space is sampled. Denser where lips move fast and eyes look: near closing."""
    found = [Shape(smile=s) for s in (0.0, 0.12, 0.24, 0.36, 0.5, 0.65, 0.82, 1.0)]
    found += [Shape(press=p, smile=s) for p in (0.35, 0.7, 1.0) for s in (0.2, 0.6)]
    for width, roundness in ((0.75, 0), (0.4, 0), (0.08, 0), (-0.2, 0.3), (-0.4, 0.55), (-0.5, 0.75), (-0.7, 1)):
        rows = (
            (0.04, 0.09, 0.15, 0.22, 0.3, 0.4, 0.52, 0.66, 0.82, 0.98)
            if not roundness
            else (0.04, 0.1, 0.16, 0.24, 0.34, 0.46, 0.6, 0.78)
        )
        found += [Shape(jaw, width, roundness, smile=0.4 * (1 - roundness)) for jaw in rows]
    found += [Shape(0, w, r, smile=0.2) for w, r in ((0.5, 0), (-0.3, 0.4), (-0.6, 0.85))]
    found += [Shape(0.12, 0.1, 0, 0, t, smile=0.4) for t in (0.5, 1.0)] + [
        Shape(0.08, -0.3, 0.4, 0, 1.0),
        Shape(0.1, 0.5, 0, 0, 1.0, smile=0.4),
    ]
    found += [Shape(j, w, 0, 0, 0, 1.0, smile=0.4) for j in (0.16, 0.28) for w in (0.1, 0.5)] + [
        Shape(0.2, 0.1, 0, 0, 0, 0.5, smile=0.4)
    ]
    return found


def draw(folder: Path) -> None:
    pack = Pack(folder)
    background = Layer(-420, 0, 1920, 1920)
    body.background(background)
    pack.layer("background", np.ascontiguousarray(straight(background.premultiplied)[..., :3]), (-420, 0), 92)
    torso = (0, 1060, 1080, 860)
    pack.layer("torso", drawn(torso, body.torso), torso[:2])

    at = HEAD[:2]
    behind = Layer(*HEAD)
    # Where the moving neck fades into the torso's, nothing may show through it.
    chest = skia.Path().addRect(skia.Rect.MakeLTRB(0, 1036, 1080, 1300))
    narrower = body.skin()
    narrower.transform(skia.Matrix().setScale(0.95, 1, 540, 0))
    with clipped(behind.canvas, skia.Op(chest, narrower, skia.kIntersect_PathOp), outside=True):
        hair.back(behind)
    pack.layer("hair-back", straight(behind.premultiplied), at)
    pack.layer("neck", drawn(HEAD, body.joining_neck), at)
    pack.layer("face", drawn(HEAD, _face, 0.0), at)
    shade = Layer(*HEAD)
    with clipped(shade.canvas, face.outline()):
        hair.shadow(shade)
    pack.layer("hair-shade", straight(shade.premultiplied), at)
    pack.layer("hair-front", drawn(HEAD, hair.front), at)

    jaws = [round(float(v), 3) for v in np.linspace(0, 1, 11)]
    pack.atlas("jaw", [drawn(JAW, _face, jaw) for jaw in jaws], JAW[:2], ({"jaw": jaw} for jaw in jaws))
    shapes = mouths()
    pack.atlas(
        "mouth", [drawn(MOUTH, mouth.mouth, shape) for shape in shapes], MOUTH[:2], (vars(shape) for shape in shapes)
    )
    opens = [round(float(v), 3) for v in (0, 0.12, 0.25, 0.38, 0.5, 0.62, 0.74, 0.85, 0.93, 1)]
    squints = (0.0, 0.35, 0.7, 1.0)
    for side, name in ((-1, "right"), (1, "left")):
        rect = EYE[side]
        pack.layer(f"eye-{name}", drawn(rect, eyes.white, side), rect[:2])
        pack.layer(f"iris-{name}", drawn(rect, eyes.iris, side), rect[:2])
        poses = [{"open": o, "squint": q} for q in squints for o in opens]
        pack.atlas(
            f"lids-{name}", [drawn(rect, eyes.lids, side, p["open"], p["squint"]) for p in poses], rect[:2], poses
        )
        pack.layer(f"brow-{name}", drawn(BROW[side], face.brow, side), BROW[side][:2])

    manifest = {
        "format": "visavis-avatar/1",
        "name": "sara",
        "title": "Sara",
        "license": "Apache-2.0",
        "author": "The Visavis authors; drawn by artwork/draw.py",
        "canvas": [1080, 1920],
        "views": {"portrait": [36, 72, 1008, 1792], "landscape": [-331, 322, 1742, 980]},
        "head": {
            "rect": list(HEAD),
            "centre": [540, 760],
            "spread": [165, 210],
            "pivot": [540, 1070],
            "moves": [960, 1170],
        },
        "torso": {"breath": 5.0, "widens": 0.005, "from": 1060, "to": 1760},
        "gaze": {"travel": [13, 8]},
        "brows": {"travel": 9},
        "layers": pack.layers,
        "sprites": pack.sprites,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def _face(layer: Layer, jaw: float) -> None:
    face.face(layer, jaw)
    face.philtrum(layer)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
