import pytest
from hypothesis import given
from hypothesis import strategies as st

from visavis.conversation.sentences import Splitter


def cut(text: str, step: int = 1) -> list[tuple[str, bool]]:
    splitter = Splitter()
    pieces = []
    for start in range(0, len(text), step):
        pieces += splitter.write(text[start : start + step])
    pieces += splitter.finish()
    return [(p.text.strip(), p.ends) for p in pieces]


def sentences(text: str, step: int = 1) -> list[str]:
    """Whole sentences: pieces drawn together up to the one that ends."""
    done, open_ = [], ""
    for piece, ends in cut(text, step):
        open_ = f"{open_} {piece}".strip()
        if ends:
            done.append(open_)
            open_ = ""
    return [*done, open_] if open_ else done


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    "expected",
    [
        ["Hello!", "How are you?", "I am fine."],
        ["It costs 3.50 dollars or 1,000.25 pesos.", "Cheap!"],
        ["Mr. Smith and Dr. Who live at St. James Av. 5.", "They are in."],
        ["We close at 5 p.m. on Sundays, e.g. today.", "Sorry."],
        ["J. S. Bach wrote it in 1721.", "Really?!"],
        ['He said "Yes."', "Then he left..."],
        ["1. Take the left door.", "2. Go up."],
        ["Mon Dieu !", "Il est 10:30, n'est-ce pas ?"],
        ["¿Qué hora es?", "Son las 9.30 h."],
        ["Visit www.example.org today.", "Bye."],
    ],
)
def test_latin(expected: list[str], step: int) -> None:
    assert sentences(" ".join(expected), step) == expected


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize(
    "expected",
    [
        ["您好！", "我们早上九点开门。", "价格是3.5元，很便宜。"],
        ["他说：“好的。”", "然后走了……", "真的吗？！"],
        ["第一行", "第二行"],
    ],
)
def test_chinese(expected: list[str], step: int) -> None:
    text = ("\n" if expected[0] == "第一行" else "").join(expected)
    assert [s.replace(" ", "") for s in sentences(text, step)] == expected


def test_arabic() -> None:
    assert sentences("كيف حالك؟ أنا بخير. شكرًا!") == ["كيف حالك؟", "أنا بخير.", "شكرًا!"]


def test_thai_is_cut_at_its_spaces() -> None:
    assert [p for p, _ in cut("สวัสดีครับยินดีต้อนรับ ร้านเปิดเก้าโมงเช้า")] == ["สวัสดีครับยินดีต้อนรับ", "ร้านเปิดเก้าโมงเช้า"]


def test_the_first_clause_leaves_before_the_second_is_written() -> None:
    splitter = Splitter()
    assert [p.text for p in splitter.write("Good morning to you, ")] == ["Good morning to you, "]
    assert splitter.write("and welcome to our shop, where ") == []  # later ones wait for the sentence
    assert [p.text for p in splitter.write("all is new. ")] == ["and welcome to our shop, where all is new. "]


def test_a_short_first_clause_waits() -> None:
    assert cut("Well, yes.") == [("Well, yes.", True)]
    assert cut("好，我们早上九点开门。") == [("好，我们早上九点开门。", True)]
    assert cut("好的没有问题，我们早上九点开门。")[0] == ("好的没有问题，", False)


def test_a_page_without_a_point_is_cut_at_its_spaces() -> None:
    pieces = cut("word " * 200)
    assert len(pieces) >= 5
    assert all(len(p) <= 210 for p, _ in pieces)
    assert all(p.replace("word", "").strip() == "" for p, _ in pieces)  # never inside a word


def test_a_page_without_anything_is_cut_too() -> None:
    assert len(cut("啊" * 300)) > 2


def test_what_holds_no_word_is_not_spoken() -> None:
    assert cut("... \n -- ") == []
    assert cut("") == []
    assert cut("Yes. \n\n* ") == [("Yes.", True)]


@given(st.text(alphabet="ab1.!?, \n。，？“”:;…ก\u0e32", max_size=120), st.integers(1, 20))
def test_nothing_is_lost_and_steps_do_not_matter(text: str, step: int) -> None:
    splitter = Splitter()
    pieces = []
    for start in range(0, len(text), step):
        pieces += splitter.write(text[start : start + step])
    pieces += splitter.finish()
    joined = "".join(p.text for p in pieces)
    assert text.startswith(joined)
    assert not any(c.isalnum() for c in text[len(joined) :])
    for piece in pieces:
        assert any(c.isalnum() for c in piece.text)
