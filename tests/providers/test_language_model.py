from __future__ import annotations

from collections import defaultdict

import pytest

from visavis.providers.asr.language_model import arpa, number, sentences, words
from visavis.providers.asr.pronunciation import arpabet


def test_words_as_they_are_spoken() -> None:
    assert words("What's the price of 2 cafés, Sara?") == [
        "What's", "the", "price", "of", "two", "cafes", "Sara",
    ]  # fmt: skip
    assert words("你好 — 100%") == ["one", "hundred"]


@pytest.mark.parametrize(
    ("n", "spoken"),
    [
        (0, "zero"), (13, "thirteen"), (40, "forty"), (99, "ninety nine"), (305, "three hundred five"),
        (2026, "two thousand twenty six"), (1234567, "one two three four five six seven"),
    ],
)  # fmt: skip
def test_numbers(n: int, spoken: str) -> None:
    assert " ".join(number(n)) == spoken


def test_hot_words_come_in_what_people_say_around_them() -> None:
    learnt = [" ".join(s) for s in sentences(["Where are you?"], ["Zorblax"])]
    assert learnt.count("Where are you") == 3
    assert {"Zorblax", "what is Zorblax", "tell me about Zorblax"} <= set(learnt)


def test_the_model_is_a_distribution() -> None:
    """Seen and backed-off probabilities of every history sum to one (ARPA back-off rule)."""
    text = arpa([["a", "b", "c"], ["a", "b", "d"], ["b", "c"], ["e"]])
    grams: dict[tuple[str, ...], float] = {}
    backoff: dict[tuple[str, ...], float] = defaultdict(lambda: 1.0)
    for line in text.splitlines():
        if "\t" in line:
            p, gram, *bow = line.split("\t")
            grams[tuple(gram.split())] = 10 ** float(p)
            if bow:
                backoff[tuple(gram.split())] = 10 ** float(bow[0])

    def probability(word: str, history: tuple[str, ...]) -> float:
        if (*history, word) in grams:
            return grams[(*history, word)]
        return backoff[history] * probability(word, history[1:])

    vocabulary = [gram[0] for gram in grams if len(gram) == 1 and gram != ("<s>",)]
    assert set(vocabulary) == {"a", "b", "c", "d", "e", "</s>"}
    histories = [(), *(g for g in grams if len(g) < 3 and g[-1] != "</s>")]
    assert len(histories) > 8
    for history in histories:
        assert sum(probability(w, history) for w in vocabulary) == pytest.approx(1.0, abs=1e-3), history
    for n in (1, 2, 3):
        assert f"ngram {n}={sum(len(g) == n for g in grams)}" in text


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("hˈaʊ_w_eɪ", "HH AW W EY"), ("m_ˈɛ_ɾ_ə s_t_ˈuː_d_ɪ_ˌo_ʊ", "M EH T AH S T UW D IH OW"),
        ("tʃ_ˈeɪ_n_dʒ", "CH EY N JH"), ("q_a", ""), ("", ""),
    ],
)  # fmt: skip
def test_ipa_to_arpabet(ipa: str, phones: str) -> None:
    assert arpabet(ipa) == phones
