"""Avatar packs: a folder of layers, sprite sheets and one manifest. Immutable once loaded, shared by all talks.

    manifest.json   format, name, license, canvas, views, motion anchors, layers, sprites
    *.webp, *.png   BGRA images placed on the design canvas by their `at`

Layers, back to front: background, torso, then what moves with the head: hair-back, neck, face, hair-shade, hair-front,
and for each side eye (the white), iris, brow. Sprite sheets: jaw (the lower face at several openings), mouth, and lids
for each side; every cell has its pose in the manifest.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from visavis.core.errors import AvatarFailed
from visavis.core.media import Mouth, Pixels

BUILT_IN = Path(__file__).parent / "packs"

SIDES = ("right", "left")
"""Hers: her right eye is on the left of the picture."""
_LAYERS = ("background", "torso", "hair-back", "neck", "face", "hair-shade", "hair-front",
           *(f"{part}-{side}" for part in ("eye", "iris", "brow") for side in SIDES))  # fmt: skip
_SPRITES = ("jaw", "mouth", *(f"lids-{side}" for side in SIDES))

Pair = tuple[float, float]
Corner = tuple[int, int]
Extent = Annotated[int, Field(gt=0)]
Rect = tuple[int, int, int, int]
"""x, y, width, height in design pixels."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _LayerFile(_Part):
    name: str
    file: Annotated[str, Field(pattern=r"^[\w.-]+\.(webp|png)$")]
    at: Corner


class _Sheet(_Part):
    file: Annotated[str, Field(pattern=r"^[\w.-]+\.(webp|png)$")]
    at: Corner
    cell: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]
    columns: Annotated[int, Field(gt=0)]
    poses: Annotated[list[dict[str, float]], Field(min_length=1)]


class _Views(_Part):
    portrait: tuple[int, int, Extent, Extent]
    landscape: tuple[int, int, Extent, Extent]


class _Head(_Part):
    rect: Rect
    """All that moves with the head lies inside."""
    centre: Pair
    spread: Pair
    """How far the face bulges from its centre: what is near moves more when she turns."""
    pivot: Pair
    """The head tilts around it."""
    moves: Pair
    """Above the first height a point follows the head, below the second the torso."""


class _Torso(_Part):
    breath: float
    """Design pixels the shoulders rise."""
    widens: float
    start: Annotated[float, Field(alias="from")]
    end: Annotated[float, Field(alias="to")]


class _Gaze(_Part):
    travel: Pair
    """Design pixels the iris moves from the middle to gaze 1."""


class _Brows(_Part):
    travel: float


class Manifest(_Part):
    format: Literal["visavis-avatar/1"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    title: str
    license: Annotated[str, Field(min_length=1)]
    author: str
    canvas: Corner
    views: _Views
    head: _Head
    torso: _Torso
    gaze: _Gaze
    brows: _Brows
    layers: list[_LayerFile]
    sprites: dict[str, _Sheet]


@dataclass(frozen=True, eq=False)
class Layer:
    """An image with premultiplied alpha at its place on the design canvas."""

    at: Corner
    pixels: Pixels
    """uint8 BGRA, (height, width, 4), read-only."""

    @property
    def rect(self) -> Rect:
        return (*self.at, self.pixels.shape[1], self.pixels.shape[0])


@dataclass(frozen=True, eq=False)
class Sprites:
    """Drawings of one part in many poses, all in the same place."""

    at: Corner
    cells: tuple[Pixels, ...]
    poses: tuple[dict[str, float], ...]
    columns: int

    @property
    def rect(self) -> Rect:
        return (*self.at, self.cells[0].shape[1], self.cells[0].shape[0])


_MOUTH_AXES: tuple[tuple[str, float], ...] = (
    ("jaw", 2.2), ("width", 0.7), ("round", 1.0), ("press", 1.5), ("teeth", 1.6), ("tongue", 1.2), ("smile", 0.5),
)  # fmt: skip
"""How much a step on each axis counts when the nearest drawing is chosen."""


@dataclass(frozen=True, eq=False)
class Pack:
    """A loaded pack."""

    manifest: Manifest
    digest: str
    """SHA-256 over the manifest and all its files."""
    layers: dict[str, Layer]
    sprites: dict[str, Sprites]

    @cached_property
    def _mouths(self) -> NDArray[np.float64]:
        return np.array([[pose.get(axis, 0.0) * weight for axis, weight in _MOUTH_AXES]
                         for pose in self.sprites["mouth"].poses])  # fmt: skip

    def mouth(self, mouth: Mouth, smile: float) -> int:
        """The drawing nearest to these parameters."""
        # Smiling is drawn with lips that rest; what the lips do for a sound comes first.
        wanted = np.array([w * (getattr(mouth, axis) if axis != "smile" else smile) for axis, w in _MOUTH_AXES])
        return int(((self._mouths - wanted) ** 2).sum(1).argmin())

    def lids(self, side: str, openness: float, squint: float) -> int:
        """The lid drawing nearest to 1 open .. 0 closed, and 0 .. 1 narrowed from below by a smile."""
        poses = self.sprites[f"lids-{side}"].poses
        return min(range(len(poses)), key=lambda i: 4 * (poses[i]["open"] - openness) ** 2
                   + 0.3 * (poses[i].get("squint", 0.0) - squint) ** 2)  # fmt: skip

    def jaw(self, jaw: float) -> int:
        poses = self.sprites["jaw"].poses
        return min(range(len(poses)), key=lambda i: abs(poses[i]["jaw"] - jaw))


_loaded: dict[tuple[str, int], Pack] = {}
_loading = threading.Lock()


def load(name: str | Path) -> Pack:
    """A built-in pack by name, or any pack by its folder. Loaded once a process; a changed manifest loads anew.

    Raises AvatarFailed naming the file and field that is wrong.
    """
    folder = Path(name) if isinstance(name, Path) else BUILT_IN / name
    if isinstance(name, str) and (not name or name != Path(name).name or not folder.is_dir()):
        known = ", ".join(sorted(p.name for p in BUILT_IN.iterdir() if p.is_dir()))
        raise AvatarFailed(f"There is no avatar pack {name!r}; built in: {known}")
    try:
        key = (str(folder.resolve()), (folder / "manifest.json").stat().st_mtime_ns)
    except OSError as error:
        raise AvatarFailed(f"{folder / 'manifest.json'}: {error.strerror}") from error
    with _loading:
        if key not in _loaded:
            _loaded[key] = _load(folder)
        return _loaded[key]


def _load(folder: Path) -> Pack:
    text = (folder / "manifest.json").read_bytes()
    digest = hashlib.sha256(text)
    try:
        manifest = Manifest.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors()[0]
        raise AvatarFailed(f"{folder / 'manifest.json'}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except ValueError as error:
        raise AvatarFailed(f"{folder / 'manifest.json'}: not JSON: {error}") from error
    layers = {}
    for entry in manifest.layers:
        layers[entry.name] = Layer(entry.at, _image(folder / entry.file, digest))
    sprites = {}
    for sheet_name, sheet in manifest.sprites.items():
        sprites[sheet_name] = _sprites(folder / sheet.file, sheet, digest)
    for missing in [n for n in _LAYERS if n not in layers]:
        raise AvatarFailed(f"{folder / 'manifest.json'}: layers: {missing!r} is missing")
    for missing in [n for n in _SPRITES if n not in sprites]:
        raise AvatarFailed(f"{folder / 'manifest.json'}: sprites: {missing!r} is missing")
    for sheet_name, axis in (("jaw", "jaw"), ("lids-right", "open"), ("lids-left", "open"), ("mouth", "jaw")):
        if any(axis not in pose for pose in sprites[sheet_name].poses):
            raise AvatarFailed(f"{folder / 'manifest.json'}: sprites.{sheet_name}.poses: a pose has no {axis!r}")
    pack = Pack(manifest, digest.hexdigest(), layers, sprites)
    _check_places(folder, pack)
    return pack


def upper_rect(pack: Pack, side: str) -> Rect:
    """Eye, lids and brow of one side, with room for the ways of brow and iris."""
    rects = [pack.sprites[f"lids-{side}"].rect, pack.layers[f"eye-{side}"].rect]
    reach = round(pack.manifest.brows.travel)
    x, y, w, h = pack.layers[f"brow-{side}"].rect
    rects.append((x, y - reach, w, h + 2 * reach))
    gx, gy = (round(v) for v in pack.manifest.gaze.travel)
    x, y, w, h = pack.layers[f"iris-{side}"].rect
    rects.append((x - gx, y - gy, w + 2 * gx, h + 2 * gy))
    x0, y0 = min(r[0] for r in rects), min(r[1] for r in rects)
    return x0, y0, max(r[0] + r[2] for r in rects) - x0, max(r[1] + r[3] for r in rects) - y0


def _check_places(folder: Path, pack: Pack) -> None:
    """Parts are redrawn each in its own rectangle: all inside the head's, apart from each other, mouth inside jaw."""
    manifest = folder / "manifest.json"

    def within(name: str, part: Rect, bounds: Rect, bounds_name: str) -> None:
        x, y, w, h = bounds
        if part[0] < x or part[1] < y or part[0] + part[2] > x + w or part[1] + part[3] > y + h:
            raise AvatarFailed(f"{manifest}: {name}: reaches out of {bounds_name}")

    head = pack.manifest.head.rect
    for name in ("hair-back", "neck", "face", "hair-shade", "hair-front"):
        within(name, pack.layers[name].rect, head, "head.rect")
    for name, sheet in pack.sprites.items():
        within(name, sheet.rect, head, "head.rect")
    for side in SIDES:
        within(f"eye-{side} with its gaze and brow", upper_rect(pack, side), head, "head.rect")
    within("mouth", pack.sprites["mouth"].rect, pack.sprites["jaw"].rect, "jaw")
    zones = [("jaw", pack.sprites["jaw"].rect), *((f"eye-{side}", upper_rect(pack, side)) for side in SIDES)]
    for (a_name, a), (b_name, b) in combinations(zones, 2):
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]:
            raise AvatarFailed(f"{manifest}: {a_name} and {b_name} overlap")


def _image(path: Path, digest: hashlib._Hash) -> Pixels:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AvatarFailed(f"{path}: {error.strerror}") from error
    digest.update(data)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if image is None or image.ndim != 3 or image.dtype != np.uint8:
        raise AvatarFailed(f"{path}: not a picture with three or four channels of 8 bits")
    if image.shape[2] == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)
    alpha = image[..., 3:].astype(np.uint16)
    image[..., :3] = (image[..., :3] * alpha + 127) // 255
    image.setflags(write=False)
    return np.asarray(image, np.uint8)


def _sprites(path: Path, sheet: _Sheet, digest: hashlib._Hash) -> Sprites:
    image = _image(path, digest)
    width, height = sheet.cell
    rows = -(-len(sheet.poses) // sheet.columns)
    if image.shape[0] < rows * height or image.shape[1] < min(sheet.columns, len(sheet.poses)) * width:
        raise AvatarFailed(f"{path}: {len(sheet.poses)} cells of {width}x{height} do not fit into the picture")
    cells = []
    for i in range(len(sheet.poses)):
        y, x = i // sheet.columns * height, i % sheet.columns * width
        cell = np.ascontiguousarray(image[y : y + height, x : x + width])
        cell.setflags(write=False)
        cells.append(cell)
    return Sprites(sheet.at, tuple(cells), tuple(sheet.poses), sheet.columns)
