"""A small trigram model of what visitors of one application say. Pure.

Back-off model with absolute discounting (Ney, Essen, Kneser 1994) in the ARPA format that PocketSphinx reads.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|\d+")
_DISCOUNT = 0.3
_QUESTION_WEIGHT = 3
"""Times a question counts, against a hot word in a carrier phrase."""
_CARRIERS = (
    "{}", "what is {}", "who is {}", "where is {}", "tell me about {}", "what can {} do", "how does {} work",
    "i want {}", "do you know {}", "how much is {}", "i have a question about {}",
)  # fmt: skip
"""Ways to ask for a hot word that no question of the application contains."""

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

Gram = tuple[str, ...]


def words(text: str) -> list[str]:
    """Spoken words as spelled, accents folded, numbers written out: "Sara's 21 phones" -> Sara's twenty one phones."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    found: list[str] = []
    for token in _TOKEN.findall(plain):
        found += number(int(token)) if token.isdigit() else [token.replace("’", "'")]
    return found


def number(n: int) -> list[str]:
    """English words of a number; digits one by one from a million on."""
    if n < 20:
        return [_ONES[n]]
    if n < 100:
        return [_TENS[n // 10 - 2], *([_ONES[n % 10]] if n % 10 else [])]
    if n < 1000:
        return [_ONES[n // 100], "hundred", *(number(n % 100) if n % 100 else [])]
    if n < 1_000_000:
        return [*number(n // 1000), "thousand", *(number(n % 1000) if n % 1000 else [])]
    return [_ONES[int(digit)] for digit in str(n)]


def sentences(questions: Iterable[str], hot_words: Iterable[str]) -> list[list[str]]:
    """What the model learns: the questions, and the hot words in what people commonly say around them."""
    learnt = [found for q in questions if (found := words(q))] * _QUESTION_WEIGHT
    for hot in hot_words:
        if found := words(hot):
            learnt += [words(carrier.format(" ".join(found))) for carrier in _CARRIERS]
    return learnt


def arpa(corpus: Sequence[Sequence[str]]) -> str:
    """The model of these sentences (lower-case words) as an ARPA file. At least one sentence."""
    counts: list[Counter[Gram]] = [Counter(), Counter(), Counter()]
    for sentence in corpus:
        padded = ["<s>", *sentence, "</s>"]
        for n in range(3):
            for i in range(len(padded) - n):
                counts[n][tuple(padded[i : i + n + 1])] += 1
    total = sum(c for gram, c in counts[0].items() if gram != ("<s>",))
    probability: dict[Gram, float] = {g: c / total for g, c in counts[0].items() if g != ("<s>",)}
    backoff: dict[Gram, float] = {}
    for n in (1, 2):
        followers: dict[Gram, list[Gram]] = defaultdict(list)
        for gram in counts[n]:
            followers[gram[:-1]].append(gram)
        for history, grams in followers.items():
            seen = sum(counts[n][g] for g in grams)
            lower = sum(probability[g[1:]] for g in grams)
            for gram in grams:
                probability[gram] = (counts[n][gram] - _DISCOUNT) / seen
            free = _DISCOUNT * len(grams) / seen
            # All mass of the shorter history already used: nothing is left to back off to.
            backoff[history] = free / (1 - lower) if lower < 0.999 else 1e-4
    lines = ["\\data\\", *(f"ngram {n + 1}={len(counts[n])}" for n in range(3))]
    for n in range(3):
        lines += ["", f"\\{n + 1}-grams:"]
        for gram in sorted(counts[n]):
            line = f"{_log(probability.get(gram, 0.0))}\t{' '.join(gram)}"
            lines.append(f"{line}\t{_log(backoff.get(gram, 1.0))}" if n < 2 else line)
    return "\n".join([*lines, "", "\\end\\", ""])


def _log(p: float) -> str:
    return f"{math.log10(p):.4f}" if p > 0 else "-99"
