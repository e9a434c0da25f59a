"""Behaviour over long simulated times: blinks, glances, breath, and states that can be told apart."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from statistics import mean

import pytest

from visavis.avatars.cycles import IDLE, cycle_faces
from visavis.avatars.life import NEUTRAL, STATES, Life, State, mix
from visavis.avatars.performer import Performer
from visavis.core.errors import AvatarFailed
from visavis.core.feed import SpeechFeed
from visavis.core.media import FRAME_RATE, Cue, Face, Moment, Mouth, Sound, SpeechEnd, SpeechMark
from visavis.lipsync import LipTrack

TEN_MINUTES = 600 * FRAME_RATE


def lived(state: State, frames: int, seed: int = 1) -> list[Face]:
    life = Life(random.Random(seed))
    return [life.step(state) for _ in range(frames)]


def blinks(faces: list[Face]) -> list[int]:
    """Frames at which the eyes are shut."""
    return [n for n in range(1, len(faces)) if faces[n].lids < 0.05 <= faces[n - 1].lids]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_blinks_over_ten_minutes(seed: int) -> None:
    faces = lived("idle", TEN_MINUTES, seed)
    gaps = [(b - a) / FRAME_RATE for a, b in zip(blinks(faces), blinks(faces)[1:], strict=False)]
    assert 3.0 < mean(gaps) < 5.0
    assert 0.04 < sum(gap < 0.6 for gap in gaps) / len(gaps) < 0.2
    assert max(gaps) < 20
    open_ = mean(sorted(f.lids for f in faces)[-1000:])
    for shut in blinks(faces):
        around = [f.lids < 0.75 * open_ for f in faces[shut - 3 : shut + 4]]
        assert 3 <= sum(around) <= 4  # 120-160 ms


def test_she_blinks_less_while_listening() -> None:
    assert len(blinks(lived("listening", TEN_MINUTES))) < 0.85 * len(blinks(lived("idle", TEN_MINUTES)))


def test_she_looks_at_the_visitor_four_fifths_of_the_time() -> None:
    for state, least, most in (
        ("idle", 0.7, 0.9),
        ("speaking", 0.7, 0.9),
        ("listening", 0.85, 1.0),
        ("thinking", 0, 0.05),
    ):
        faces = lived(state, TEN_MINUTES)  # type: ignore[arg-type]
        share = mean(abs(f.gaze[0]) < 0.15 and abs(f.gaze[1]) < 0.15 for f in faces)
        assert least <= share <= most, state


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_ever_frozen(state: State) -> None:
    faces = lived(state, 60 * FRAME_RATE)
    assert all(a != b for a, b in itertools.pairwise(faces))
    for field in ("roll", "breath"):
        values = [getattr(f, field) for f in faces]
        assert max(values) - min(values) > 0.3
    assert all(abs(f.roll) < 7 and abs(f.head[0]) < 16 and abs(f.head[1]) < 26 for f in faces)


def test_states_differ_at_a_glance() -> None:
    typical = {state: lived(state, 20 * FRAME_RATE) for state in STATES}

    def average(state: State, axis: str) -> float:
        return mean(getattr(f, axis) for f in typical[state])

    assert average("listening", "roll") > average("idle", "roll") + 2
    assert average("listening", "brows") > average("idle", "brows") + 0.2
    assert abs(average("thinking", "roll")) > 2
    assert mean(f.gaze[1] for f in typical["thinking"]) < -0.4
    assert average("thinking", "smile") < average("idle", "smile") - 0.2


def test_a_question_raises_the_brows_and_stress_nods() -> None:
    life = Life(random.Random(3))
    for _ in range(20):
        plain = life.step("speaking")
    life.sentence("Is it?")
    asked = life.step("speaking")
    assert asked.brows > plain.brows + 0.3
    tops = []
    for n in range(20 * FRAME_RATE):
        if n % 10 == 0:
            life.stressed()
        tops.append(life.step("speaking").head[1])
    assert max(tops) - min(tops) > 8


def test_nods_are_at_least_one_and_a_half_seconds_apart() -> None:
    life = Life(random.Random(3))
    for n in range(100):
        life.nod(10)
        life.step("speaking")
        assert len(life._nods) <= 1, n


def test_cycles_join_at_the_neutral_pose_and_never_jump() -> None:
    assert sum(len(cycle_faces(name)) for name in IDLE) >= 60 * FRAME_RATE
    for name in IDLE:
        faces = cycle_faces(name)
        for edge in (faces[0], faces[-1]):
            assert replace(edge, cycle=None, breath=0.0) == NEUTRAL
            assert edge.breath < 0.01
        assert [f.cycle for f in faces] == [(name, n) for n in range(len(faces))]
        assert len(blinks(list(faces))) >= 2
        assert all(abs(a.roll - b.roll) < 0.3 and abs(a.head[1] - b.head[1]) < 2 for a, b in itertools.pairwise(faces))
    with pytest.raises(AvatarFailed, match="no cycle 'dance'"):
        cycle_faces("dance")


def smooth(moments: list[Moment]) -> None:
    """No jump of the head from one moment to the next."""
    for a, b in itertools.pairwise(moments):
        assert abs(a.face.roll - b.face.roll) < 1.6
        assert abs(a.face.head[0] - b.face.head[0]) < 3.5
        assert abs(a.face.head[1] - b.face.head[1]) < 5
        assert abs(a.face.breath - b.face.breath) < 0.12
        assert abs(a.face.smile - b.face.smile) < 0.12


@pytest.mark.parametrize("seed", range(6))
async def test_idling_enters_cycles_plays_them_in_random_order_and_leaves_at_any_frame(seed: int) -> None:
    rng = random.Random(seed)
    feed = SpeechFeed(60)
    stage = Performer(LipTrack, rng).perform(feed)
    moments = [await anext(stage) for _ in range(rng.randrange(900, 1100))]
    cycled = [m.face.cycle for m in moments if m.face.cycle]
    assert len(cycled) > 700
    starts = [n for n, c in enumerate(cycled) if c[1] == 0]
    assert starts[0] == 0
    assert all(b == (a[0], a[1] + 1) or b[1] == 0 for a, b in itertools.pairwise(cycled))
    assert all(cycled[n][0] != cycled[n - 1][0] for n in starts[1:])
    await feed.put(Cue("state", "listening"))
    moments += [await anext(stage) for _ in range(60)]
    assert all(m.face.cycle is None for m in moments[-60:])
    await feed.put(Cue("state", "thinking"))
    moments += [await anext(stage) for _ in range(60)]
    await feed.put(Sound(bytes(32000), 16000, 0, 1))
    await feed.put(SpeechEnd(1))
    moments += [await anext(stage) for _ in range(300)]
    assert moments[-1].face.cycle is not None  # back to idling
    smooth(moments)


async def test_a_cue_takes_effect_where_it_stands_among_the_sound() -> None:
    feed = SpeechFeed(60)
    stage = Performer(LipTrack, random.Random(1), cycles=False).perform(feed)
    await feed.put(Sound(bytes(32000), 16000, 0, 1))
    await feed.put(SpeechEnd(1))
    await feed.put(Cue("state", "listening"))
    moments = [await anext(stage) for _ in range(75)]
    assert mean(m.face.roll for m in moments[10:25]) < 2 < mean(m.face.roll for m in moments[40:])


async def test_listening_while_held_and_every_change_eases_over_280_ms() -> None:
    feed = SpeechFeed(60)
    stage = Performer(LipTrack, random.Random(1)).perform(feed)
    await feed.put(Sound(bytes(320000), 16000, 0, 1))
    before = [await anext(stage) for _ in range(50)]
    feed.hold()
    after = [await anext(stage) for _ in range(50)]
    smooth(before + after)
    assert after[0].face.brows < after[8].face.brows
    assert after[9].face.roll > before[-1].face.roll + 1.5


async def test_expressions_show_and_fade_and_unknown_cues_are_harmless() -> None:
    feed = SpeechFeed(60)
    stage = Performer(LipTrack, random.Random(1)).perform(feed)
    for cue in (Cue("state", "dancing"), Cue("gesture", "wave"), Cue("expression", "smirk")):
        await feed.put(cue)
    plain = [await anext(stage) for _ in range(200)][-1]
    assert plain.face.cycle is not None
    await feed.put(Cue("expression", "surprise"))
    surprised = [await anext(stage) for _ in range(40)]
    assert surprised[-1].face.cycle is None
    assert surprised[-1].face.brows > plain.face.brows + 0.5
    smooth([plain, *surprised])
    await feed.put(Cue("expression", "neutral"))
    assert [await anext(stage) for _ in range(300)][-1].face.cycle is not None


async def test_two_talks_of_one_performer_do_not_move_alike() -> None:
    performer = Performer(LipTrack, random.Random(1), cycles=False)
    a, b = performer.perform(SpeechFeed()), performer.perform(SpeechFeed())
    assert [(await anext(a)).face for _ in range(10)] != [(await anext(b)).face for _ in range(10)]


async def test_equal_seeds_give_equal_performances() -> None:
    async def run() -> list[Face]:
        feed = SpeechFeed(60)
        await feed.put(SpeechMark("phoneme", 0.1, 0.2, "a", stress=2, reply=1))
        await feed.put(Sound(bytes(32000), 16000, 0, 1))
        stage = Performer(LipTrack, random.Random(9)).perform(feed)
        return [(await anext(stage)).face for _ in range(200)]

    assert await run() == await run()


def test_mix_ends_at_its_ends() -> None:
    a, b = Face(mouth=Mouth(jaw=1), roll=2, gaze=(1, 1), smile=0.5), Face(lids=0.25, head=(4, 4))
    assert mix(a, b, 0) == a
    assert mix(a, replace(b, smile=1.0), 1) == replace(b, smile=1.0)
