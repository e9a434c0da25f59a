"""Face, ears and nose: the part of the head that is skin. The jaw opens by a parameter."""

from __future__ import annotations

import skia

from artwork.brush import Layer, Point, clipped, line, linear, mirrored, oval, paint, spline, tapered
from artwork.palette import BLUSH, RIM, SKIN, SKIN_DARK, SKIN_DEEP, SKIN_LIGHT, SKIN_SHADE

JAW_DROP = 30.0
"""Design pixels the chin falls between jaw 0 and jaw 1."""
_OUTLINE = [
    (0, 430),
    (96, 448),
    (156, 504),
    (185, 590),
    (191, 670),
    (188, 740),
    (178, 800),
    (160, 854),
    (130, 905),
    (92, 947),
    (52, 974),
    (20, 982),
    (0, 983),
]


def drop(y: float, jaw: float) -> float:
    """How far a point of the face at height y sinks when the jaw opens."""
    t = min(1.0, max(0.0, (y - 790) / 170))
    return JAW_DROP * jaw * t * t * (3 - 2 * t)


def outline(jaw: float = 0.0) -> skia.Path:
    return spline(mirrored([(x * (1 - 0.025 * jaw * (y > 850)), y + drop(y, jaw)) for x, y in _OUTLINE]), closed=True)


def face(layer: Layer, jaw: float = 0.0) -> None:
    c = layer.canvas
    shape = outline(jaw)
    with clipped(c, shape):
        paint(c, shape, linear((380, 560), (760, 900), [(0, SKIN_LIGHT), (0.42, SKIN), (1, SKIN_SHADE)]))
        _planes(c, jaw)
        _nose(c)
        _sockets(c)
        # Rim light along her right cheek, warm bounce under the left one.
        rim = [(540 - x, y + drop(y, jaw)) for x, y in _OUTLINE if 600 < y < 940]
        line(c, spline(rim), RIM, 12, 0.75, 6)
        bounce = [(540 + x - 3, y + drop(y, jaw)) for x, y in _OUTLINE if 700 < y < 960]
        line(c, spline(bounce), "#f8c9a8", 8, 0.5, 5)


def _planes(c: skia.Canvas, jaw: float) -> None:
    j = drop(983, jaw)
    # Away from the light: temple, cheek and jaw on the right.
    paint(
        c,
        spline(
            [
                (752, 470),
                (700, 560),
                (704, 690),
                (690, 790),
                (650, 880 + j / 2),
                (590, 978 + j),
                (700, 1010),
                (790, 800),
            ],
            True,
        ),
        SKIN_DEEP,
        0.36,
        26,
    )
    paint(
        c,
        spline([(752, 470), (722, 600), (726, 740), (706, 850), (640, 950 + j), (760, 980), (790, 700)], True),
        SKIN_DEEP,
        0.30,
        14,
    )
    # Under the hair.
    paint(
        c,
        spline(
            [
                (330, 400),
                (350, 640),
                (392, 560),
                (440, 512),
                (540, 488),
                (640, 508),
                (692, 560),
                (734, 640),
                (760, 400),
            ],
            True,
        ),
        SKIN_DEEP,
        0.42,
        20,
    )
    # Hollow below the cheekbones.
    paint(
        c,
        spline([(348, 800), (388, 848), (420, 905 + j / 2), (400, 930 + j / 2), (360, 880)], True),
        SKIN_SHADE,
        0.55,
        16,
    )
    # Cheeks.
    paint(c, oval(414, 812, 62, 40), BLUSH, 0.34, 24)
    paint(c, oval(668, 814, 58, 40), BLUSH, 0.34, 24)
    paint(c, oval(408, 786, 44, 22), SKIN_LIGHT, 0.75, 14)
    paint(c, oval(664, 788, 34, 18), SKIN_LIGHT, 0.42, 13)
    # Forehead, chin, under the lip.
    paint(c, oval(508, 590, 92, 48), SKIN_LIGHT, 0.7, 30)
    paint(c, oval(532, 950 + j, 38, 15), SKIN_LIGHT, 0.6, 11)
    paint(c, oval(546, 976 + j, 70, 11), SKIN_DEEP, 0.25, 9)


def _sockets(c: skia.Canvas) -> None:
    for s in (-1, 1):
        x = 540 + 90 * s
        paint(c, oval(x + 6 * s, 679, 58, 22), SKIN_DEEP, 0.20, 13)
        paint(c, oval(540 + 40 * s, 700, 20, 30), SKIN_DEEP, 0.24, 12)
        paint(c, oval(x + 6 * s, 749, 48, 12), SKIN_SHADE, 0.42, 8)
        paint(c, oval(x + 14 * s, 656, 50, 9), SKIN_LIGHT, 0.5, 8)


def _nose(c: skia.Canvas) -> None:
    # Bridge: light on the ridge, shade on the far side.
    paint(
        c, spline([(556, 660), (566, 740), (584, 812), (574, 838), (556, 820), (552, 740)], True), SKIN_DEEP, 0.26, 10
    )
    paint(
        c, spline([(522, 664), (514, 740), (502, 806), (512, 826), (526, 800), (530, 730)], True), SKIN_SHADE, 0.32, 10
    )
    paint(c, tapered([(537, 668), (537, 740), (537, 806)], 17, 0.3, 0.9, 0.8), SKIN_LIGHT, 0.62, 7)
    # Tip and wings.
    paint(c, oval(540, 818, 25, 20), SKIN, 0.7, 8)
    paint(c, oval(536, 811, 10, 8), "#fff6ea", 0.85, 4)
    paint(c, oval(503, 830, 12, 12), SKIN, 0.75, 5)
    paint(c, oval(577, 830, 12, 12), SKIN_SHADE, 0.7, 5)
    # Underside, nostrils, cast shadow.
    paint(
        c,
        spline([(498, 838), (518, 840), (540, 850), (562, 840), (582, 838), (568, 854), (540, 862), (512, 854)], True),
        SKIN_DEEP,
        0.55,
        5,
    )
    paint(c, spline([(506, 845), (515, 838), (528, 842), (526, 848), (514, 849)], True), SKIN_DARK, 0.75, 2.2)
    paint(c, spline([(574, 845), (565, 838), (552, 842), (554, 848), (566, 849)], True), SKIN_DARK, 0.75, 2.2)
    line(c, spline([(493, 822), (489, 836), (498, 847)]), SKIN_DEEP, 3.5, 0.5, 2)
    line(c, spline([(587, 822), (591, 836), (582, 847)]), SKIN_DEEP, 4, 0.6, 2)
    paint(c, oval(546, 864, 26, 8), SKIN_DEEP, 0.22, 6)


def philtrum(layer: Layer) -> None:
    c = layer.canvas
    paint(c, oval(540, 872, 7, 9), SKIN_DEEP, 0.22, 4)
    line(c, spline([(530, 862), (528, 878)]), SKIN_LIGHT, 4, 0.5, 2.5)
    line(c, spline([(550, 862), (552, 878)]), SKIN_LIGHT, 4, 0.35, 2.5)


def brow(layer: Layer, side: int) -> None:
    """side: -1 her right (on the left of the picture), 1 her left."""
    from artwork.palette import BROW

    c = layer.canvas

    def at(x: float, y: float) -> Point:
        return 540 + side * x, y + (6 if side < 0 else 9)

    paint(c, tapered([at(42, 641), at(84, 628), at(124, 625), at(158, 645)], 17, 0.4, 0.04, 0.34), BROW, 0.5, 3.0)
    paint(c, tapered([at(48, 640), at(86, 629), at(124, 626), at(155, 643)], 11, 0.3, 0.05, 0.36), BROW, 0.8, 1.3)
    for n in range(26):
        t = n / 25
        x = 54 + 93 * t
        y = 646 - 23 * (1 - (2 * (0.62 - t) / 1.3) ** 2) + (9 * max(0, t - 0.8) / 0.2)
        length = 14 - 5 * t
        lean = 0.25 + 0.75 * t
        hair = [
            at(x, y + 5 - 5 * t),
            at(x + length * lean * 0.6, y - 2 - 5 * (1 - t)),
            at(x + length * (0.3 + lean), y - 8 * (1 - t) + 1),
        ]
        paint(c, tapered(hair, 2.4, 0.3, 0.0), BROW, 0.40 * min(1.0, 0.3 + 3 * t), 0.8)
