"""Eyes: white, iris, and lids by how far they are open. Drawn for one side; the other has its own highlights."""

from __future__ import annotations

import numpy as np
import skia

from artwork.brush import Layer, Point, clipped, curve, line, linear, oval, paint, polygon, radial, spline, tapered
from artwork.palette import (
    IRIS,
    IRIS_LIGHT,
    IRIS_RIM,
    LASH,
    PUPIL,
    SKIN,
    SKIN_DARK,
    SKIN_DEEP,
    SKIN_LIGHT,
    SKIN_SHADE,
    WHITE,
    WHITE_SHADE,
)

DISTANCE = 91
"""From the axis to the middle of an eye."""
LEVEL = 709
IRIS_RADIUS = 27.0

_UPPER_OPEN = [(-47, 11), (-36, -6), (-14, -20.5), (12, -24.5), (37, -16), (55, -6)]
_UPPER_SHUT = [(-47, 11), (-34, 18), (-12, 23), (13, 23), (37, 12), (55, -6)]
_LOWER_OPEN = [(55, -6), (39, 13), (14, 24), (-12, 25), (-34, 18), (-47, 11)]
_SQUINT = 8.0


def _place(points: list[Point] | np.ndarray, side: int) -> list[Point]:
    return [(540 + side * (DISTANCE + x), LEVEL + y) for x, y in points]


def _upper(openness: float) -> list[Point]:
    # The lid is a lid of a ball: it moves fast in the middle of its way, and never opens to the very top at 1.
    return [(a[0], b[1] + (a[1] - b[1]) * openness) for a, b in zip(_UPPER_OPEN, _UPPER_SHUT, strict=True)]


def _lower(openness: float, squint: float) -> list[Point]:
    rise = _SQUINT * squint + 2.5 * (1 - openness)
    return [(x, y - rise * max(0.0, 1 - abs(x - 3) / 52)) for x, y in _LOWER_OPEN]


def opening(side: int, openness: float = 1.0, squint: float = 0.0, grow: float = 0.0) -> skia.Path:
    top = curve(_place(_upper(openness), side), 40)
    bottom = curve(_place(_lower(openness, squint), side), 40)
    bottom[:, 1] = np.maximum(bottom[:, 1], np.interp(bottom[:, 0] * side, top[:, 0] * side, top[:, 1]))
    top[:, 1] -= grow
    bottom[:, 1] += grow
    return polygon(np.vstack([top, bottom]))


def white(layer: Layer, side: int) -> None:
    """The eyeball as far as it can be seen; the iris is drawn inside of it by the painter."""
    c = layer.canvas
    shape = opening(side, 1.0, 0.0, 3)
    x = 540 + side * DISTANCE
    paint(c, shape, radial((x, LEVEL - 2), 62, [(0, WHITE), (0.6, WHITE), (1, WHITE_SHADE)]))
    with clipped(c, shape):
        paint(c, oval(540 + side * (DISTANCE - 45), LEVEL + 10, 8, 7), "#e5968c", 0.9, 2.5)
        paint(c, oval(540 + side * (DISTANCE + 50), LEVEL, 14, 16), WHITE_SHADE, 0.8, 6)


def iris(layer: Layer, side: int) -> None:
    """Looking straight ahead."""
    c = layer.canvas
    x, y, r = 540 + side * (DISTANCE + 2), LEVEL - 4, IRIS_RADIUS
    paint(c, oval(x, y, r, r), IRIS_RIM, 1, 0.8)
    paint(c, oval(x, y, r - 2.6, r - 2.6), radial((x, y + 9), r + 6, [(0, IRIS_LIGHT), (0.45, IRIS), (1, IRIS_RIM)]))
    rng = np.random.default_rng(5)
    for angle in np.arange(0, 2 * np.pi, 2 * np.pi / 44):
        a = angle + rng.uniform(-0.05, 0.05)
        r0, r1 = rng.uniform(11.5, 14), rng.uniform(17, 25)
        spoke = [(x + r0 * np.cos(a), y + r0 * np.sin(a)), (x + r1 * np.cos(a), y + r1 * np.sin(a))]
        line(c, spline(spoke), IRIS_LIGHT if np.sin(a) > -0.3 else IRIS, 1.4, 0.30 + 0.25 * max(0.0, np.sin(a)), 0.4)
    paint(
        c,
        spline([(x - 19, y + 8), (x, y + 22), (x + 19, y + 8), (x + 10, y + 16), (x - 10, y + 16)], True),
        "#e0ad6c",
        0.55,
        3,
    )
    paint(c, oval(x, y, 12.5, 12.5), PUPIL, 1, 0.8)
    paint(c, oval(x, y - 16, 26, 13), PUPIL, 0.45, 6)
    paint(c, oval(x - 8.5, y - 9.5, 7, 7.5), "#ffffff", 0.97, 0.7)
    paint(c, oval(x + 10, y + 11, 3.4, 3.4), "#ffffff", 0.75, 0.6)
    paint(c, spline([(x - 17, y + 13), (x - 8, y + 21), (x + 4, y + 23), (x - 8, y + 18)], True), "#ffffff", 0.28, 1.5)


def lids(layer: Layer, side: int, openness: float, squint: float = 0.0) -> None:
    """Everything over the eyeball: lid skin, its shadow on the eye, crease, lashes, lower lid."""
    c = layer.canvas
    top = curve(_place(_upper(openness), side), 60)
    seen = opening(side, openness, squint)
    ball = opening(side, 1.0, 0.0, 4.5)
    shut = 1 - openness
    # Lid shadow on the eyeball.
    with clipped(c, seen):
        for drop, alpha in ((3, 0.34), (9, 0.22)):
            shade = np.vstack([top - [0, 14], (top + np.array([0, drop]))[::-1]])
            paint(c, polygon(shade), "#5b3a3c", alpha, 3)
    # Skin over the part of the eyeball that is covered.
    with clipped(c, ball), clipped(c, seen, outside=True):
        covered = opening(side, 1.0, 0.0, 8)
        x = 540 + side * DISTANCE
        paint(c, covered, linear((x, LEVEL - 40), (x, LEVEL + 28), [(0, SKIN_SHADE), (0.45, SKIN), (1, SKIN_SHADE)]))
        if shut > 0.3:
            paint(c, oval(x - 4, LEVEL - 6 + 10 * shut, 26, 9), SKIN_LIGHT, 0.55 * shut, 8)
        paint(c, polygon(np.vstack([top - [0, 5], (top + np.array([0, 3]))[::-1]])), SKIN_DEEP, 0.5, 3)
    # Crease: deep when open, flat when shut.
    crease = [(-44, -4), (-30, -24), (-8, -38), (18, -41), (43, -30), (61, -13)]
    crease = [(px, py + 9 * shut) for px, py in crease]
    paint(c, tapered(_place(crease, side), 6.5, 0.1, 0.0, 0.55), SKIN_DEEP, 0.62 - 0.3 * shut, 1.4)
    paint(
        c,
        tapered(_place([(px, py - 5) for px, py in crease], side), 12, 0.1, 0.0, 0.5),
        SKIN_SHADE,
        0.40 - 0.15 * shut,
        4,
    )
    # Lower lid: wet edge, then a few small lashes.
    low = curve(_place(_lower(openness, squint), side), 50)
    line(c, spline([tuple(p) for p in low[3:-4:4]]), SKIN_DARK, 2.4, 0.42, 0.9)
    with clipped(c, seen):
        line(c, spline([tuple(p + np.array([0, -1.4])) for p in low[3:-4:4]]), "#f7d3c6", 2.2, 0.75, 0.6)
    if squint > 0.05:
        bag = [(px, py + 15 - 6 * squint) for px, py in _lower(1.0, squint)][1:-1]
        paint(c, tapered(_place(bag, side), 6, 0, 0), SKIN_DEEP, 0.30 * squint, 2.5)
    for t in np.linspace(0.08, 0.45, 6):
        p = low[int(t * 49)]
        d = side * (1 - t) * 5
        paint(c, tapered([tuple(p), (p[0] + d * 0.5, p[1] + 3.5), (p[0] + d, p[1] + 5.5)], 1.6, 1, 0), LASH, 0.22, 0.5)
    # Upper lashes: one tapered shape with a wing, then single hairs.
    edge = [tuple(p) for p in top[2::6]] + [(540 + side * (DISTANCE + 58), LEVEL - 8 + 7 * shut)]
    paint(c, tapered([(x, y - 1.5) for x, y in edge], 8.5, 0.25, 0.0, 0.72), LASH, 1, 0.6)
    for t in np.linspace(0.30, 0.98, 11):
        p = top[int(t * 59)]
        out = (t - 0.30) * 17
        rise = (5 + 9 * t) * (1 - 1.55 * shut)
        tip = (p[0] + side * (out + 2), p[1] - rise + 2 * shut)
        mid = (p[0] + side * out * 0.35, p[1] - rise * 0.35 + (3 if shut > 0.5 else 0))
        paint(c, tapered([tuple(p), mid, tip], 3.4, 1, 0.0, 0.2), LASH, 0.85, 0.6)
