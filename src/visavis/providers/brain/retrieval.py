"""Finds the entry that a question asks for, or none.

SQLite FTS5 (BM25) over our own tokens picks candidates among all wordings; each is then judged by how much of the
question it covers and how much of it the question covers, rare words counting more. Words unknown here look for near
spellings (typing, recogniser), and speak against every candidate when there are none.
"""

from __future__ import annotations

import itertools
import math
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from visavis.core.knowledge import Entry
from visavis.providers.brain.tokens import tokens

_CANDIDATES = 40
_NEAR = 0.78
"""Least similarity (difflib ratio) of a near spelling."""
_ELSEWHERE = 0.8
"""Worth of a word that stands in another wording of the same entry."""
_IN_ANSWER = 0.45
_FOREIGN = 1.25
"""Weight of a word unknown here against the rarest known one."""
_QUERY_SHARE = 0.6
"""Weight of "the question is covered" against "the wording is covered"."""


@dataclass(frozen=True, slots=True)
class Match:
    entry: Entry
    score: float
    """0 .. 1 (the same wording)."""


@dataclass(frozen=True, slots=True)
class _Wording:
    entry: int
    weights: Mapping[str, float]


class Index:
    """The entries of one language. Read-only after construction; any thread may ask."""

    def __init__(self, entries: Iterable[Entry], language: str) -> None:
        self._language = language
        self._entries = [entry for entry in entries if entry.language == language]
        self._wordings: list[_Wording] = []
        self._all: list[set[str]] = []
        self._answers: list[frozenset[str]] = []
        frequency: Counter[str] = Counter()
        for number, entry in enumerate(self._entries):
            wordings = [tokens(question, language) for question in entry.questions]
            self._wordings += [_Wording(number, wording) for wording in wordings if wording]
            self._all.append(set().union(*wordings))
            self._answers.append(frozenset(tokens(entry.answer, language)))
            frequency.update(self._all[-1])
        self._ids = {token: f"t{n}" for n, token in enumerate(frequency)}
        """FTS5 sees numbers: no script meets its tokeniser."""
        self._rarity = {token: self._idf(count) for token, count in frequency.items()}
        self._unknown = _FOREIGN * self._idf(1)
        self._pairs: dict[str, set[str]] = defaultdict(set)
        for token in frequency:
            for pair in _pairs(token):
                self._pairs[pair].add(token)
        self._reading = threading.Lock()
        """A connection serves one thread at a time; an asker that was cancelled may still be reading."""
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute("CREATE VIRTUAL TABLE wording USING fts5(tokens, content='')")
        self._db.executemany(
            "INSERT INTO wording(rowid, tokens) VALUES (?, ?)",
            ((n, " ".join(self._ids[t] for t in w.weights)) for n, w in enumerate(self._wordings)),
        )

    def close(self) -> None:
        with self._reading:
            self._db.close()

    def best(self, question: str) -> Match | None:
        """The entry closest to the question, however far; None where they have nothing in common."""
        asked = tokens(question, self._language)
        near = {token: self._near(token) for token in asked}
        wanted = {known for found in near.values() for known in found}
        # Two words of the question that are one here: "rest room", "wi fi".
        words = list(asked)
        for left, right in itertools.pairwise(words):
            if left + right in self._ids and left not in self._ids:
                near[left] = near[right] = {left + right: 1.0}
                wanted.add(left + right)
        if not wanted:
            return None
        query = " OR ".join(self._ids[token] for token in sorted(wanted))
        with self._reading:
            rows = self._db.execute(
                "SELECT rowid FROM wording WHERE wording MATCH ? ORDER BY bm25(wording) LIMIT ?", (query, _CANDIDATES)
            ).fetchall()
        scored = [(self._score(asked, near, self._wordings[row[0]]), -row[0]) for row in rows]
        score, row = max(scored)
        return Match(self._entries[self._wordings[-row].entry], score)

    def _score(self, asked: Mapping[str, float], near: Mapping[str, Mapping[str, float]], wording: _Wording) -> float:
        everywhere, answer = self._all[wording.entry], self._answers[wording.entry]
        of_question = total = 0.0
        met: dict[str, float] = {}
        for token, weight in asked.items():
            weight *= self._rarity.get(token, self._unknown)
            total += weight
            here = elsewhere = 0.0
            for known, likeness in near[token].items():
                if known in wording.weights:
                    here = max(here, likeness)
                    met[known] = max(met.get(known, 0.0), likeness)
                elif known in everywhere:
                    elsewhere = max(elsewhere, likeness * _ELSEWHERE)
            of_question += weight * max(here, elsewhere, _IN_ANSWER if token in answer else 0.0)
        all_of_it = sum(w * self._rarity[t] for t, w in wording.weights.items())
        of_wording = sum(wording.weights[t] * self._rarity[t] * likeness for t, likeness in met.items())
        if not total or not all_of_it:
            return 0.0
        return _QUERY_SHARE * of_question / total + (1 - _QUERY_SHARE) * of_wording / all_of_it

    def _idf(self, count: int) -> float:
        """Rarity among entries; never 0, also in a knowledge base of one entry."""
        return math.log(1.0 + (len(self._entries) + 1.0) / count)

    def _near(self, token: str) -> dict[str, float]:
        """Known tokens this one stands for, with their likeness."""
        if token in self._ids:
            return {token: 1.0}
        if len(token) < 4 or token[0] == "=":
            return {}
        shared = Counter(known for pair in _pairs(token) for known in self._pairs.get(pair, ()))
        found: dict[str, float] = {}
        for known, _ in shared.most_common(20):
            if len(known) >= 4 and known[0] != "=":
                likeness = SequenceMatcher(None, token, known, False).ratio()
                if likeness >= _NEAR:
                    found[known] = likeness
        return found


def _pairs(token: str) -> set[str]:
    return {token[i : i + 2] for i in range(len(token) - 1)}
