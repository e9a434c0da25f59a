"""IPA to visemes, and visemes to mouths. The fifteen classes are those of MPEG-4 face animation (ISO/IEC 14496-2)."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal, NamedTuple

from visavis.core.media import Mouth

Viseme = Literal["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"]

MOUTHS: Final[dict[Viseme, Mouth]] = {
    "sil": Mouth(),
    "PP": Mouth(press=1.0),
    "FF": Mouth(jaw=0.12, width=0.1, teeth=1.0),
    "TH": Mouth(jaw=0.2, width=0.1, tongue=1.0),
    "DD": Mouth(jaw=0.2, width=0.1, tongue=0.25),
    "kk": Mouth(jaw=0.25),
    "CH": Mouth(jaw=0.15, width=-0.4, round=0.5),
    "SS": Mouth(jaw=0.08, width=0.4),
    "nn": Mouth(jaw=0.15, width=0.1),
    "RR": Mouth(jaw=0.2, width=-0.2, round=0.35),
    "aa": Mouth(jaw=0.85, width=0.1),
    "E": Mouth(jaw=0.45, width=0.5),
    "I": Mouth(jaw=0.2, width=0.75),
    "O": Mouth(jaw=0.5, width=-0.4, round=0.7),
    "U": Mouth(jaw=0.2, width=-0.7, round=1.0),
}
CLOSURES: Final[frozenset[Viseme]] = frozenset({"PP", "FF"})
"""Eyes miss these first: they are never given up for their neighbours."""


class Shape(NamedTuple):
    """What one sound asks of the mouth."""

    viseme: Viseme
    amount: float = 1.0
    """Share of the viseme's full shape: a schwa opens half as far as an e."""
    vowel: bool = False


_VOWEL_ROWS: Final[tuple[tuple[Viseme, float, str], ...]] = (
        ("aa", 1.0, "a ɑ ɒ"), ("aa", 0.8, "æ"), ("aa", 0.65, "ʌ ɐ ɶ"), ("E", 1.0, "e ɛ"), ("E", 0.55, "ə ɘ ɤ"),
        ("I", 1.0, "i"), ("I", 0.8, "ɪ ᵻ ɨ"), ("I", 0.4, "ɯ"), ("O", 1.0, "o ɔ"), ("O", 0.75, "ø œ ɵ ɞ"),
        ("U", 1.0, "u y"), ("U", 0.75, "ʊ ʏ ʉ"), ("RR", 1.0, "ɚ ɝ ɜ"),
        ("SS", 1.0, "i̪"), ("CH", 1.0, "i."),
)  # fmt: skip
_CONSONANT_ROWS: Final[tuple[tuple[Viseme, float, str], ...]] = (
        ("PP", 1.0, "p b m ɓ ʙ"), ("FF", 1.0, "f v ɱ ʋ"), ("FF", 0.4, "β ɸ"), ("TH", 1.0, "θ ð"),
        ("DD", 1.0, "t d ɗ l ɫ ɾ r ɬ ʎ ɭ ʈ ɖ"), ("kk", 1.0, "k g ɡ ŋ x χ ɣ q ʁ ɢ ʀ ɴ"),
        ("CH", 1.0, "tʃ dʒ ʃ ʒ ts. s. ʂ ʐ dʐ ʈʂ"), ("SS", 1.0, "s z ts dz tɕ ɕ dʑ ʑ ç"), ("nn", 1.0, "n ɲ ɳ"),
        ("RR", 1.0, "ɹ ɻ ɽ"), ("U", 0.85, "w ʍ ɥ"), ("I", 0.6, "j ʝ"),
)  # fmt: skip
_SHAPES: Final = {symbol: Shape(viseme, amount, rows is _VOWEL_ROWS)
                  for rows in (_VOWEL_ROWS, _CONSONANT_ROWS) for viseme, amount, symbols in rows
                  for symbol in unicodedata.normalize("NFD", symbols).split()}  # fmt: skip
_TIES: Final = {0x361: None, 0x35C: None}
_LONGEST: Final = max(map(len, _SHAPES))


def shapes(ipa: str) -> list[Shape]:
    """The shapes of one phoneme in order: a diphthong has two. "" is silence; breathed and glottal sounds have none."""
    if not ipa or ipa.strip("_|: ") == "":
        return [Shape("sil")]
    text = unicodedata.normalize("NFD", ipa).translate(_TIES)
    found: list[Shape] = []
    i = 0
    while i < len(text):
        for length in range(min(_LONGEST, len(text) - i), 0, -1):
            shape = _SHAPES.get(text[i : i + length])
            if shape is not None:
                found.append(shape)
                i += length
                break
        else:
            i += 1  # length, tone, tie and other diacritics; sounds made behind the lips
    return found
