from visavis.conversation.script import Position, Script
from visavis.conversation.sentences import Piece
from visavis.core.media import SpeechMark

TEXT = "Good morning. How are you?"


def script(*, complete: bool = True, marks: bool = True) -> Script:
    script = Script()
    script.add(Piece("Good morning. ", True))
    script.add(Piece("How are you?", True))
    if marks:
        for n, (start, end) in enumerate([(0, 4), (5, 12), (14, 17), (18, 21), (22, 25)]):
            script.mark(SpeechMark("word", n * 0.5, 0.5, TEXT[start:end], (start, end)))
    script.duration = 2.5
    script.complete = complete
    return script


def test_a_word_is_heard_when_half_of_it_was() -> None:
    heard = [script().heard(s) for s in (0.0, 0.2, 0.25, 0.74, 0.75, 2.2, 2.3, 2.5)]
    assert heard == [
        "",
        "",
        "Good",
        "Good",
        "Good morning.",
        "Good morning. How are",
        "Good morning. How are you?",
        TEXT,
    ]


def test_position() -> None:
    assert script().position(0.0) is None
    assert script().position(0.04) == Position(0, "Good morning.", 4)
    assert script().position(0.54) == Position(0, "Good morning.", 13)
    assert script().position(1.04) == Position(1, "How are you?", 3)
    assert script().position(2.5) == Position(1, "How are you?", 12)


def test_a_sentence_grows_while_it_is_written() -> None:
    growing = Script()
    growing.add(Piece("Good morning to you, ", False))
    growing.mark(SpeechMark("word", 0.0, 0.5, "Good", (0, 4)))
    growing.duration = 1.0
    assert growing.position(0.1) == Position(0, "Good morning to you,", 4)
    growing.add(Piece("and welcome.", True))
    assert growing.position(0.1) == Position(0, "Good morning to you, and welcome.", 4)


def test_without_word_times_the_place_is_guessed_at_a_space() -> None:
    guess = script(marks=False)
    assert guess.heard(0.0) == ""
    assert guess.heard(1.3) == "Good morning."
    assert guess.heard(2.5) == TEXT
    assert TEXT.startswith(script(marks=False, complete=False).heard(0.9))
    chinese = Script()
    chinese.add(Piece("我们早上九点开门。", True))
    chinese.duration, chinese.complete = 2.0, True
    assert chinese.heard(1.0) == "我们早上"


def test_a_voice_that_breaks_off() -> None:
    broken = Script()
    broken.add(Piece("Good morning. ", True))
    broken.add(Piece("How are you?", True))
    broken.mark(SpeechMark("word", 0.0, 0.5, "Good", (0, 4)))
    broken.duration = 0.5
    broken.break_off()
    assert broken.text == "Good"
    broken.add(Piece(" Sorry.", True))
    broken.mark(SpeechMark("word", 0.5, 0.5, "Sorry", (5, 10)))
    broken.duration, broken.complete = 1.0, True
    assert broken.heard(1.0) == "Good Sorry."
    assert broken.position(0.6) == Position(1, "Sorry.", 6)
