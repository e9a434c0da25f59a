from visavis.conversation.history import History
from visavis.conversation.timing import Times
from visavis.conversation.tongues import language_of, sorry
from visavis.core.clock import FakeClock
from visavis.core.languages import BCP47


def texts(history: History) -> list[str]:
    return [m.text for m in history.messages()]


def test_the_brain_sees_the_last_rounds() -> None:
    history = History(2)
    assert texts(history) == []
    history.answer("Welcome.")
    history.ask("1")
    assert texts(history) == ["1"]
    history.answer("a")
    history.ask("2")
    assert texts(history) == ["1", "a", "2"]
    history.answer("")  # cut before it was heard
    history.ask("3")
    assert texts(history) == ["2", "3"]
    assert history.transcript()[:2] == (("assistant", "Welcome."), ("user", "1"))


def test_a_talk_of_days_does_not_grow() -> None:
    history = History(3)
    for n in range(10_000):
        history.ask(str(n))
        history.answer("yes")
    assert len(history.transcript()) <= 200
    assert texts(history)[0] == "9997"


async def test_each_step_counts_once() -> None:
    clock = FakeClock()
    times = Times("chat", clock, zero=0.0)
    await clock.advance(0.1)
    times.first_token()
    await clock.advance(0.1)
    times.first_token()
    row = times.event()
    assert row is not None
    assert (row.first_token, row.first_sound) == (100.0, None)
    assert times.event() is None


def test_languages() -> None:
    both = ("EN", "CN", "Arabic", "Thai")
    assert language_of("When do you open?", both, "EN") == "EN"
    assert language_of("几点开门", both, "EN") == "CN"
    assert language_of("iPhone 15 多少钱", both, "EN") == "CN"
    assert language_of("متى تفتحون؟", both, "EN") == "Arabic"
    assert language_of("เปิดกี่โมง", both, "EN") == "Thai"
    assert language_of("几点开门", ("EN",), "EN") == "EN"
    assert language_of("hello there", ("CN", "EN"), "CN") == "EN"
    assert language_of("hola", ("fr", "ESP"), "ESP") == "ESP"
    assert language_of("123 ???", both, "CN") == "CN"


def test_every_language_can_apologise() -> None:
    assert len({sorry(code) for code in BCP47}) == len(BCP47)
