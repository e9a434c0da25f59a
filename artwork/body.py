"""Neck, chest, top and blazer, and the room behind her."""

from __future__ import annotations

import numpy as np
import skia

from artwork.brush import (
    Layer,
    clipped,
    curve,
    fade,
    line,
    linear,
    mirrored,
    oval,
    paint,
    polygon,
    spline,
    tapered,
)
from artwork.palette import (
    BLAZER,
    BLAZER_DARK,
    BLAZER_LIGHT,
    BLAZER_SHADE,
    RIM,
    SKIN,
    SKIN_DARK,
    SKIN_DEEP,
    SKIN_LIGHT,
    SKIN_SHADE,
    TOP,
    TOP_LIGHT,
    TOP_SHADE,
)

_NECK = [
    (92, 860),
    (86, 940),
    (83, 1010),
    (87, 1060),
    (104, 1100),
    (150, 1135),
    (250, 1170),
    (330, 1230),
    (300, 1420),
    (0, 1480),
]


def background(layer: Layer) -> None:
    """Soft gradient with out-of-focus lights; wide enough for landscape."""
    c = layer.canvas
    everything = skia.Path().addRect(skia.Rect.MakeLTRB(-600, 0, 1680, 1920))
    paint(c, everything, linear((100, 0), (900, 1920), [(0, "#e9f1f3"), (0.45, "#cfdfe4"), (1, "#9db8c3")]))
    paint(c, oval(240, 420, 620, 620), "#fff6e6", 0.75, 190)
    paint(c, oval(1180, 900, 460, 700), "#8fb3bd", 0.45, 170)
    for x, y, w, h, ink, alpha in (
        (-330, 180, 240, 900, "#ffffff", 0.35),
        (-30, 120, 250, 960, "#ffffff", 0.42),
        (1010, 260, 46, 1100, "#7fa2ad", 0.35),
        (1200, 260, 300, 700, "#fff3dd", 0.28),
        (1540, 200, 60, 1000, "#7fa2ad", 0.3),
    ):
        pane = skia.Path().addRoundRect(skia.Rect.MakeXYWH(x, y, w, h), 24, 24)
        paint(c, pane, ink, alpha, 26)
    for x, y, r, ink, alpha in (
        (900, 330, 90, "#ffe9c4", 0.5),
        (1010, 520, 56, "#ffffff", 0.42),
        (820, 190, 48, "#ffffff", 0.4),
        (150, 1120, 110, "#ffffff", 0.22),
        (960, 1010, 70, "#dff3ee", 0.35),
        (1330, 560, 90, "#ffffff", 0.3),
        (-220, 620, 80, "#fff0d6", 0.4),
        (1480, 980, 120, "#e6f6f2", 0.25),
    ):
        paint(c, oval(x, y, r, r), ink, alpha, 12)
    # The plant that keeps the corner from being empty.
    for x, y, dx, dy, w, ink in (
        (1085, 1500, -70, -420, 80, "#6f9a8b"),
        (1110, 1520, 40, -520, 92, "#7fae9a"),
        (1060, 1560, -170, -300, 74, "#8cb8a6"),
        (1150, 1560, 160, -380, 86, "#6b9486"),
        (1130, 1600, 220, -190, 70, "#86b3a1"),
        (1075, 1600, -210, -120, 64, "#78a595"),
    ):
        leaf = tapered([(x, y), (x + dx * 0.35, y + dy * 0.55), (x + dx, y + dy)], w, 0.15, 0.0, 0.55)
        paint(c, leaf, ink, 0.75, 16)


def skin() -> skia.Path:
    """Outline of neck and chest."""
    return spline(mirrored(_NECK), closed=True)


def neck(layer: Layer) -> None:
    """Neck and chest, shaded by the chin. Both the torso and the head layer have it, so that they join unseen."""
    c = layer.canvas
    shape = skin()
    with clipped(c, shape):
        paint(c, shape, linear((430, 1000), (690, 1080), [(0, SKIN_LIGHT), (0.4, SKIN), (1, SKIN_SHADE)]))
        # The throat's cylinder.
        paint(c, polygon([(590, 860), (700, 860), (720, 1120), (600, 1110)]), SKIN_SHADE, 0.55, 22)
        paint(c, spline([(655, 900), (640, 1010), (668, 1075), (760, 1130), (760, 900)], True), SKIN_DEEP, 0.42, 16)
        paint(c, spline([(440, 900), (462, 1010), (440, 1080), (390, 1120), (420, 900)], True), SKIN_SHADE, 0.5, 14)
        # Shadow under the jaw, with the chin's rounding.
        paint(
            c,
            spline([(420, 840), (432, 930), (480, 1000), (552, 1040), (620, 1020), (668, 960), (680, 840)], True),
            SKIN_DEEP,
            0.62,
            16,
        )
        paint(
            c,
            spline([(430, 840), (452, 925), (500, 985), (556, 1006), (610, 986), (650, 925), (665, 840)], True),
            SKIN_DARK,
            0.30,
            14,
        )
        # Tendons, the pit of the throat, collarbones.
        line(c, spline([(600, 1010), (584, 1080), (556, 1142)]), SKIN_DEEP, 7, 0.22, 5)
        line(c, spline([(486, 1020), (502, 1090), (524, 1142)]), SKIN_DEEP, 6, 0.18, 5)
        paint(c, oval(540, 1150, 16, 11), SKIN_DEEP, 0.32, 7)
        for s in (-1, 1):
            line(c, spline([(540 + 22 * s, 1152), (540 + 92 * s, 1139), (540 + 190 * s, 1150)]), SKIN_DEEP, 9, 0.30, 6)
            line(c, spline([(540 + 28 * s, 1140), (540 + 92 * s, 1127), (540 + 180 * s, 1136)]), SKIN_LIGHT, 8, 0.55, 6)
        paint(c, oval(500, 1215, 60, 26), SKIN_LIGHT, 0.5, 16)
        line(c, spline([(455, 960), (458, 1010), (452, 1062)]), RIM, 7, 0.5, 6)


def torso(layer: Layer) -> None:
    c = layer.canvas
    neck(layer)
    _top(c)
    _blazer(c)


def _top(c: skia.Canvas) -> None:
    half = [(196, 1140), (176, 1180), (120, 1232), (52, 1256), (0, 1261)]
    edge = [(540 + x, y) for x, y in half] + [(540 - x, y) for x, y in reversed(half[:-1])]
    shape = polygon(np.vstack([curve(edge, 60), [(300, 1700), (780, 1700)]]))
    paint(c, shape, SKIN_DARK, 0.35, 9)
    with clipped(c, shape):
        paint(c, shape, linear((380, 1220), (720, 1500), [(0, TOP_LIGHT), (0.5, TOP), (1, TOP_SHADE)]))
        for x0, y0, x1, y1, w, a in (
            (470, 1262, 500, 1600, 26, 0.30),
            (600, 1268, 560, 1600, 34, 0.42),
            (545, 1300, 536, 1640, 18, 0.25),
            (660, 1240, 590, 1500, 40, 0.5),
            (420, 1240, 470, 1500, 26, 0.3),
        ):
            fold = tapered([(x0, y0), ((x0 + x1) / 2 + 8, (y0 + y1) / 2), (x1, y1)], w, 0.1, 0.4)
            paint(c, fold, TOP_SHADE, a, 8)
        paint(c, tapered([(505, 1280), (516, 1420), (520, 1600)], 24, 0.2, 0.5), "#ffffff", 0.7, 8)
    line(c, spline(edge), TOP_SHADE, 3, 0.6)
    line(c, spline([(x, y + 13) for x, y in edge]), TOP_SHADE, 2, 0.5)
    line(c, spline([(x, y + 2.5) for x, y in edge]), "#ffffff", 3, 0.8)


def _blazer(c: skia.Canvas) -> None:
    for s in (1, -1):

        def at(x: float, y: float, s: int = s) -> tuple[float, float]:
            return 540 + s * x, y

        outer = curve(
            [
                at(*p)
                for p in [
                    (140, 1098),
                    (186, 1130),
                    (266, 1166),
                    (340, 1196),
                    (396, 1236),
                    (428, 1304),
                    (446, 1410),
                    (464, 1560),
                    (490, 1760),
                    (522, 1960),
                ]
            ],
            90,
        )
        inner = curve(
            [at(*p) for p in [(-14, 1960), (-14, 1690), (30, 1610), (86, 1480), (132, 1340), (152, 1210), (140, 1098)]],
            70,
        )
        shape = polygon(np.vstack([outer, inner]))
        with clipped(c, spline(mirrored(_NECK), True)):
            paint(c, shape, SKIN_DARK, 0.35, 10)
        tones = (
            [(0, BLAZER_LIGHT), (0.35, BLAZER), (1, BLAZER_SHADE)]
            if s < 0
            else [(0, BLAZER), (0.55, BLAZER_SHADE), (1, BLAZER_DARK)]
        )
        with clipped(c, shape):
            paint(c, shape, linear((540 + 250 * s - 200, 1150), (540 + 250 * s + 160, 1800), tones))
            # Sleeve, its seam, and the folds where the arm begins.
            seam = [at(378, 1224), at(358, 1300), at(352, 1405), at(364, 1545), at(378, 1700), at(388, 1960)]
            paint(c, polygon(np.vstack([curve(seam, 40), [at(620, 1960), at(620, 1212)]])), BLAZER_DARK, 0.22, 10)
            line(c, spline(seam), BLAZER_DARK, 4, 0.55, 1.2)
            line(c, spline([(x - 4, y) for x, y in seam]), BLAZER_LIGHT, 2.5, 0.45, 1)
            for points, w, a in (
                ([at(372, 1330), at(330, 1420), at(322, 1540)], 34, 0.40),
                ([at(374, 1400), at(300, 1540), at(240, 1720)], 40, 0.32),
                ([at(430, 1380), at(446, 1500), at(430, 1640)], 30, 0.35),
                ([at(250, 1300), at(262, 1500), at(220, 1760)], 46, 0.25),
            ):
                paint(c, tapered(points, w, 0, 0), BLAZER_DARK, a, 10)
            for points, w, a in (
                ([at(345, 1340), at(302, 1440), at(292, 1580)], 22, 0.30),
                ([at(418, 1270), at(424, 1380), at(408, 1500)], 24, 0.32),
                ([at(300, 1176), at(376, 1212), at(414, 1272)], 26, 0.40),
            ):
                paint(c, tapered(points, w, 0, 0), BLAZER_LIGHT, a * (1.2 if s < 0 else 0.7), 9)
        # Lapel and collar.
        front = curve([at(*p) for p in [(140, 1098), (156, 1200), (136, 1340), (90, 1480), (38, 1604), (2, 1668)]], 60)
        lapel = polygon(
            np.vstack(
                [
                    front,
                    curve([at(*p) for p in [(2, 1668), (96, 1580), (172, 1470), (226, 1352)]], 30),
                    [at(*p) for p in [(176, 1326), (214, 1282)]],
                    curve([at(*p) for p in [(214, 1282), (204, 1200), (178, 1130), (148, 1094)]], 24),
                ]
            )
        )
        paint(c, _moved(lapel, 6 * s + 4, 9), BLAZER_DARK, 0.5, 9)
        with clipped(c, lapel):
            paint(
                c,
                lapel,
                linear(
                    at(60, 1100),
                    at(240, 1600),
                    [(0, BLAZER_LIGHT if s < 0 else BLAZER), (1, BLAZER if s < 0 else BLAZER_SHADE)],
                ),
            )
            paint(
                c,
                tapered([at(150, 1120), at(166, 1220), at(140, 1360), at(80, 1520)], 26, 0.2, 0.2),
                BLAZER_LIGHT,
                0.45 if s < 0 else 0.22,
                8,
            )
            line(c, spline([at(178, 1325), at(150, 1318), at(128, 1330)]), BLAZER_DARK, 3, 0.7, 0.8)
        line(c, lapel, BLAZER_DARK, 2, 0.5, 0.8)
        line(c, spline([(x + 2.5, y) for x, y in front[4::6]]), BLAZER_LIGHT, 2.5, 0.7 if s < 0 else 0.4, 0.8)
        if s < 0:
            line(c, polygon(np.vstack([outer[:52], outer[:52][::-1]])), RIM, 9, 0.65, 3.5, skia.BlendMode.kSrcATop)
    paint(c, oval(548, 1716, 13, 13), BLAZER_DARK)
    paint(c, oval(546, 1714, 10, 10), linear((538, 1706), (556, 1724), [(0, BLAZER_LIGHT), (1, BLAZER_SHADE)]))


def _moved(path: skia.Path, x: float, y: float) -> skia.Path:
    other = skia.Path(path)
    other.offset(x, y)
    return other


def joining_neck(layer: Layer) -> None:
    """The neck that moves with the head: fades into the torso's, which is the same drawing."""
    neck(layer)
    fade(layer.canvas, (540, 1062), (540, 1108))
