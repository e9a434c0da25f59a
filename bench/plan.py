"""How much is measured: set by the command line, read by every bench."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int = 7
    """How often each side takes its turn."""
    scale: float = 1.0
    """Multiplies the length of measuring windows: a smoke test makes them short."""
    talks: int = 4
    """Most talks at once where talks are added."""
    pipecat: bool = False
    """Measure Pipecat too."""

    def seconds(self, usual: float) -> float:
        return usual * self.scale
