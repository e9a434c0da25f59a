"""One row of the table of providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["vad", "turn", "asr", "brain", "tts", "duplex"]


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    kind: Kind
    name: str
    target: str
    """ "module:Class", imported when first asked for. The class has a nested Pydantic model `Options`."""
    summary: str
    languages: tuple[str, ...] = ()
    """Contract codes; () = any."""
    streaming: bool = True
    """Answers before the input is complete, or piece by piece."""
    packages: tuple[str, ...] = ()
    """Modules that must be importable."""
    check: str = ""
    """ "module:function" that returns "" or what is missing: "model: ...", "account: ..."."""
    licence: str = ""
    """Licence of engine and model, where it is not ours."""
