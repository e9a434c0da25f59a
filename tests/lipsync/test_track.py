"""The mouth over time: closures are seen, vowels reach their shape, lips lead, and streams do not matter."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from visavis.core.media import MOMENT_S, Mouth, Sound, SpeechMark
from visavis.lipsync import LipTrack
from visavis.lipsync.track import LEAD_S

RATE = 16000


def marks(*timed: tuple[str, float]) -> list[SpeechMark]:
    """(IPA, milliseconds), one after the other."""
    out, at = [], 0.0
    for ipa, ms in timed:
        out.append(SpeechMark("phoneme", at, ms / 1000, ipa))
        at += ms / 1000
    return out


def track(found: list[SpeechMark]) -> LipTrack:
    lips = LipTrack()
    for mark in found:
        lips.add(mark)
    return lips


def frames(lips: LipTrack, seconds: float, phase: float = 0.0) -> list[Mouth]:
    return [lips.mouth(phase + n * MOMENT_S) for n in range(int(seconds / MOMENT_S))]


def tone(seconds: float, hz: float = 150, level: float = 0.3, at: float = 0.0) -> Sound:
    t = np.arange(round(seconds * RATE)) / RATE
    return Sound((level * 32767 * np.sin(2 * math.pi * hz * t)).astype("<i2").tobytes(), RATE, at)


@pytest.mark.parametrize("consonant", ["p", "b", "m"])
@pytest.mark.parametrize("length", [15, 30, 60, 120])
@pytest.mark.parametrize("phase", [0.0, 0.007, 0.013, 0.02, 0.031, 0.039])
def test_a_closure_is_shut_in_at_least_two_pictures_whatever_is_around(
    consonant: str, length: float, phase: float
) -> None:
    lips = track(marks(("a", 120), (consonant, length), ("a", 120), ("s", 40), ("", 200)))
    assert sum(m.press >= 0.99 and m.jaw < 0.02 for m in frames(lips, 0.6, phase)) >= 2


@pytest.mark.parametrize("consonant", ["f", "v"])
@pytest.mark.parametrize("phase", [0.0, 0.013, 0.02, 0.031])
def test_a_bite_is_seen_in_at_least_two_pictures(consonant: str, phase: float) -> None:
    lips = track(marks(("o", 90), (consonant, 40), ("o", 90)))
    assert sum(m.teeth >= 0.99 for m in frames(lips, 0.4, phase)) >= 2


def test_no_closure_is_lost_in_fast_random_speech() -> None:
    rng = random.Random(11)
    sounds = ("p", "b", "m", "f", "v", "t", "k", "s", "a", "e", "i", "o", "u", "n", "l", "ʃ", "w")
    for _ in range(60):
        words = [
            (
                rng.choice(sounds),
                rng.uniform(25, 110),
            )
            for _ in range(30)
        ]
        found = marks(*words)
        lips = track(found)
        for before, mark in zip([None, *found], found, strict=False):
            if mark.value in "pbm" and (before is None or before.value not in "pbmfv"):
                middle = mark.at + mark.duration / 2 - LEAD_S
                near = [lips.mouth(middle + d / 1000) for d in range(-60, 61, 5)]
                assert max(m.press for m in near) >= 0.99, (mark, words)


def test_neighbouring_closures_of_both_kinds_are_both_seen() -> None:
    lips = track(marks(("a", 100), ("m", 50), ("f", 50), ("a", 100)))
    shown = [lips.mouth(n / 200) for n in range(60)]
    assert max(m.press for m in shown) >= 0.99
    assert max(m.teeth for m in shown) >= 0.99


@pytest.mark.parametrize(
    ("ipa", "axis", "full"), [("a", "jaw", 0.85), ("i", "width", 0.75), ("u", "round", 1.0), ("o", "round", 0.7)]
)
@pytest.mark.parametrize("phase", [0.0, 0.01, 0.02, 0.03])
def test_short_vowels_reach_85_percent(ipa: str, axis: str, full: float, phase: float) -> None:
    lips = track(marks(("", 200), ("t", 60), (ipa, 80), ("t", 60), ("", 200)))
    reached = max(abs(getattr(m, axis)) for m in frames(lips, 0.6, phase))
    assert reached >= 0.85 * full


def test_lips_lead_the_sound_by_40_to_80_ms() -> None:
    lips = track(marks(("", 300), ("a", 200), ("m", 80), ("a", 200)))
    shut = [n / 1000 for n in range(700) if lips.mouth(n / 1000).press > 0.95]
    middle_of_sound = 0.3 + 0.2 + 0.04
    assert 0.04 <= middle_of_sound - (shut[0] + shut[-1]) / 2 <= 0.08


def test_lips_are_rounded_before_a_rounded_vowel() -> None:
    """Anticipation: the s of "soo" is rounder than that of "see"."""
    soo, see = (track(marks(("", 200), ("s", 90), (vowel, 150))).mouth(0.245 - LEAD_S) for vowel in ("u", "i"))
    assert soo.round > see.round + 0.15
    assert soo.width < see.width - 0.2


def test_movement_is_smooth_and_no_faster_than_lips_are() -> None:
    lips = track(marks(("", 200), ("a", 150), ("i", 150), ("u", 150), ("", 300)))
    shown = [lips.mouth(n / 1000) for n in range(900)]
    for axis in ("jaw", "width", "round"):
        steps = np.abs(np.diff([getattr(m, axis) for m in shown]))
        assert steps.max() < 0.045, axis  # 0 to 1 takes more than 20 ms even at its steepest
    assert shown[-1] == Mouth()


def test_silence_closes_the_mouth_but_the_stop_inside_a_word_does_not() -> None:
    lips = track(marks(("a", 150), ("", 300), ("a", 150), ("", 20), ("a", 150), ("", 400)))
    assert lips.mouth(0.30 - LEAD_S) == Mouth()
    assert lips.mouth(0.61 - LEAD_S).jaw > 0.5
    assert lips.mouth(1.1) == Mouth()


def test_diphthongs_move() -> None:
    lips = track(marks(("", 100), ("aɪ", 240), ("", 200)))
    jaws = [lips.mouth(n / 1000).jaw for n in range(60, 300)]
    widths = [lips.mouth(n / 1000).width for n in range(60, 300)]
    assert jaws.index(max(jaws)) < widths.index(max(widths))
    assert max(jaws) > 0.8
    assert max(widths) > 0.85 * 0.8 * 0.75  # ɪ is four fifths of an i


def test_marks_that_arrive_with_the_sound_give_the_same_lips() -> None:
    words = [
        ("h", 50),
        ("ə", 50),
        ("l", 90),
        ("oʊ", 180),
        ("", 150),
        ("m", 70),
        ("aɪ", 90),
        ("n", 80),
        ("eɪ", 110),
        ("m", 60),
    ] * 3
    found = marks(*words)
    whole, stream = track(found), LipTrack()
    rest = list(found)
    for n in range(int(found[-1].at / MOMENT_S)):
        at = n * MOMENT_S
        while rest and rest[0].at < at + 0.45:
            stream.add(rest.pop(0))
        assert stream.mouth(at) == whole.mouth(at), n


def test_loudness_opens_the_jaw_between_0_8_and_1_15() -> None:
    jaws = {}
    for level in (0.02, 0.1, 0.5):
        lips = track(marks(("a", 600)))
        lips.hear(tone(0.3, level=0.5))
        lips.hear(tone(0.3, level=level, at=0.3))
        jaws[level] = lips.mouth(0.45).jaw
    assert jaws[0.02] < jaws[0.1] < jaws[0.5]
    assert jaws[0.02] >= 0.8 * 0.85 - 0.01
    assert jaws[0.5] == pytest.approx(1.15 * 0.85, rel=0.02)


def test_loud_sound_does_not_open_closed_lips() -> None:
    lips = track(marks(("a", 200), ("m", 120), ("a", 200)))
    lips.hear(tone(0.52, level=0.8))
    assert lips.mouth(0.26 - LEAD_S).jaw == 0


def test_without_marks_the_sound_moves_the_mouth() -> None:
    rng = np.random.default_rng(1)
    lips = LipTrack()
    lips.hear(tone(0.3, hz=250, level=0.3))
    lips.hear(Sound.silence(0.3, RATE, 0.3))
    hiss = Sound((rng.normal(0, 3000, round(0.3 * RATE))).astype("<i2").tobytes(), RATE, 0.6)
    lips.hear(hiss)
    lips.hear(tone(0.3, hz=1300, level=0.3, at=0.9))
    dark, quiet, sharp, bright = (lips.mouth(t - LEAD_S) for t in (0.15, 0.45, 0.75, 1.05))
    assert dark.jaw > 0.4
    assert dark.round > 0.2
    assert quiet == Mouth()
    assert 0 < sharp.jaw < 0.25
    assert sharp.width > 0.3
    assert bright.jaw > 0.4
    assert bright.width > dark.width + 0.3


def test_sounds_in_odd_pieces_measure_the_same() -> None:
    whole, pieces = LipTrack(), LipTrack()
    sound = tone(0.5, level=0.3)
    whole.hear(sound)
    at = 0
    for size in [101, 33, 999, 320, 5000, 1, 2, *[200] * 8]:
        pieces.hear(Sound(sound.pcm[2 * at : 2 * (at + size)], RATE, at / RATE))
        at += size
    assert pieces.mouth(0.2).jaw == pytest.approx(whole.mouth(0.2).jaw, rel=0.01)


def test_reset_forgets_the_former_reply() -> None:
    lips = track(marks(("a", 500)))
    lips.hear(tone(0.5))
    assert lips.mouth(0.2).jaw > 0.5
    lips.reset()
    assert lips.mouth(0.2) == Mouth()
    lips.add(SpeechMark("phoneme", 0.0, 0.3, "u"))
    assert lips.mouth(0.1).round > 0.9


def test_words_are_ignored_and_unknown_lengths_end_with_the_next_phoneme() -> None:
    lips = LipTrack()
    lips.add(SpeechMark("word", 0.0, 0.5, "hello"))
    for n, ipa in enumerate(("a", "m", "a")):
        lips.add(SpeechMark("phoneme", n * 0.1, 0.0, ipa))
    assert lips.mouth(0.15 - LEAD_S).press > 0.9
    assert lips.mouth(0.6) == Mouth()


def test_an_hour_of_speech_costs_a_bounded_look() -> None:
    lips = LipTrack()
    for n in range(36000):
        lips.add(SpeechMark("phoneme", n * 0.1, 0.1, "a" if n % 2 else "m"))
    assert lips.mouth(3000.05 - LEAD_S).press > 0.9
