"""Published knowledge: an immutable JSON file named by its digest. The worker builds its index from it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Entry(BaseModel):
    """One answer and the ways people ask for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    """Contract code: CN, EN, ..."""
    questions: tuple[str, ...] = Field(min_length=1)
    answer: str = Field(min_length=1)


class Knowledge(BaseModel):
    """All a knowledge base knows, in every language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    entries: tuple[Entry, ...]

    @staticmethod
    def read(path: Path) -> Knowledge:
        return Knowledge.model_validate_json(path.read_bytes())

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the encoded file, lower-case hex."""
        return hashlib.sha256(self.encode()).hexdigest()
