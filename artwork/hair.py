"""Hair: locks between two guide lines, each filled and then combed with strands along the flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia

from artwork.brush import Layer, Point, clipped, curve, line, linear, paint, polygon, spline, tapered
from artwork.palette import HAIR, HAIR_DARK, HAIR_GLOW, HAIR_LIGHT, HAIR_SHADE, RIM

_STEPS = 80


@dataclass(frozen=True)
class Lock:
    """Hair that flows from root to tip between two guides."""

    outer: list[Point]
    inner: list[Point]
    strands: int = 60
    tone: float = 0.0
    """-1 in the shade .. 1 in the light."""
    glow: tuple[float, float] = (0.16, 0.40)
    """Part of the length where the light is caught."""
    shine: float = 1.0
    seed: int = 1
    wave: float = 11.0


def _lock(c: skia.Canvas, lock: Lock) -> None:
    a, b = _waved(lock.outer, lock), _waved(lock.inner, lock)
    shape = polygon(np.vstack([a, b[::-1]]))
    top, bottom = float(min(a[:, 1].min(), b[:, 1].min())), float(max(a[:, 1].max(), b[:, 1].max()))
    stops = [
        (0, HAIR_SHADE),
        (0.22, HAIR),
        (0.45, HAIR_SHADE if lock.tone < 0.3 else HAIR),
        (0.8, HAIR),
        (1, HAIR_SHADE),
    ]
    paint(c, shape, linear((540, top), (540, bottom), stops), 1, 0.6)
    if lock.tone:
        paint(c, shape, HAIR_LIGHT if lock.tone > 0 else HAIR_DARK, 0.30 * abs(lock.tone))
    rng = np.random.default_rng(lock.seed)
    with clipped(c, shape):
        # Depth: the edges of a lock turn away.
        for edge, alpha in ((a, 0.35), (b, 0.55)):
            line(c, spline([tuple(p) for p in edge[::6]]), HAIR_DARK, 16, alpha, 7)
        for _ in range(lock.strands):
            t = rng.uniform(0.02, 0.98)
            begin, end = sorted(rng.uniform(0, 1, 2))
            if end - begin < 0.35:
                begin, end = max(0.0, begin - 0.25), min(1.0, end + 0.25)
            drift = rng.normal(0, 0.05)
            ink, alpha = [
                (HAIR_DARK, 0.42),
                (HAIR_SHADE, 0.5),
                (HAIR_LIGHT, 0.40),
                (HAIR_LIGHT, 0.28),
                (HAIR_DARK, 0.3),
            ][rng.integers(5)]
            _strand(c, a, b, t, drift, begin, end, rng.uniform(2.0, 8.0), ink, alpha, 0.8)
        for _ in range(int(lock.strands * 0.55 * lock.shine)):
            t = rng.uniform(0.08, 0.92)
            middle = rng.normal(sum(lock.glow) / 2, 0.035)
            half = (lock.glow[1] - lock.glow[0]) / 2 * rng.uniform(0.45, 1.1)
            _strand(c, a, b, t, 0.0, middle - half, middle + half, rng.uniform(2, 7), HAIR_GLOW, 0.34, 1.4)
        for _ in range(int(lock.strands * 0.12 * lock.shine)):
            t = rng.uniform(0.15, 0.85)
            middle = rng.normal(sum(lock.glow) / 2, 0.02)
            half = (lock.glow[1] - lock.glow[0]) / 4
            _strand(c, a, b, t, 0.0, middle - half, middle + half, rng.uniform(1.5, 3), "#efc79c", 0.45, 0.9)


def _waved(points: list[Point], lock: Lock) -> np.ndarray:
    """The guide as a line that waves more towards the tips."""
    line = curve(points, _STEPS)
    t = np.clip((line[:, 1] - 700) / 420, 0, 1)
    line[:, 0] += lock.wave * t * np.sin((line[:, 1] - 640) / 62 + lock.seed * 0.6)
    return line


def _strand(
    c: skia.Canvas,
    a: np.ndarray,
    b: np.ndarray,
    t: float,
    drift: float,
    begin: float,
    end: float,
    width: float,
    ink: str,
    alpha: float,
    blur: float,
) -> None:
    i = np.clip(np.linspace(begin, end, 9), 0, 1) * (_STEPS - 1)
    j = i.astype(int)
    u = np.clip(t + drift * np.linspace(-1, 1, 9), 0, 1)[:, None]
    points = a[j] * (1 - u) + b[j] * u
    paint(c, tapered([tuple(p) for p in points], width, 0.0, 0.0), ink, alpha, blur)


_BACK = (
    Lock(
        [(560, 378), (410, 398), (318, 524), (292, 690), (276, 850), (266, 990), (280, 1100), (330, 1192)],
        [(560, 470), (470, 560), (430, 720), (440, 880), (452, 1000), (446, 1090), (404, 1176)],
        70,
        -0.75,
        seed=3,
        shine=0.3,
    ),
    Lock(
        [(560, 378), (690, 400), (768, 526), (792, 690), (808, 850), (816, 990), (804, 1096), (752, 1190)],
        [(560, 470), (620, 560), (652, 720), (636, 880), (614, 1000), (622, 1086), (676, 1172)],
        70,
        -0.85,
        seed=4,
        shine=0.2,
    ),
)
_FRONT = (
    # Left curtain: three groups from the parting.
    Lock(
        [(578, 386), (474, 372), (370, 424), (306, 556), (284, 720), (274, 860), (262, 990), (276, 1110), (346, 1206)],
        [(580, 440), (490, 446), (408, 524), (352, 640), (334, 760), (344, 880), (354, 1000), (360, 1090), (346, 1206)],
        95,
        0.25,
        (0.20, 0.40),
        1.0,
        11,
    ),
    Lock(
        [(581, 404), (500, 410), (408, 476), (346, 594), (322, 730), (318, 870), (330, 990), (352, 1096), (404, 1192)],
        [(583, 456), (528, 484), (446, 536), (384, 608), (358, 700), (356, 800), (376, 910), (412, 1020), (404, 1192)],
        85,
        0.45,
        (0.17, 0.36),
        1.1,
        12,
    ),
    Lock(
        [(583, 424), (536, 444), (462, 494), (398, 570), (362, 660), (350, 760), (360, 860), (386, 950), (434, 1050)],
        [(584, 470), (546, 492), (480, 540), (418, 600), (382, 664), (366, 750), (380, 850), (410, 940), (434, 1050)],
        40,
        0.65,
        (0.16, 0.36),
        1.2,
        13,
    ),
    # Right curtain.
    Lock(
        [(580, 386), (672, 378), (748, 438), (788, 572), (804, 720), (812, 860), (822, 990), (806, 1106), (738, 1202)],
        [(580, 440), (652, 456), (708, 540), (742, 650), (752, 770), (744, 890), (734, 1000), (726, 1090), (738, 1202)],
        90,
        0.0,
        (0.20, 0.38),
        0.8,
        21,
    ),
    Lock(
        [(581, 404), (644, 416), (708, 486), (750, 598), (766, 730), (766, 870), (752, 990), (730, 1096), (676, 1184)],
        [(582, 470), (624, 492), (672, 544), (712, 616), (728, 706), (728, 806), (708, 916), (672, 1020), (676, 1184)],
        80,
        0.2,
        (0.17, 0.34),
        0.9,
        22,
    ),
)


def back(layer: Layer) -> None:
    c = layer.canvas
    behind = spline(
        [
            (560, 420),
            (420, 520),
            (360, 760),
            (392, 1000),
            (448, 1052),
            (540, 1030),
            (632, 1052),
            (690, 1000),
            (724, 760),
            (690, 520),
        ],
        True,
    )
    paint(c, behind, linear((540, 420), (540, 1080), [(0, HAIR_SHADE), (1, HAIR_DARK)]))
    for lock in _BACK:
        _lock(c, lock)


def front(layer: Layer) -> None:
    c = layer.canvas
    # The shadow that the curtains throw on the face.
    for lock in (_FRONT[3], _FRONT[4], *_FRONT[:3]):
        _lock(c, lock)
    _tips(c)
    for edge in (_FRONT[2].inner, _FRONT[4].inner):
        paint(c, tapered(edge[:4], 11, 0.8, 0.0, 0.2), HAIR_SHADE, 0.55, 4)
    line(c, spline([(578, 384), (579, 420), (582, 462)]), "#c9906f", 2.6, 0.5, 1.2)
    line(c, spline([(583, 386), (584, 424), (586, 464)]), HAIR_DARK, 4, 0.5, 2)
    _loose(c)
    rim = [(566, 384), (462, 374), (366, 428), (304, 558), (281, 722), (270, 862), (259, 992)]
    line(c, spline([(x + 5, y + 4) for x, y in rim]), RIM, 4, 0.50, 3, skia.BlendMode.kSrcATop)
    line(c, spline([(x + 9, y + 6) for x, y in rim]), HAIR_GLOW, 10, 0.4, 6, skia.BlendMode.kSrcATop)


def _tips(c: skia.Canvas) -> None:
    """The ends: thin locks of different lengths that turn inwards, so that the hair is not cut with a ruler."""
    rng = np.random.default_rng(8)
    for side, start, count, inks in (
        (-1, 270, 15, (HAIR, HAIR_SHADE, HAIR)),
        (1, 668, 15, (HAIR_SHADE, HAIR, HAIR_SHADE)),
    ):
        for n in range(count):
            x = start + 142 * (n + rng.uniform(0, 1)) / count
            inward = -side * rng.uniform(14, 46)
            outer = abs(x - 540) / 270
            y0, y1 = rng.uniform(985, 1060), 1178 + 34 * outer * rng.uniform(0.2, 1.1) + rng.uniform(-22, 10)
            points = [
                (x - inward * 0.15, y0),
                (x - 5 * side * rng.uniform(-1, 1), (y0 + y1) / 2 + 10),
                (x + inward, y1),
            ]
            ink = inks[int(rng.integers(3))]
            lock = tapered(points, rng.uniform(13, 26), 0.0, 0.0, 0.55)
            paint(c, lock, ink, 0.9, 0.9)
            paint(
                c, tapered([(px + 2 * side, py) for px, py in points], rng.uniform(2, 5), 0, 0), HAIR_LIGHT, 0.38, 1.0
            )


def _loose(c: skia.Canvas) -> None:
    """Single hairs outside the mass: without them it is a helmet."""
    for points, width, ink in (
        ([(520, 376), (420, 376), (338, 452), (298, 560)], 2.2, HAIR),
        ([(600, 380), (690, 384), (764, 462), (796, 580)], 2.2, HAIR),
        ([(300, 640), (272, 800), (252, 960), (262, 1070)], 2.4, HAIR),
        ([(796, 660), (824, 840), (832, 1000), (812, 1120)], 2.4, HAIR_SHADE),
        ([(280, 1000), (272, 1110), (318, 1218)], 3.0, HAIR),
        ([(806, 1010), (806, 1120), (760, 1212)], 3.0, HAIR_SHADE),
        ([(390, 960), (420, 1040), (446, 1096)], 3, HAIR_LIGHT),
        ([(350, 1060), (380, 1150), (428, 1206)], 3.4, HAIR),
        ([(716, 1060), (690, 1140), (650, 1196)], 3.2, HAIR_SHADE),
        ([(566, 386), (480, 368), (400, 400)], 1.8, HAIR_LIGHT),
        ([(374, 640), (360, 720), (368, 800), (388, 870)], 2.0, HAIR_LIGHT),
        ([(716, 640), (730, 730), (722, 830)], 2.0, HAIR),
    ):
        paint(c, tapered(points, width, 0.2, 0.0), ink, 0.85, 0.5)


def shadow(layer: Layer) -> None:
    """What the front hair throws on the skin; lies between face and front hair, moves with the head."""
    c = layer.canvas
    from artwork.palette import SKIN_DARK

    for lock in (_FRONT[2], _FRONT[4]):
        a, b = _waved(lock.outer, lock), _waved(lock.inner, lock)
        way = 1 if lock is _FRONT[2] else -1
        paint(c, polygon(np.vstack([a, b[::-1] + np.array([way * 8, 9])])), SKIN_DARK, 0.40, 9)
