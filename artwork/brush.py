"""Paths, paints and layers on skia: what every part of the drawing uses. Coordinates are design pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import skia
from numpy.typing import NDArray

Point = tuple[float, float]
Stops = Sequence[tuple[float, str]]


class Layer:
    """A rectangle of the design canvas, drawn with alpha."""

    def __init__(self, x: int, y: int, width: int, height: int) -> None:
        self.at = (x, y)
        self._buffer = np.zeros((height, width, 4), np.uint8)
        info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self._surface = skia.Surface.MakeRasterDirect(info, self._buffer)
        self.canvas = self._surface.getCanvas()
        self.canvas.translate(-x, -y)

    @property
    def premultiplied(self) -> NDArray[np.uint8]:
        """RGBA, premultiplied."""
        self._surface.flushAndSubmit()
        return self._buffer


def color(code: str, alpha: float = 1.0) -> int:
    return skia.Color(int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16), round(255 * alpha))


def spline(points: Sequence[Point], closed: bool = False, tension: float = 1.0) -> skia.Path:
    """A smooth path through all points (Catmull-Rom as cubic Bézier curves). Doubling a point makes a corner."""
    p = np.array(points, float)
    n = len(p)
    path = skia.Path()
    path.moveTo(*p[0])
    for i in range(n if closed else n - 1):
        a, b = p[i], p[(i + 1) % n]
        before = p[(i - 1) % n] if closed or i else a
        after = p[(i + 2) % n] if closed or i + 2 < n else b
        c1 = a + tension * (b - before) / 6
        c2 = b - tension * (after - a) / 6
        path.cubicTo(*c1, *c2, *b)
    if closed:
        path.close()
    return path


def curve(points: Sequence[Point], steps: int = 40) -> NDArray[np.float64]:
    """Points along the spline through `points`, shape (steps, 2)."""
    p = np.array(points, float)
    q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    u = np.linspace(0, len(p) - 1 - 1e-9, steps)
    i = u.astype(int)
    t = (u - i)[:, None]
    a, b, c, d = q[i], q[i + 1], q[i + 2], q[i + 3]
    return np.asarray(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))


def polygon(points: NDArray[np.float64] | Sequence[Point]) -> skia.Path:
    path = skia.Path()
    path.moveTo(*map(float, points[0]))
    for x, y in points[1:]:
        path.lineTo(float(x), float(y))
    path.close()
    return path


def tapered(
    points: Sequence[Point], width: float, start: float = 0.0, end: float = 0.0, peak: float = 0.5
) -> skia.Path:
    """A brush stroke along the spline: `start` and `end` are fractions of `width` at its ends."""
    c = curve(points, 48)
    d = np.gradient(c, axis=0)
    normal = np.stack([-d[:, 1], d[:, 0]], 1) / (np.linalg.norm(d, axis=1)[:, None] + 1e-9)
    t = np.linspace(0, 1, len(c))
    rise = np.where(
        t < peak,
        start + (1 - start) * np.sin(np.pi / 2 * t / peak),
        end + (1 - end) * np.sin(np.pi / 2 * (1 - t) / (1 - peak)),
    )
    half = normal * (rise * width / 2)[:, None]
    return polygon(np.vstack([c + half, (c - half)[::-1]]))


def oval(x: float, y: float, rx: float, ry: float) -> skia.Path:
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def linear(start: Point, end: Point, stops: Stops, alphas: Sequence[float] | None = None) -> skia.Shader:
    codes = [color(c, 1.0 if alphas is None else alphas[i]) for i, (_, c) in enumerate(stops)]
    return skia.GradientShader.MakeLinear([skia.Point(*start), skia.Point(*end)], codes, [s for s, _ in stops])


def radial(centre: Point, radius: float, stops: Stops, alphas: Sequence[float] | None = None) -> skia.Shader:
    codes = [color(c, 1.0 if alphas is None else alphas[i]) for i, (_, c) in enumerate(stops)]
    return skia.GradientShader.MakeRadial(skia.Point(*centre), radius, codes, [s for s, _ in stops])


def paint(
    canvas: skia.Canvas,
    path: skia.Path,
    ink: str | skia.Shader,
    alpha: float = 1.0,
    blur: float = 0.0,
    mode: skia.BlendMode = skia.BlendMode.kSrcOver,
) -> None:
    """Fill a path with a colour or a gradient; `blur` softens its edge (standard deviation in pixels)."""
    p = skia.Paint(AntiAlias=True, BlendMode=mode)
    if isinstance(ink, str):
        p.setColor(color(ink, alpha))
    else:
        p.setShader(ink)
        p.setAlphaf(alpha)
    if blur:
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    canvas.drawPath(path, p)


def line(
    canvas: skia.Canvas,
    path: skia.Path,
    ink: str,
    width: float,
    alpha: float = 1.0,
    blur: float = 0.0,
    mode: skia.BlendMode = skia.BlendMode.kSrcOver,
) -> None:
    """Draw along a path. Mode kSrcATop keeps to what is drawn already: a glow must not leave the figure."""
    p = skia.Paint(AntiAlias=True, BlendMode=mode, Style=skia.Paint.kStroke_Style, StrokeWidth=width)
    p.setStrokeCap(skia.Paint.kRound_Cap)
    p.setStrokeJoin(skia.Paint.kRound_Join)
    p.setColor(color(ink, alpha))
    if blur:
        p.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    canvas.drawPath(path, p)


@contextmanager
def clipped(canvas: skia.Canvas, path: skia.Path, outside: bool = False) -> Iterator[None]:
    canvas.save()
    canvas.clipPath(path, skia.ClipOp.kDifference if outside else skia.ClipOp.kIntersect, True)
    yield
    canvas.restore()


@contextmanager
def group(canvas: skia.Canvas, alpha: float = 1.0, blur: float = 0.0) -> Iterator[None]:
    """Draw what is inside as one layer, then blend it with `alpha`, softened by `blur`."""
    p = skia.Paint(Alphaf=alpha)
    if blur:
        p.setImageFilter(skia.ImageFilters.Blur(blur, blur))
    canvas.saveLayer(None, p)
    yield
    canvas.restore()


def fade(canvas: skia.Canvas, start: Point, end: Point) -> None:
    """Erase what was drawn, from nothing at `start` to all at `end`."""
    p = skia.Paint(BlendMode=skia.BlendMode.kDstIn)
    p.setShader(linear(start, end, [(0, "#000000"), (1, "#000000")], (1, 0)))
    canvas.drawPaint(p)


def mirrored(half: Sequence[Point], axis: float = 540) -> list[Point]:
    """A closed outline from its right half, given top to bottom as (distance from the axis, y)."""
    return [(axis + x, y) for x, y in half] + [(axis - x, y) for x, y in reversed(half) if x]
