"""Answers: plain dictionaries typed by TypedDicts, written once with orjson; absent values are left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.responses import Response

from visavis.core.errors import InvalidParameter


class Answer(Response):
    """A JSON answer. Nothing validates it again: its shape is checked by mypy and by the contract tests."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return orjson.dumps(content)


def present(**fields: Any) -> Any:
    """The fields that have a value: the contract leaves absent ones out. Cast to the endpoint's TypedDict."""
    return {name: value for name, value in fields.items() if value is not None}


def rfc3339(seconds: float | None) -> str | None:
    """Unix seconds as `2022-11-30T06:59:55Z`."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix(text: str | None, name: str) -> float | None:
    """Unix seconds of an RFC 3339 time; `name` is the parameter that an error tells of. Raises InvalidParameter."""
    if text is None:
        return None
    try:
        # A query's "+08:00" that was not percent-encoded arrives with a space.
        moment = datetime.fromisoformat(text[:19].upper() + text[19:].upper().replace(" ", "+"))
        if len(text) < 19 or moment.tzinfo is None:  # Python takes more of ISO 8601 than RFC 3339 allows
            raise ValueError(text)
        return moment.timestamp()
    except (ValueError, OverflowError) as error:
        raise InvalidParameter(f"{name} must be an RFC 3339 time such as 2022-11-30T06:59:55Z") from error


def pick(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These keys of a mapping, where they have a value."""
    return {name: value for name in names if (value := source.get(name)) is not None}
