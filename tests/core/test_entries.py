"""Signed room entries."""

from __future__ import annotations

import pytest

from visavis.core import entries
from visavis.core.errors import EntryExpired, EntryForged

VECTOR = ("rtcapp01", "example-rtc-app-key", "room01", "user01", 1767326645)
SIGNATURE = "9ad80ebd4068b61868acff247dca91f2a9350c30cf28b5b941e451fbb1184def"


def test_signature_matches_the_published_vector() -> None:
    assert entries.sign(*VECTOR) == SIGNATURE


def test_entry_is_good_until_its_ctime() -> None:
    entries.verify(*VECTOR, SIGNATURE, now=VECTOR[4] - 0.001)
    with pytest.raises(EntryExpired):
        entries.verify(*VECTOR, SIGNATURE, now=VECTOR[4])


@pytest.mark.parametrize("field", range(5))
def test_any_changed_value_is_a_forgery(field: int) -> None:
    changed = list(VECTOR)
    changed[field] = VECTOR[4] + 1 if field == 4 else f"{VECTOR[field]}x"
    with pytest.raises(EntryForged):
        entries.verify(*changed, SIGNATURE, now=0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("signature", ["", SIGNATURE.upper(), SIGNATURE[:-1], "é" * 64, "\ud800"])
def test_a_malformed_signature_is_a_forgery(signature: str) -> None:
    with pytest.raises(EntryForged):
        entries.verify(*VECTOR, signature, now=0.0)


def test_a_forged_and_expired_entry_is_called_forged() -> None:
    with pytest.raises(EntryForged):
        entries.verify(*VECTOR, "0" * 64, now=VECTOR[4] + 10)
