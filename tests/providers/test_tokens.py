from __future__ import annotations

import pytest

from visavis.core.languages import BCP47
from visavis.providers.brain.tokens import normal, stem, tokens


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("EN", "opening", "opens"), ("EN", "batteries", "battery"), ("EN", "stopped", "stop"), ("EN", "boxes", "box"),
        ("EN", "closing", "close"), ("ESP", "entradas", "entrada"), ("ESP", "bicicletas", "bicicleta"),
        ("por", "ingressos", "ingresso"), ("fr", "billets", "billet"), ("fr", "ouverte", "ouvert"),
        ("Arabic", "التذكره", "تذكره"), ("Arabic", "وال" + "متحف", "متحف"),
    ],
)  # fmt: skip
def test_stems_meet(language: str, one: str, other: str) -> None:
    assert stem(one, language) == stem(other, language)


@pytest.mark.parametrize(("one", "other"), [("bus", "bu"), ("this", "thi"), ("string", "str"), ("class", "clas")])
def test_stems_that_must_not_meet(one: str, other: str) -> None:
    assert stem(one, "EN") != other


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("EN", "ＣＡＦÉ", "cafe"), ("Arabic", "أَيْنَ المَتْحَف", "اين المتحف"), ("Arabic", "مدرسة", "مدرسه"),
        ("ESP", "¿Cuándo?", "¿cuando?"),
        ("CN", "９９元", "99元"),
    ],
)  # fmt: skip
def test_one_spelling(language: str, one: str, other: str) -> None:
    assert normal(one, language) == normal(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("EN", "How much is it?", "what does it cost"), ("CN", "厕所在哪儿？", "请问洗手间怎么走"),
        ("ESP", "¿Cuánto cuesta?", "¿qué precio?"), ("Arabic", "كم سعر التذكرة", "بكم التذكرة"),
    ],
)  # fmt: skip
def test_one_meaning_is_one_concept(language: str, one: str, other: str) -> None:
    shared = tokens(one, language).keys() & tokens(other, language).keys()
    assert any(token.startswith("=") for token in shared)


def test_latin_words_stand_inside_chinese() -> None:
    assert {"=wifi"} <= tokens("有wifi吗", "CN").keys()
    assert {"visavis"} <= tokens("请问Visavis怎么用", "CN").keys()


def test_concepts_are_whole_words() -> None:
    assert "=park" not in tokens("a spark of light", "EN")
    assert "=price" not in tokens("the priceless vase", "EN")


@pytest.mark.parametrize("language", BCP47)
def test_anything_may_be_asked(language: str) -> None:
    for text in ("", " ", "?!", "'", "''s", "=", "==price", "l'", "😀", "\x00", "a" * 5000, "ا", "คุณ", "'\"; DROP"):
        assert all(0 < weight <= 1 for weight in tokens(text, language).values())
