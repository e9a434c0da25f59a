"""IPA as eSpeak writes it, in every contract language that it speaks, finds its visemes."""

from __future__ import annotations

import pytest

from visavis.lipsync.visemes import MOUTHS, shapes

# What eSpeak NG wrote for a paragraph of each language.
ESPEAK = {
    "en-us": "aɪ aɪɚ aʊ b d dʒ eɪ f iː j k l m n oʊ p s t uː v w z ð ŋ ɐ ɔ ɔɪ ə əl ɚ ɛ ɜː ɡ ɪ ɹ ʃ ʊɹ ʌ ʒ θ tʃ ɑː æ ɔːɹ",
    "cmn": "a f i i. iɑ i̪ j k l m n o o- s s. t ts ts. ts.h tɕh uə w y yɛ ŋ ɑ ɑu ɕ ə ər ʐ χ",
    "es": "a e i j k l m n o oɪ p r s t u w x ð ɾ ʎ ʝ β θ",
    "pt-br": "a d e eʊ f i j k l m n o p r s u v æ ɐ̃ ɐ̃ʊ ɔ ɛ ɲ ɾ ʃ ʊ ʒ",
    "fr": "a b f i k l m p s t u v y ø œ œ̃ ɑ̃ ɔ̃ ə ə- ɛ ɛ̃ ʁ ʒ",
    "ar": "a b d dˤ f i j k l m n q r s s̪ t u w z ɣ θ χ",
}


@pytest.mark.parametrize("language", ESPEAK)
def test_every_phoneme_of_the_language_has_a_shape(language: str) -> None:
    assert [ipa for ipa in ESPEAK[language].split() if not shapes(ipa)] == []


@pytest.mark.parametrize(
    ("ipa", "visemes"),
    [
        ("p", "PP"), ("b", "PP"), ("m", "PP"), ("f", "FF"), ("v", "FF"), ("θ", "TH"), ("ð", "TH"), ("t", "DD"),
        ("l", "DD"), ("k", "kk"), ("ɡ", "kk"), ("g", "kk"), ("ŋ", "kk"), ("tʃ", "CH"), ("t͡ʃ", "CH"), ("dʒ", "CH"),
        ("ʃ", "CH"), ("s", "SS"), ("z", "SS"), ("n", "nn"), ("ɹ", "RR"), ("ɜː", "RR"), ("ɑː", "aa"), ("ɛ", "E"),
        ("iː", "I"), ("ɔ", "O"), ("uː", "U"), ("w", "U"), ("y", "U"), ("ts.h", "CH"), ("s.", "CH"), ("tɕh", "SS"),
        ("ɕ", "SS"), ("ʐ", "CH"), ("i.", "CH"), ("i̪", "SS"), ("aɪ", "aa I"), ("aʊ", "aa U"), ("oʊ", "O U"),
        ("eɪ", "E I"), ("ɔɪ", "O I"), ("aɪɚ", "aa I RR"), ("yɛ", "U E"), ("ɐ̃ʊ", "aa U"), ("ɑ̃", "aa"), ("œ̃", "O"),
        ("dˤ", "DD"), ("s̪", "SS"), ("", "sil"), ("_:", "sil"), ("_", "sil"), ("h", ""), ("ʔ", ""), ("ʕ", ""),
        ("ħ", ""), ("☃", ""),
    ],
)  # fmt: skip
def test_phonemes_become_visemes(ipa: str, visemes: str) -> None:
    assert [shape.viseme for shape in shapes(ipa)] == visemes.split()


def test_fifteen_visemes_and_a_schwa_opens_less_than_an_e() -> None:
    assert len(MOUTHS) == 15
    assert len(set(MOUTHS.values())) == 15
    assert shapes("ə")[0].amount < shapes("ɛ")[0].amount
    assert shapes("a")[0].vowel
    assert not shapes("w")[0].vowel
