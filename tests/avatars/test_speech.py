"""Moments are cut from speech sample for sample; holding, clearing and late sound leave nothing behind."""

from __future__ import annotations

import random

import pytest

from visavis.avatars.performer import Performer
from visavis.avatars.speech import Slicer
from visavis.core.feed import SpeechFeed
from visavis.core.media import MOMENT_S, Cue, Moment, Mouth, Sound, SpeechEnd, SpeechMark


class Lips:
    """Open while a reply is heard; remembers what it was told."""

    def __init__(self) -> None:
        self.marks: list[SpeechMark] = []
        self.heard = 0.0
        self.resets = 0

    def add(self, mark: SpeechMark) -> None:
        self.marks.append(mark)

    def hear(self, sound: Sound) -> None:
        self.heard += sound.duration

    def mouth(self, at: float) -> Mouth:
        return Mouth(jaw=0.8)

    def reset(self) -> None:
        self.marks.clear()
        self.resets += 1


def noise(rng: random.Random, samples: int, rate: int, at: float, reply: int) -> Sound:
    return Sound(rng.randbytes(2 * samples), rate, at, reply)


async def put(feed: SpeechFeed, *items: Sound | SpeechMark | Cue | SpeechEnd) -> None:
    for item in items:
        await feed.put(item)


def performance(feed: SpeechFeed, lips: Lips | None = None):  # type: ignore[no-untyped-def]
    return Performer(lambda: lips or Lips(), random.Random(1)).perform(feed)


async def take(stage, count: int) -> list[Moment]:  # type: ignore[no-untyped-def]
    return [await anext(stage) for _ in range(count)]


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 44100, 48000])
async def test_slices_sum_to_the_sound_sample_for_sample(rate: int) -> None:
    rng = random.Random(rate)
    feed = SpeechFeed(60)
    sent, at = b"", 0.0
    for _ in range(40):
        sound = noise(rng, rng.randrange(1, rate // 10), rate, at, 3)
        sent, at = sent + sound.pcm, at + sound.duration
        await feed.put(sound)
    await feed.put(SpeechEnd(3))
    moments = await take(performance(feed), int(at / MOMENT_S) + 5)
    spoken = [m for m in moments if m.sound.reply == 3]
    got = b"".join(m.sound.pcm for m in spoken)
    assert got[: len(sent)] == sent
    assert not any(got[len(sent) :])
    assert len(got) - len(sent) < 2 * rate * MOMENT_S
    assert {len(m.sound.pcm) for m in moments} == {2 * round(rate * MOMENT_S)}
    assert [m.ends for m in spoken] == [None] * (len(spoken) - 1) + [3]
    assert [m.sound.at for m in spoken] == pytest.approx([n * MOMENT_S for n in range(len(spoken))])


async def test_a_rate_that_25_does_not_divide_loses_nothing() -> None:
    feed = SpeechFeed(60)
    sound = noise(random.Random(1), 11110, 11110, 0, 1)
    await put(feed, sound, SpeechEnd(1))
    moments = [m for m in await take(performance(feed), 30) if m.sound.reply]
    assert b"".join(m.sound.pcm for m in moments)[: len(sound.pcm)] == sound.pcm
    assert len(moments) == 25


async def test_marks_lie_in_the_moment_that_contains_their_time() -> None:
    rng = random.Random(2)
    feed = SpeechFeed(60)
    times = sorted(rng.uniform(0, 1.99) for _ in range(30))
    await put(feed, *(SpeechMark("phoneme", t, 0.05, "a", reply=1) for t in times))
    await put(feed, noise(rng, 32000, 16000, 0, 1), SpeechMark("word", 2.4, 0, "late", reply=1), SpeechEnd(1))
    moments = await take(performance(feed), 60)
    placed = [(m.sound.at, mark.at) for m in moments for mark in m.marks if mark.kind == "phoneme"]
    assert [at for _, at in placed] == times
    assert all(begin - 1e-6 <= at < begin + MOMENT_S + 1e-6 for begin, at in placed)
    last = next(m for m in moments if m.ends == 1)
    assert [mark.value for mark in last.marks][-1] == "late"


async def test_an_end_that_comes_late_is_still_told_once() -> None:
    feed = SpeechFeed(60)
    stage = performance(feed)
    await put(feed, noise(random.Random(1), 640, 16000, 0, 1))
    first = await anext(stage)
    assert (first.sound.reply, first.ends) == (1, None)
    assert (await anext(stage)).ends is None
    await put(feed, SpeechEnd(1))
    assert [m.ends for m in await take(stage, 3)] == [1, None, None]


async def test_two_replies_follow_each_other_without_mixing() -> None:
    rng = random.Random(4)
    feed = SpeechFeed(60)
    a, b = noise(rng, 1000, 16000, 0, 1), noise(rng, 2000, 22050, 0, 2)
    lips = Lips()
    mark = SpeechMark("phoneme", 0.0, 0.1, "b", reply=2)
    await put(feed, a, SpeechEnd(1), mark, b, SpeechEnd(2))
    moments = await take(performance(feed, lips), 12)
    for reply, sound in ((1, a), (2, b)):
        mine = [m for m in moments if m.sound.reply == reply]
        assert b"".join(m.sound.pcm for m in mine)[: len(sound.pcm)] == sound.pcm
        assert mine[-1].ends == reply
        assert mine[0].sound.at == 0
    assert next(m for m in moments if m.marks).sound.reply == 2
    assert lips.marks == [mark]
    assert lips.resets == 2


async def test_idle_is_silence_of_the_same_length_and_never_waits() -> None:
    moments = await take(performance(SpeechFeed()), 50)
    assert all(
        m.sound.reply == 0 and not any(m.sound.pcm) and m.sound.duration == pytest.approx(MOMENT_S) for m in moments
    )


async def test_hold_keeps_speech_and_resume_goes_on_at_the_same_sample() -> None:
    feed = SpeechFeed(60)
    sound = noise(random.Random(5), 16000, 16000, 0, 1)
    await put(feed, sound, SpeechEnd(1))
    stage = performance(feed)
    before = await take(stage, 10)
    feed.hold()
    held = await take(stage, 20)
    assert all(m.sound.reply == 0 for m in held)
    assert held[2].face.mouth == Mouth()
    feed.resume()
    after = await take(stage, 20)
    got = b"".join(m.sound.pcm for m in before + after if m.sound.reply)
    assert got[: len(sound.pcm)] == sound.pcm


async def test_clear_forgets_the_old_reply_at_once_and_shuts_the_mouth_within_100_ms() -> None:
    feed = SpeechFeed(60)
    lips = Lips()
    old = SpeechMark("phoneme", 0.5, 0.1, "a", reply=1)
    await put(feed, old, noise(random.Random(6), 48000, 16000, 0, 1), SpeechEnd(1))
    stage = performance(feed, lips)
    spoken = await take(stage, 8)
    assert spoken[-1].face.mouth.jaw == pytest.approx(0.8)
    feed.clear()
    after = await take(stage, 5)
    assert [m.sound.reply for m in after] == [0] * 5
    assert 0 < after[0].face.mouth.jaw < 0.8  # no snap
    assert after[1].face.mouth == Mouth()
    new = SpeechMark("phoneme", 0.0, 0.1, "m", reply=2)
    await put(feed, new, noise(random.Random(7), 6400, 16000, 0, 2), SpeechEnd(2))
    again = await take(stage, 12)
    assert [m.sound.reply for m in again] == [2] * 10 + [0] * 2
    assert [mark for m in again for mark in m.marks] == [new]
    assert lips.marks == [new]


async def test_cleared_between_two_looks_but_refilled_at_once_plays_only_the_new() -> None:
    """The race: the reply is cut and the next one's sound is there before the avatar looks again."""
    feed = SpeechFeed(60)
    stage = performance(feed)
    await put(feed, noise(random.Random(8), 48000, 16000, 0, 1))
    await take(stage, 3)
    feed.clear()
    sound = noise(random.Random(9), 1280, 16000, 0, 2)
    await put(feed, sound, SpeechEnd(2))
    moments = await take(stage, 4)
    assert [m.sound.reply for m in moments] == [2, 2, 0, 0]
    assert b"".join(m.sound.pcm for m in moments[:2]) == sound.pcm


async def test_little_is_taken_ahead_so_that_back_pressure_works() -> None:
    feed = SpeechFeed(60)
    for n in range(100):
        await feed.put(noise(random.Random(n), 320, 16000, n * 0.02, 1))
    await take(performance(feed), 1)
    assert 1.6 < feed.buffered < 2.0


def test_lips_hear_of_a_reply_before_it_sounds() -> None:
    feed = SpeechFeed(60)
    lips = Lips()
    for n in range(50):
        feed._items.append(SpeechMark("phoneme", n * 0.04, 0.04, "a", reply=1))
        feed._items.append(Sound(bytes(1280), 16000, n * 0.04, 1))
    slicer = Slicer(feed, lips)
    for n in range(30):
        slicer.next()
        assert lips.marks[-1].at >= n * 0.04 + 0.2
