"""Field types shared by all bodies and queries: what any text and any number must keep to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_TEXT = 65_536
MAX_INT = 2_147_483_647


def _clean(text: str) -> str:
    """No NUL: PostgreSQL can't keep it, and no honest client sends it."""
    if "\0" in text:
        raise ValueError("must not contain the character U+0000")
    return text


def _clean_if_any(text: str | None) -> str | None:
    return text if text is None else _clean(text)


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_clean)]
"""Any text of the contract without a length of its own."""
Int = Annotated[int, Field(ge=-MAX_INT - 1, le=MAX_INT)]
"""An integer of the contract without a range of its own: 32 bits."""
Id = Annotated[str, Field(max_length=256), AfterValidator(_clean)]
"""An identifier; whether it names anything is another question."""

PathId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
Offset = Annotated[int, Query(ge=0, le=MAX_INT)]
Limit = Annotated[int, Query(ge=1, le=100)]
Words = Annotated[
    str | None, Query(max_length=1024), AfterValidator(lambda text: text if text is None else _clean(text))
]
"""An optional text in the query."""


class Body(BaseModel):
    """A request body: strict types (the documented JSON type or nothing), unknown fields ignored.

    Ignored, because the contract's newer clients send fields that an older server does not know.
    """

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)
