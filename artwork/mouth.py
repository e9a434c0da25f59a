"""The mouth as a function of its parameters: lips, teeth, tongue, and the shadows they throw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia
from numpy.typing import NDArray

from artwork.brush import Layer, clipped, curve, line, linear, oval, paint, polygon, radial, spline, tapered
from artwork.palette import (
    LIP,
    LIP_DARK,
    LIP_LIGHT,
    LIP_SHADE,
    MOUTH,
    MOUTH_DARK,
    SKIN_DEEP,
    SKIN_LIGHT,
    TONGUE,
    TONGUE_LIGHT,
    TOOTH,
    TOOTH_SHADE,
)

X, Y = 540, 899
"""Where the closed lips meet."""


@dataclass(frozen=True)
class Shape:
    jaw: float = 0.0
    width: float = 0.0
    round: float = 0.0
    press: float = 0.0
    teeth: float = 0.0
    tongue: float = 0.0
    smile: float = 0.2


class _Lips:
    """Outlines of the two lips, each a run of points from her right corner to her left."""

    def __init__(self, s: Shape) -> None:
        half = (
            61
            + (15 if s.width > 0 else 17) * s.width
            - 14 * s.round
            + 17 * s.smile * (1 - s.round)
            - 4 * max(0, s.jaw - 0.4)
        )
        gap = 64 * s.jaw + 4.5 * max(0, s.width) * min(1, s.jaw * 12) + 4 * s.round * (1 - s.press)
        if s.teeth:
            gap = max(gap, 10) * (1 - s.teeth) + 9 * s.teeth
        up = -(0.16 * gap + 3 * s.teeth + 2.0 * max(0, s.width) * min(1, s.jaw * 4))
        down = 0.84 * gap - 3 * s.teeth
        corner = (
            -0.5
            - 17 * s.smile
            - 5 * max(0, s.width) * (1 - s.press)
            + 0.24 * gap * (1 - 0.35 * s.round)
            + 2.5 * s.press
        )
        thick_up = (
            16.5 * (1 - 0.50 * s.press) * (1 - 0.10 * max(0, s.width))
            + 3.0 * s.round
            - 2.5 * s.jaw
            - 4.5 * s.smile * (1 - s.round)
        )
        thick_low = (
            22 * (1 - 0.42 * s.press) * (1 - 0.12 * max(0, s.width))
            + 4.5 * s.round
            - 3 * s.jaw
            - 8 * s.teeth
            - 3.5 * s.smile * (1 - s.round)
        )
        pout = 0.5 + 0.30 * s.round + 0.1 * min(1, s.jaw * 2)  # how full the corners of the opening are
        belly = 4.0 * s.smile * (1 - min(1, s.jaw * 6)) * (1 - s.round)
        self.half, self.gap = half, gap
        self.corner = Y + corner

        def run(rows: list[tuple[float, float]]) -> NDArray[np.float64]:
            """rows: (fraction of the half width, y), outside in; mirrored, and smoothed."""
            left = [(X - f * half, y) for f, y in rows]
            right = [(X + f * half, y) for f, y in reversed(rows) if f]
            return curve(left + right, 61)

        y = Y
        line_up = y + up + belly
        line_low = y + down + belly
        c = self.corner
        self.inner_up = run(
            [
                (0.97, c),
                (0.80, c + (line_up - c) * pout * 1.25),
                (0.5, line_up + 0.12 * (c - line_up) - 1.0),
                (0.22, line_up - 1.5),
                (0, line_up + 1.5),
            ]
        )
        self.inner_low = run(
            [
                (0.97, c),
                (0.80, c + (line_low - c) * pout * 1.15),
                (0.5, line_low - 0.13 * max(0, line_low - c)),
                (0.22, line_low),
                (0, line_low),
            ]
        )
        self.inner_low[:, 1] = np.maximum(self.inner_low[:, 1], self.inner_up[:, 1] + 0.4)
        t = thick_up
        self.outer_up = run(
            [
                (1.0, c - 0.5),
                (0.78, c + (line_up - c) * (pout + 0.2) - t * 0.52),
                (0.45, line_up - t * 0.93),
                (0.17, line_up - t * 1.16),
                (0, line_up - t * 0.95),
            ]
        )
        t = thick_low
        self.outer_low = run(
            [
                (1.0, c + 0.5),
                (0.80, c + (line_low - c) * (pout + 0.20 - 0.12 * s.round) + t * (0.50 - 0.12 * s.round)),
                (0.5, line_low + t * (0.90 - 0.06 * s.round) - 0.06 * s.round * max(0.0, line_low - c)),
                (0.2, line_low + t * 1.07),
                (0, line_low + t * 1.07),
            ]
        )
        self.thick_up, self.thick_low = thick_up, thick_low
        self.line_up, self.line_low = line_up, line_low

    @property
    def opening(self) -> skia.Path:
        return polygon(np.vstack([self.inner_up, self.inner_low[::-1]]))

    @property
    def upper(self) -> skia.Path:
        return polygon(np.vstack([self.outer_up, self.inner_up[::-1]]))

    @property
    def lower(self) -> skia.Path:
        return polygon(np.vstack([self.inner_low, self.outer_low[::-1]]))


def mouth(layer: Layer, s: Shape = Shape()) -> None:
    c = layer.canvas
    lips = _Lips(s)
    low = float(lips.outer_low[30, 1])
    # Shadow below the lower lip, and the little hollows beside the corners.
    paint(c, oval(X + 2, low + 8, lips.half * 0.58, 6.5), SKIN_DEEP, 0.42 - 0.12 * s.press, 5)
    paint(c, oval(X, low + 1, lips.half * 0.5, 3.5), SKIN_DEEP, 0.35, 3)
    for side in (-1, 1):
        x = X + side * (lips.half + 5)
        paint(c, oval(x, lips.corner + 1, 6, 7), SKIN_DEEP, 0.26 + 0.2 * s.press + 0.1 * s.smile, 4)
        if s.smile > 0.15 and s.round < 0.5:
            fold = [(x + side * 8, lips.corner - 14), (x + side * 13, lips.corner), (x + side * 9, lips.corner + 13)]
            paint(c, tapered(fold, 5, 0, 0), SKIN_DEEP, 0.42 * s.smile, 2.4)
    if s.round > 0.3:
        paint(c, oval(X, float(lips.outer_up[30, 1]) - 5, lips.half * 0.9, 5), SKIN_DEEP, 0.22 * s.round, 5)
    # Lips lie under what shows between them: fill their whole first, so that no skin shines through the seam.
    paint(c, polygon(np.vstack([lips.outer_up, lips.outer_low[::-1]])), LIP_SHADE, 1, 0.7)
    if lips.gap > 2 or s.teeth or s.tongue:
        _inside(c, s, lips)
    _lower(c, s, lips)
    _upper(c, s, lips)
    if s.tongue:
        _tongue_tip(c, s, lips)
    if lips.gap <= 6 and not s.teeth and not s.tongue:
        seam = lips.inner_up[::4].copy()
        seam[:, 1] += 0.4 + lips.gap / 2
        width = 4.2 - 1.0 * s.press + lips.gap * 0.5
        paint(c, tapered([tuple(p) for p in seam], width, 0.5, 0.5), LIP_DARK, 0.92, 0.7)
    for side in (-1, 1):
        paint(c, oval(X + side * (lips.half - 1.5), lips.corner, 3.4, 2.4), LIP_DARK, 0.6, 1.5)


def _inside(c: skia.Canvas, s: Shape, lips: _Lips) -> None:
    opening = lips.opening
    with clipped(c, opening):
        top, bottom = lips.line_up, lips.line_low
        paint(c, opening, linear((X, top), (X, bottom), [(0, MOUTH_DARK), (0.55, MOUTH), (1, "#6a242d")]))
        depth = lips.gap
        # Tongue: lies on the floor, rises with `tongue`.
        if depth > 16 and not s.teeth:
            rise = 0.42 + 0.05 * s.width - 0.12 * s.round
            t = bottom - depth * rise
            shape = spline(
                [
                    (X - lips.half * 0.78, bottom + 14),
                    (X - lips.half * 0.56, t + 9),
                    (X - 14, t + 1),
                    (X, t + 4),
                    (X + 14, t + 1),
                    (X + lips.half * 0.56, t + 9),
                    (X + lips.half * 0.78, bottom + 14),
                ],
                True,
            )
            paint(
                c,
                shape,
                linear((X, t), (X, bottom + 10), [(0, TONGUE_LIGHT), (0.5, TONGUE), (1, LIP_SHADE)]),
                0.95,
                1.5,
            )
            line(c, spline([(X, t + 7), (X, bottom)]), LIP_DARK, 3.5, 0.35, 2.2)
        # Teeth: one soft row above; a hint of the lower row when nearly shut or very wide.
        row = min(19.0, 8.5 + depth * 0.20) + 3 * s.teeth - 7 * s.round
        wide = lips.half * (0.80 - 0.1 * s.round)
        if depth < 24 and not s.teeth and not s.tongue and s.round < 0.8:
            y = bottom - max(3.0, depth * 0.40) + 1.5
            lower = curve(
                [
                    (X - wide * 0.8, y + 4),
                    (X - wide * 0.4, y + 0.5),
                    (X + wide * 0.4, y + 0.5),
                    (X + wide * 0.8, y + 4),
                ],
                20,
            )
            paint(
                c,
                polygon(np.vstack([lower, [(X + wide * 0.8, bottom + 20), (X - wide * 0.8, bottom + 20)]])),
                linear((X, y), (X, bottom + 4), [(0, "#efe3da"), (1, TOOTH_SHADE)]),
                1,
                0.8,
            )
        if row > 4:
            base = np.minimum(lips.inner_up[:, 1], top + 8)
            edge = curve(
                [
                    (X - wide, top + row * 0.62),
                    (X - wide * 0.5, top + row * 0.96),
                    (X, top + row),
                    (X + wide * 0.5, top + row * 0.96),
                    (X + wide, top + row * 0.62),
                ],
                30,
            )
            shape = polygon(np.vstack([edge, [(X + wide, base.min() - 12), (X - wide, base.min() - 12)]]))
            paint(
                c,
                shape,
                radial((X - 4, top + 4), wide * 1.1, [(0, "#ffffff"), (0.55, TOOTH), (1, TOOTH_SHADE)]),
                1,
                0.9,
            )
            for n in (-2, -1, 0, 1, 2):
                x = X + n * wide * 0.27
                line(c, spline([(x, top + 1), (x, top + row - 1.5)]), TOOTH_SHADE, 1.2, 0.55, 0.5)
        # The upper lip's shadow on everything.
        shade = lips.inner_up.copy()
        paint(c, polygon(np.vstack([shade - [0, 16], (shade + np.array([0, 3.5]))[::-1]])), MOUTH_DARK, 0.50, 2.6)
        for side in (-1, 1):
            paint(
                c, oval(X + side * lips.half * 0.94, lips.corner, lips.half * 0.2, depth * 0.4 + 3), MOUTH_DARK, 0.7, 5
            )


def _upper(c: skia.Canvas, s: Shape, lips: _Lips) -> None:
    shape = lips.upper
    top = float(lips.outer_up[:, 1].min())
    with clipped(c, shape):
        paint(c, shape, linear((X - 20, top), (X + 14, lips.line_up + 2), [(0, LIP), (0.5, LIP_SHADE), (1, "#a34d54")]))
        ridge = [tuple(p) for p in lips.outer_up[6:55:6] + np.array([0, 4.5])]
        paint(c, tapered(ridge, 5.5, 0, 0), LIP_LIGHT, 0.38, 2)
        paint(c, oval(X + lips.half * 0.7, lips.corner - 3, lips.half * 0.35, 9), LIP_DARK, 0.22, 5)
    bow = [tuple(p) for p in lips.outer_up[18:43:3] + np.array([0, -2.2])]
    line(c, spline(bow), SKIN_LIGHT, 2.6, 0.6, 1.4)


def _lower(c: skia.Canvas, s: Shape, lips: _Lips) -> None:
    shape = lips.lower
    bottom = float(lips.outer_low[:, 1].max())
    t = lips.thick_low
    with clipped(c, shape):
        paint(
            c,
            shape,
            linear(
                (X - 12, lips.line_low - 2),
                (X + 12, bottom),
                [(0, LIP_SHADE), (0.30, LIP), (0.62, LIP), (1, LIP_SHADE)],
            ),
        )
        paint(
            c, oval(X - 5, lips.line_low + t * 0.48, lips.half * 0.42, t * 0.26), LIP_LIGHT, 0.75 - 0.35 * s.press, 3.2
        )
        paint(
            c, oval(X - 12, lips.line_low + t * 0.42, lips.half * 0.18, t * 0.10), "#ffe6dd", 0.75 - 0.5 * s.press, 1.8
        )
        paint(c, oval(X + lips.half * 0.72, lips.corner + 6, lips.half * 0.35, 12), LIP_DARK, 0.2, 5)
        if s.teeth:
            # Tucked under the upper teeth.
            paint(
                c,
                polygon(np.vstack([lips.inner_low - [0, 6], (lips.inner_low + np.array([0, 4]))[::-1]])),
                LIP_DARK,
                0.55 * s.teeth,
                2,
            )


def _tongue_tip(c: skia.Canvas, s: Shape, lips: _Lips) -> None:
    """Between the teeth, over the lower lip."""
    w = lips.half * 0.46
    y = lips.line_up + 6.5
    low = lips.line_low + 12 * s.tongue
    tip = spline(
        [
            (X - w, y + 1),
            (X - w * 0.5, y - 2),
            (X + w * 0.5, y - 2),
            (X + w, y + 1),
            (X + w * 0.9, low - 3),
            (X + w * 0.4, low + 2),
            (X - w * 0.4, low + 2),
            (X - w * 0.9, low - 3),
        ],
        True,
    )
    paint(c, tip, LIP_DARK, 0.5, 2.2)
    paint(c, tip, linear((X, y), (X, low), [(0, TONGUE), (0.5, TONGUE_LIGHT), (1, TONGUE)]), 1, 0.6)
    paint(c, oval(X - 4, (y + low) / 2 + 1, w * 0.5, 2.6), "#f6b6b0", 0.8, 1.8)
    line(c, spline([(X, y + 2), (X, low - 3)]), LIP_SHADE, 1.6, 0.4, 0.9)
    with clipped(c, polygon(np.vstack([lips.inner_up - [0, 30], (lips.inner_up + np.array([0, 7.5]))[::-1]]))):
        wide = lips.half * 0.78
        row = curve([(X - wide, lips.line_up + 4), (X, lips.line_up + 6.5), (X + wide, lips.line_up + 4)], 20)
        with clipped(c, lips.opening):
            paint(c, polygon(np.vstack([row, [(X + wide, y - 30), (X - wide, y - 30)]])), TOOTH, 1, 0.8)
    _upper(c, s, lips)
