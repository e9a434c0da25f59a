"""Pictures: right format at any size, deterministic, incremental equals full, parts show what the face says."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from visavis.avatars import preview
from visavis.avatars.cycles import IDLE, cycle_faces
from visavis.avatars.geometry import View
from visavis.avatars.life import Life
from visavis.avatars.pack import load
from visavis.avatars.painter import PackPainter
from visavis.core.errors import AvatarFailed
from visavis.core.media import Face, Mouth, Pixels
from visavis.lipsync.visemes import MOUTHS

SARA = load("sara")
SMALL = (360, 640)


def rgb(i420: Pixels) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2RGB_I420)).astype(np.int16)


def mouth_of(picture: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """The mouth's region in a portrait picture."""
    return part(picture, SARA.sprites["mouth"].rect)


def part(picture: np.ndarray, rect: tuple[int, int, int, int]) -> np.ndarray:  # type: ignore[type-arg]
    """A rectangle of the design canvas in a picture."""
    view = View(SARA, picture.shape[1], picture.shape[0])
    x, y = round((rect[0] - view.x) * view.scale), round((rect[1] - view.y) * view.scale)
    return picture[y : y + round(rect[3] * view.scale), x : x + round(rect[2] * view.scale)]


def lively(count: int, seed: int = 1) -> list[Face]:
    rng = random.Random(seed)
    life = Life(rng)
    faces = []
    for n in range(count):
        life.express(rng.choice(("neutral", "smile", "concern", "surprise")) if n % 40 == 0 else "neutral")
        face = life.step(("idle", "listening", "thinking", "speaking")[n // 15 % 4])  # type: ignore[arg-type]
        faces.append(replace(face, mouth=Mouth(rng.random() * (n % 3 > 0), rng.uniform(-1, 1), rng.random())))
    return faces


@pytest.mark.parametrize(
    "size",
    [
        (720, 1280),
        (1280, 720),
        (1080, 1920),
        (1920, 1080),
        (640, 640),
        (320, 320),
        (320, 2560),
        (2560, 320),
        (362, 642),
    ],
)
def test_every_size_gives_a_whole_i420_picture_with_her_head_in_it(size: tuple[int, int]) -> None:
    width, height = size
    painter = PackPainter(SARA, width, height)
    picture = painter.paint(Face())
    assert picture.i420 is not None
    assert picture.loop is None
    assert picture.i420.shape == (height * 3 // 2, width)
    assert picture.i420.dtype == np.uint8
    assert picture.i420.flags.c_contiguous
    assert picture.i420[:height].min() >= 15
    assert picture.i420[:height].max() <= 236
    nod = painter.pixels(Face(mouth=Mouth(jaw=0.9), head=(0, 8)))
    changed = np.argwhere(np.abs(rgb(nod) - rgb(picture.i420)).max(2) > 30)
    assert len(changed) > 20
    # What moves is whole inside the picture.
    assert changed[:, 0].min() > 0.01 * height
    assert changed[:, 1].min() > 0.01 * width
    assert changed[:, 1].max() < 0.99 * width


@pytest.mark.parametrize("size", [(721, 1280), (720, 1281), (0, 0), (-2, 4), (2, 2)])
def test_a_bad_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(AvatarFailed, match="no picture size"):
        PackPainter(SARA, *size)


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", "123456", "#1234567"])
def test_a_bad_background_is_refused(colour: str) -> None:
    with pytest.raises(AvatarFailed, match="background"):
        PackPainter(SARA, *SMALL, background=colour)


def test_the_background_is_that_colour_and_she_stays() -> None:
    green = rgb(PackPainter(SARA, *SMALL, background="#00B140").pixels(Face()))
    assert np.abs(green[5, 5] - [0, 0xB1, 0x40]).max() <= 4
    own = rgb(PackPainter(SARA, *SMALL).pixels(Face()))
    face = (430, 560, 200, 380)
    assert np.abs(part(green, face) - part(own, face)).max() == 0
    # Hair and shoulders end softly on the new colour: no fringe of the old one.
    red, g, b = green[180:460].reshape(-1, 3).T
    assert not np.any((b > 235) & (red > 235) & (g < 200))


@pytest.mark.parametrize("size", [SMALL, (640, 360)])
def test_incremental_painting_equals_a_full_redraw_pixel_for_pixel(size: tuple[int, int]) -> None:
    running = PackPainter(SARA, *size)
    for face in lively(60):
        assert np.array_equal(running.pixels(face), PackPainter(SARA, *size).pixels(face))


def test_painting_is_deterministic_and_pictures_are_the_callers() -> None:
    painter = PackPainter(SARA, *SMALL)
    face = Face(mouth=Mouth(jaw=0.5), roll=2)
    first = painter.pixels(face)
    kept = first.copy()
    painter.pixels(Face(mouth=Mouth(press=1), roll=-4, breath=1))[:] = 0
    assert np.array_equal(first, kept)
    assert np.array_equal(painter.pixels(face), kept)


def test_painters_of_several_threads_do_not_disturb_each_other() -> None:
    faces = lively(25, seed=5)
    expected = [PackPainter(SARA, *SMALL).pixels(face) for face in faces]

    def run(_: int) -> bool:
        painter = PackPainter(SARA, *SMALL)
        return all(np.array_equal(painter.pixels(f), e) for f, e in zip(faces, expected, strict=True))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, range(4)))


def test_every_viseme_looks_different_around_the_mouth() -> None:
    painter = PackPainter(SARA, 720, 1280)
    looks = {name: mouth_of(rgb(painter.pixels(Face(mouth=mouth)))) for name, mouth in MOUTHS.items()}
    names = sorted(looks)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            difference = np.abs(looks[a] - looks[b]).max(2)
            least = 40 if {a, b} != {"DD", "nn"} else 0  # the same to the eye from outside
            assert (difference > 25).sum() >= least, (a, b)


def test_closed_lips_show_no_mouth_inside() -> None:
    painter = PackPainter(SARA, 720, 1280)

    def bright(mouth: Mouth) -> int:
        """Pixels as white as teeth."""
        picture = mouth_of(rgb(painter.pixels(Face(mouth=mouth, smile=0.3))))
        return int(((picture.min(2) > 205) & (picture.max(2) - picture.min(2) < 26)).sum())

    assert bright(Mouth(press=1)) == bright(Mouth()) == 0
    assert bright(MOUTHS["FF"]) > 60
    assert bright(MOUTHS["aa"]) > 200
    assert bright(MOUTHS["I"]) > 100


def test_eyes_shut_and_follow_the_gaze() -> None:
    painter = PackPainter(SARA, 720, 1280)

    def eyes(face: Face) -> np.ndarray:  # type: ignore[type-arg]
        return part(rgb(painter.pixels(face)), (375, 660, 330, 105))

    def dark(picture: np.ndarray) -> float:  # type: ignore[type-arg]
        """Where the irises are, in the mean."""
        return float(np.argwhere(picture[:, :120].max(2) < 70)[:, 1].mean())

    def whites(picture: np.ndarray) -> int:  # type: ignore[type-arg]
        return int(((picture.min(2) > 195) & (picture.max(2) - picture.min(2) < 25)).sum())

    assert whites(eyes(Face(lids=0))) < 0.1 * whites(eyes(Face(lids=1)))
    assert dark(eyes(Face(gaze=(-1, 0)))) + 4 < dark(eyes(Face(gaze=(1, 0))))
    levels = [whites(eyes(Face(lids=lids))) for lids in (1, 0.75, 0.5, 0.25, 0)]
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) == 5


def test_breath_lifts_the_shoulders_and_not_the_background() -> None:
    painter = PackPainter(SARA, *SMALL)
    out, in_ = rgb(painter.pixels(Face(breath=0))), rgb(painter.pixels(Face(breath=1)))
    rows = np.argwhere(np.abs(out - in_).max(2) > 20)[:, 0]
    assert (rows > 640 * 0.6).sum() > 50
    assert np.array_equal(out[:60], in_[:60])


def test_extreme_and_out_of_range_faces_are_painted() -> None:
    painter = PackPainter(SARA, *SMALL)
    for face in (
        Face(brows=9, gaze=(9, -9), lids=3, smile=5, breath=7),
        Face(brows=-9, gaze=(-9, 9), lids=-3, smile=-5, breath=-7, mouth=Mouth(2, -3, 4, 5, 6, 7)),
        Face(roll=90, head=(4000, -4000)),
    ):
        assert painter.pixels(face).shape == (960, 360)


def test_a_cycle_is_a_reference_and_its_frames_equal_live_painting() -> None:
    painter = PackPainter(SARA, *SMALL)
    name = IDLE[0]
    picture = painter.paint(replace(Face(), cycle=(name, 7)))
    assert picture.i420 is None
    assert picture.loop is not None
    cycle = picture.loop.cycle
    assert picture.loop.index == 7
    assert len(cycle) == len(cycle_faces(name))
    live = PackPainter(SARA, *SMALL)
    for index, frame in enumerate(cycle.frames()):
        if index % 29 == 0:
            assert np.array_equal(frame, live.pixels(replace(cycle_faces(name)[index], cycle=None)))
    assert index == len(cycle) - 1
    assert painter.paint(replace(Face(), cycle=(name, 8))).loop.cycle is cycle  # type: ignore[union-attr]


def test_cycle_keys_name_the_content() -> None:
    def key(size: tuple[int, int] = SMALL, background: str = "", name: str = IDLE[0]) -> tuple[str, ...]:
        loop = PackPainter(SARA, *size, background=background).paint(Face(cycle=(name, 0))).loop
        assert loop is not None
        return loop.cycle.key

    assert key() == key()
    assert key(background="#AABBCC") == key(background="#aabbcc")
    assert len({key(), key(size=(640, 360)), key(background="#aabbcc"), key(name=IDLE[1])}) == 4
    assert SARA.digest in key()


def test_preview_writes_what_it_says(tmp_path: Path) -> None:
    paths = list(preview.draw("sara", tmp_path / "out"))
    names = {p.name for p in paths}
    for shape in ("portrait", "landscape"):
        for pose in ("idle", "listening", "thinking", "blinking", *(f"speaking-{s}" for s in preview.SOUNDS)):
            assert f"sara-{shape}-{pose}.png" in names
    assert "sara-mouths.png" in names
    assert all(cv2.imread(str(p)) is not None for p in paths)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(AvatarFailed, match="file"):
        list(preview.draw("sara", blocked))
