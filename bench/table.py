"""Rows of the result table: paired rounds in, medians, quartiles and ratios out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of one side or of the ratio."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Raises ValueError for no values."""
        if not values:
            raise ValueError("a figure needs at least one round")
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. Round i of ours was measured next to round i of the peer; a limit is one value for all rounds."""

    figure: str
    unit: str
    ours: tuple[float, ...]
    peer_name: str
    peer: tuple[float, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if not self.ours or len(self.peer) not in (1, len(self.ours)):
            raise ValueError(f"{self.figure}: {len(self.ours)} rounds of ours, {len(self.peer)} of {self.peer_name}")

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours to the peer, round by round. Infinite where the peer is zero and we are not."""
        peers = self.peer * len(self.ours) if len(self.peer) == 1 else self.peer
        return tuple(_ratio(a, b) for a, b in zip(self.ours, peers, strict=True))

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "unit": self.unit,
            "peer_name": self.peer_name,
            "ours": list(self.ours),
            "peer": list(self.peer),
            "ours_median": Spread.of(self.ours).median,
            "peer_median": Spread.of(self.peer).median,
            "ratio": Spread.of(self.ratios).median,
            "n": len(self.ours),
            "note": self.note,
        }


def _ratio(ours: float, peer: float) -> float:
    if peer == 0:
        return 1.0 if ours == 0 else float("inf")
    return ours / peer


_HEAD = ("figure", "ours", "peer or limit", "", "ratio", "n")


def render(rows: Sequence[Row]) -> str:
    """The table as text: medians, with the quartiles in brackets; below it what has to be said of a row."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(_HEAD))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in cells]
    notes = [f"{row.figure} / {row.peer_name}: {row.note}" for row in rows if row.note]
    return "\n".join((lines[0], "-" * max(map(len, lines)), *lines[1:], "", *notes))


def _cells(row: Row) -> tuple[str, ...]:
    limit = len(row.peer) == 1 and len(row.ours) > 1
    peer = f"{_short(row.peer[0])} {row.unit}" if limit else _with_spread(row.peer, row.unit)
    return (
        row.figure,
        _with_spread(row.ours, row.unit),
        peer,
        row.peer_name,
        _with_spread(row.ratios, ""),
        str(len(row.ours)),
    )


def _with_spread(values: Sequence[float], unit: str) -> str:
    spread = Spread.of(values)
    tail = f" {unit}" if unit else ""
    if len(values) == 1:
        return f"{_short(spread.median)}{tail}"
    return f"{_short(spread.median)}{tail} ({_short(spread.low)}–{_short(spread.high)})"


def _short(value: float) -> str:
    """Three digits that matter."""
    if value != value or abs(value) == float("inf"):
        return "∞" if value > 0 else str(value)
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
