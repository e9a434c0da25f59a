"""Pictures of an avatar for people to judge: states, sounds, a blink, both shapes of room, all drawn mouths."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from visavis.avatars.life import Life, State
from visavis.avatars.pack import Pack, load
from visavis.avatars.painter import PackPainter
from visavis.core.errors import AvatarFailed
from visavis.core.media import Face, Mouth, Pixels

SOUNDS: Final = {
    "ah": Mouth(jaw=0.85, width=0.1),
    "oo": Mouth(jaw=0.2, width=-0.7, round=1.0),
    "ee": Mouth(jaw=0.2, width=0.75),
    "m": Mouth(press=1.0),
    "f": Mouth(jaw=0.12, width=0.1, teeth=1.0),
    "th": Mouth(jaw=0.2, width=0.1, tongue=1.0),
}
_SIZES: Final = {"portrait": (720, 1280), "landscape": (1280, 720)}
_SECONDS: Final = 4


def draw(pack: str, out: Path) -> Iterator[Path]:
    """Write the pictures as PNG into the folder, made where missing. Raises AvatarFailed."""
    loaded = load(pack)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AvatarFailed(f"{out}: {error.strerror}") from error
    for shape, (width, height) in _SIZES.items():
        painter = PackPainter(loaded, width, height)
        for name, face in _faces():
            yield _write(out / f"{pack}-{shape}-{name}.png", _rgb(painter.pixels(face)))
    yield _write(out / f"{pack}-mouths.png", contact_sheet(loaded))


def _faces() -> Iterator[tuple[str, Face]]:
    states: tuple[State, ...] = ("idle", "listening", "thinking")
    for state in states:
        yield state, _settled(state)
    speaking = _settled("speaking")
    for sound, mouth in SOUNDS.items():
        yield f"speaking-{sound}", replace(speaking, mouth=mouth)
    yield "blinking", replace(_settled("idle"), lids=0.0)


def _settled(state: State) -> Face:
    """A moment in the middle of that state with open eyes."""
    life = Life(random.Random(7))
    faces = [life.step(state) for _ in range(25 * _SECONDS)]
    return max(faces[-25:], key=lambda face: face.lids)


def contact_sheet(pack: Pack, columns: int = 10) -> Pixels:
    """Every drawn mouth on the face, BGR."""
    painter = PackPainter(pack, 720, 1280)
    x, y, w, h = (round(v * 2 / 3) for v in pack.sprites["mouth"].rect)
    tiles = []
    for pose in pack.sprites["mouth"].poses:
        axes = {axis: pose.get(axis, 0.0) for axis in ("jaw", "width", "round", "press", "teeth", "tongue")}
        picture = _rgb(painter.pixels(Face(mouth=Mouth(**axes), smile=pose.get("smile", 0.0))))
        tiles.append(picture[y - 30 : y + h + 24, x - 8 : x + w + 8])
    tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


def _rgb(i420: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2BGR_I420), np.uint8)


def _write(path: Path, picture: Pixels) -> Path:
    if not cv2.imwrite(str(path), picture):
        raise AvatarFailed(f"{path}: the picture was not written")
    return path
