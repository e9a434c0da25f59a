"""Cut an answer into pieces to speak while it is still being written. Pure; no I/O.

Latin, Chinese, Arabic, Hindi and Thai punctuation. The first clause leaves early, at a comma, so that the voice can
start; after that whole sentences leave, because intonation needs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST_CLAUSE = 12.0
"""Least weight of a clause that may leave before its sentence is complete."""
_LONG = 200.0
"""A sentence heavier than this is cut at its best place: a voice should not wait for a page."""
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff60]")
_WORD = re.compile(r"[^\W_]")

_WEAK = "，、；：,;:،؛—–"
_CLOSERS = "\"'”’」』）】》〉)]}»"
_CUT = re.compile(
    rf"(?P<line>\n+)"
    rf"|(?P<strong>[。！？؟۔।]|…+|[.!?．]+)[。！？!?؟…]*[{re.escape(_CLOSERS)}]*(?P<gap>\s*)"
    rf"|(?P<weak>[{_WEAK}])[{re.escape(_CLOSERS)}]*(?P<pause>\s*)"
    r"|(?<=[\u0e00-\u0e7f])(?P<thai> +)(?=[\u0e00-\u0e7f])"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘¿¡])(?:[A-Za-zÀ-ÿ]|(?:[A-Za-z]\.)+[A-Za-z]|\d{1,2}|"
    r"Mr|Mrs|Ms|Dr|Prof|St|Sr|Sra|Srta|Jr|Mme|Mlle|Av|Ave|Rd|Ltd|Inc|Co|Corp|No|Nr|Fig|Tel|Ext|Vol|pp|vs|approx|ca|"
    r"cf|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Ud|Uds|núm|pág|Dra|Exmo)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    """With its punctuation and white space: pieces joined are the answer."""
    ends: bool
    """A sentence ends here; else more of it follows."""


class Splitter:
    """One answer. `write` what the brain writes, speak the pieces that come out, then `finish`."""

    def __init__(self) -> None:
        self._text = ""
        self._first = True

    def write(self, text: str) -> list[Piece]:
        self._text += text
        pieces = []
        while piece := self._cut():
            pieces.append(piece)
        return pieces

    def finish(self) -> list[Piece]:
        """What is left, if there is a word in it."""
        pieces = self.write("\n")
        rest, self._text = self._text.removesuffix("\n"), ""
        if _WORD.search(rest):
            pieces.append(Piece(rest, True))
        elif pieces:
            last = pieces[-1]
            pieces[-1] = Piece(last.text.removesuffix("\n"), last.ends)
        return pieces

    def _cut(self) -> Piece | None:
        best = 0
        for found in _CUT.finditer(self._text):
            if found.end() == len(self._text) and not (found["line"] or found["gap"] or found["pause"]):
                break  # what follows decides: a closing quote, a decimal, one more point
            clause = self._text[: found.end()]
            if not _WORD.search(clause):
                continue
            if found["line"] or (found["strong"] and self._ends_sentence(found)):
                return self._take(found.end(), True)
            if found["weak"] and not self._separates(found):
                continue
            if found["strong"]:
                continue
            heavy = weight(clause)
            if self._first and heavy >= _FIRST_CLAUSE:
                return self._take(found.end(), False)
            if heavy <= _LONG:
                best = found.end()
        if weight(self._text) > _LONG:
            return self._take(best or self._space() or len(self._text), False)
        return None

    def _ends_sentence(self, found: re.Match[str]) -> bool:
        mark = found["strong"]
        if mark[0] not in ".!?．":
            return mark[0] != "…" or bool(found["gap"]) or bool(_WIDE.match(self._text, found.end()))
        following = self._text[found.end() : found.end() + 1]
        if not found["gap"] and not _WIDE.match(following):
            return False
        if mark != ".":
            return True
        before = self._text[: found.start()]
        if re.search(r"(?:^|\n)\s*\d{1,2}$", before):
            return False  # "1. First, ..."
        if re.search(r"\s\d+$", before):
            return True  # "... in 25. Next": a number ends a sentence more often than it is an ordinal
        return not _ABBREVIATION.search(before)

    def _separates(self, found: re.Match[str]) -> bool:
        """A comma in "1,000" or a colon in "10:30" does not; nor a dash in "9–17"."""
        return found["weak"] in "，、；：،؛" or bool(found["pause"])

    def _space(self) -> int:
        """Behind the last space that keeps the piece light enough; 0 if there is none."""
        best = 0
        for found in re.finditer(r"\s+", self._text):
            if weight(self._text[: found.start()]) > _LONG:
                break
            best = found.end()
        return best

    def _take(self, end: int, ends: bool) -> Piece:
        piece, self._text = Piece(self._text[:end], ends), self._text[end:]
        self._first = False
        return piece


def weight(text: str) -> float:
    """How long it takes to say, in Latin letters."""
    wide = len(_WIDE.findall(text))
    return len(text.strip()) + 2.0 * wide
