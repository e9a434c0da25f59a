"""What is said, as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser understood so far. Each one replaces the former."""

    text: str
    final: bool
    confidence: float | None = None
    """0..1 where the recogniser tells."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer, to be appended."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """JSON schema of the arguments."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How she sounds. Numbers as in the contract's voice_config."""

    name: str
    """Provider's own name, e.g. "en-us"."""
    language: str = "EN"
    speed: int = 100
    """50 half .. 200 double."""
    pitch: int = 100
    """50..200."""
    volume: int = 140
    """90..240, 140 = as recorded."""
