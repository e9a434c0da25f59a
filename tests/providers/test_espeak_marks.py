from __future__ import annotations

import numpy as np
import pytest

from visavis.core.media import Sound, SpeechMark
from visavis.providers.tts.espeak_library import RATE, Event
from visavis.providers.tts.espeak_marks import Sentence, amplify


def tone(samples: int) -> bytes:
    return (8000 * np.sin(np.arange(samples) * 0.1)).astype("<i2").tobytes()


def run(sentence: Sentence, steps: list[tuple[list[Event], bytes]]) -> list[Sound | SpeechMark]:
    out: list[Sound | SpeechMark] = []
    for events, pcm in steps:
        sentence.events(events)
        sentence.sound(pcm)
        out += sentence.ready()
    return [*out, *sentence.finish()]


def words(items: list[Sound | SpeechMark]) -> list[tuple[str, tuple[int, int]]]:
    return [(i.value, i.span) for i in items if isinstance(i, SpeechMark) and i.kind == "word"]


def test_a_word_is_handed_out_when_the_next_one_begins_marks_first() -> None:
    sentence = Sentence("Hi Sara.", 0.0, 0, 1.0)
    sentence.events([("word", 0, 0, ""), ("phoneme", 0, 0, "h"), ("phoneme", 500, 0, "ˈaɪ")])
    sentence.sound(tone(1000))
    assert list(sentence.ready()) == []
    sentence.events([("word", 900, 3, ""), ("phoneme", 900, 0, "s")])
    sentence.sound(tone(300))
    first = list(sentence.ready())
    marks = [i for i in first if isinstance(i, SpeechMark)]
    assert [type(i) for i in first[: len(marks)]] == [SpeechMark] * len(marks)
    assert [(m.kind, m.value, m.stress) for m in marks] == [
        ("sentence", "Hi Sara.", 0), ("word", "Hi", 0), ("phoneme", "h", 0), ("phoneme", "aɪ", 2),
    ]  # fmt: skip
    assert marks[2].duration == pytest.approx(500 / RATE)
    assert marks[3].duration == pytest.approx(400 / RATE)
    assert marks[3].span == (0, 2)
    sounds = [i for i in first if isinstance(i, Sound)]
    assert sum(len(s.pcm) for s in sounds) == 2 * 900
    assert len(sounds[0].pcm) == 2 * 441


def test_several_words_of_the_engine_make_one_of_ours() -> None:
    steps = [
        ([("word", 0, 0, "")], tone(500)),
        ([("word", 500, 6, "")], tone(500)),
        ([("word", 1000, 7, "")], tone(500)),
        ([("word", 1500, 10, "")], tone(500)),
    ]
    assert words(run(Sentence("costs $99, today", 0.0, 0, 1.0), steps)) == [
        ("costs", (0, 5)), ("$99", (6, 9)), ("today", (11, 16)),
    ]  # fmt: skip


def test_one_word_of_the_engine_may_be_several_characters_of_chinese() -> None:
    steps = [([("word", 0, 0, "")], tone(500)), ([("word", 500, 3, "")], tone(500))]
    assert words(run(Sentence("你好，今天", 0.0, 0, 1.0), steps)) == [("你好", (0, 2)), ("今天", (3, 5))]


def test_times_and_spans_count_from_where_the_sentence_stands_in_the_reply() -> None:
    items = run(Sentence(" Yes.", 2.0, 10, 1.0), [([("word", 0, 1, "")], tone(441))])
    mark, word, sound = items[0], items[1], items[2]
    assert isinstance(mark, SpeechMark)
    assert (mark.at, mark.span) == (2.0, (11, 15))
    assert isinstance(word, SpeechMark)
    assert (word.value, word.span) == ("Yes", (11, 14))
    assert isinstance(sound, Sound)
    assert sound.at == 2.0


def test_silence_at_the_end_is_cut() -> None:
    sentence = Sentence("Yes.", 0.0, 0, 1.0)
    run(sentence, [([("word", 0, 0, "")], tone(2000) + bytes(2 * 20000))])
    assert 2000 / RATE < sentence.duration < 2000 / RATE + 0.05


def test_nothing_but_silence_gives_nothing() -> None:
    assert run(Sentence("Hm.", 0.0, 0, 1.0), [([("word", 0, 0, "")], bytes(4000))]) == []


def test_loud_sound_bends_instead_of_clipping() -> None:
    loud = np.frombuffer(amplify(tone(2000), 4.5), np.int16).astype(int)
    assert 29000 < np.abs(loud).max() < 32700
    hill = loud[:32]  # The first half wave: it still rises and falls, where clipping would make a plateau.
    assert len(set(hill[8:24])) > 6
    quiet = np.frombuffer(amplify(tone(2000), 0.5), np.int16)
    assert np.abs(quiet.astype(int)).max() == pytest.approx(4000, abs=2)
