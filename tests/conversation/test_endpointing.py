import pytest

from visavis.conversation.endpointing import Began, Confirmed, Ended, Endpointing, FalseStart, Rules

STEP = 0.02


def run(script: list[tuple[float, float]], rules: Rules | None = None) -> list[tuple[float, object]]:
    """script: (probability, seconds). Returns decisions with the time at which they fell."""
    endpointing = Endpointing(rules or Rules())
    now, decisions = 10.0, []
    for probability, seconds in script:
        for _ in range(round(seconds / STEP)):
            for decision in endpointing.hear(probability, now, STEP):
                decisions.append((round(now + STEP, 3), decision))
            now += STEP
    return decisions


def test_a_turn() -> None:
    decisions = run([(0.0, 1.0), (0.9, 1.0), (0.0, 1.0)])
    assert [type(d) for _, d in decisions] == [Began, Confirmed, Ended]
    assert [at for at, _ in decisions] == pytest.approx([11.06, 11.16, 12.5])
    assert decisions[0][1] == Began(pytest.approx(11.0))
    assert decisions[2][1] == Ended(pytest.approx(12.0))


def test_a_cough_is_no_turn() -> None:
    decisions = run([(0.9, 0.12), (0.0, 1.0)])
    assert [type(d) for _, d in decisions] == [Began, FalseStart]
    assert decisions[1][0] == pytest.approx(10.42)


def test_a_click_is_nothing_and_clicks_do_not_add_up() -> None:
    assert run([(0.9, 0.04), (0.0, 0.5)] * 5) == []


def test_pauses_shorter_than_the_tail_do_not_end_a_turn() -> None:
    decisions = run([(0.9, 0.5), (0.0, 0.4), (0.9, 0.5), (0.0, 0.6)])
    assert [type(d) for _, d in decisions] == [Began, Confirmed, Ended]


def test_hysteresis() -> None:
    assert run([(0.45, 2.0)]) == []
    decisions = run([(0.9, 0.1), (0.4, 0.5), (0.0, 0.6)])
    assert [type(d) for _, d in decisions] == [Began, Confirmed, Ended]


@pytest.mark.parametrize(("tail_silence", "tail"), [(0.0, 0.1), (0.5, 0.5), (3.0, 3.0)])
def test_the_applications_tail_silence(tail_silence: float, tail: float) -> None:
    decisions = run([(0.9, 1.0), (0.0, 4.0)], Rules.after(tail_silence))
    assert decisions[-1] == (pytest.approx(11.0 + tail), Ended(pytest.approx(11.0)))


def test_endless_sound_is_ended() -> None:
    decisions = run([(0.9, 130.0)])
    assert [type(d) for _, d in decisions].count(Ended) == 2


def test_a_closed_microphone() -> None:
    endpointing = Endpointing(Rules())
    assert endpointing.finish() == []
    for n in range(10):
        endpointing.hear(0.9, n * STEP, STEP)
    assert endpointing.talking
    assert endpointing.finish() == [Ended(pytest.approx(0.2))]
    assert not endpointing.begun
    for n in range(4):
        endpointing.hear(0.9, 1 + n * STEP, STEP)
    assert endpointing.finish() == [FalseStart()]
