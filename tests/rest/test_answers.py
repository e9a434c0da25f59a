"""Times and absent values."""

from __future__ import annotations

import pytest

from visavis.core.errors import InvalidParameter
from visavis.rest.answers import pick, present, rfc3339, unix


def test_absent_values_are_left_out_and_false_ones_are_not() -> None:
    assert present(a=None, b=0, c="", d=False, e=[]) == {"b": 0, "c": "", "d": False, "e": []}
    assert pick({"a": 1, "b": None}, "a", "b", "c") == {"a": 1}


def test_times_are_written_as_the_contract_does() -> None:
    assert rfc3339(1669791595.987) == "2022-11-30T06:59:55Z"
    assert rfc3339(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "2022-11-30T06:59:55Z",
        "2022-11-30T06:59:55.000Z",
        "2022-11-30T14:59:55+08:00",
        "2022-11-30t06:59:55z",
        "2022-11-30T14:59:55 08:00",
    ],
)
def test_times_are_read_as_rfc_3339(text: str) -> None:
    assert unix(text, "start_time") == 1669791595.0


@pytest.mark.parametrize(
    "text", ["", "now", "2022-11-30", "2022-11-30T06:59:55", "1669791595", "2022-13-30T06:59:55Z", "20221130T065955Z"]
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="start_time must be an RFC 3339 time"):
        unix(text, "start_time")
