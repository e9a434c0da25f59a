"""The arithmetic of the result table."""

from __future__ import annotations

import math

import pytest
from bench.table import Row, Spread, render


def test_a_spread_is_median_and_quartiles() -> None:
    assert Spread.of([4.0, 1.0, 3.0, 2.0, 5.0]) == Spread(3.0, 2.0, 4.0)
    assert Spread.of([7.0]) == Spread(7.0, 7.0, 7.0)
    assert Spread.of([1.0, 2.0]) == Spread(1.5, 1.25, 1.75)
    with pytest.raises(ValueError, match="at least one round"):
        Spread.of([])


def test_ratios_are_taken_round_by_round() -> None:
    """Not median by median: both sides of a round saw the same machine."""
    row = Row("reply", "ms", (10.0, 40.0, 90.0), "peer", (20.0, 40.0, 30.0))
    assert row.ratios == (0.5, 1.0, 3.0)
    assert row.as_json()["ratio"] == 1.0
    assert row.as_json()["ours_median"] / row.as_json()["peer_median"] == pytest.approx(4 / 3)


def test_a_limit_is_one_value_for_all_rounds() -> None:
    row = Row("offset", "ms", (6.0, 12.0), "limit", (60.0,))
    assert row.ratios == (0.1, 0.2)
    assert Row("offset", "ms", (-10.0,), "limit", (-40.0,)).ratios == (0.25,)


def test_a_peer_of_zero_gives_no_false_figure() -> None:
    assert Row("x", "", (0.0, 1.0), "peer", (0.0, 0.0)).ratios == (1.0, math.inf)


@pytest.mark.parametrize(("ours", "peer"), [((), (1.0,)), ((1.0, 2.0, 3.0), (1.0, 2.0)), ((1.0,), ())])
def test_rounds_that_do_not_pair_are_refused(ours: tuple[float, ...], peer: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rounds of ours"):
        Row("x", "ms", ours, "peer", peer)


def test_the_table_shows_both_sides_the_ratio_and_the_count() -> None:
    rows = [
        Row("reply overhead", "ms", (80.0, 100.0, 120.0), "Pipecat", (160.0, 200.0, 240.0), "a note"),
        Row("offset", "ms", (6.04,), "EBU R 37", (60.0,)),
    ]
    text = render(rows)
    reply = next(line for line in text.splitlines() if line.startswith("reply overhead"))
    assert reply.split("  ")[0] == "reply overhead"
    assert "100 ms (90.0–110)" in reply
    assert "200 ms (180–220)" in reply
    assert reply.endswith("0.50 (0.50–0.50)  3")
    assert "6.04 ms" in text
    assert text.endswith("reply overhead / Pipecat: a note")
