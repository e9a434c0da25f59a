"""JSON bodies, read after the door: whoever has no credential learns nothing about them."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError

from visavis.core.errors import InvalidParameter


def fault_of(errors: list[Any]) -> str:
    """The first fault of a validation, as `field: what is wrong`."""
    first = errors[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    what = str(first["msg"]).removeprefix("Value error, ")
    what = what[:1].lower() + what[1:]
    return f"{where}: {what}" if where else what


def json_body(shape: Any, *, optional: bool = False) -> Any:
    """The dependency of a body: `body: Annotated[Shape, json_body(Shape)]`, placed after `caller`.

    `optional`: no body, `null` and `{}` all mean an empty one. The content type is not looked at: the signature covers
    the bytes, and the contract has JSON only. Raises InvalidParameter.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(shape)

    async def parse(request: Request) -> Any:
        raw = await request.body()
        if optional and raw.strip() in (b"", b"null"):
            raw = b"{}"
        try:
            return adapter.validate_json(raw)
        except ValidationError as error:
            raise InvalidParameter(fault_of(error.errors(include_url=False, include_input=False))) from None

    return Depends(parse)
