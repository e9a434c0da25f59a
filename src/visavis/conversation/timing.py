"""One row of times per turn."""

from __future__ import annotations

from visavis.core.clock import Clock
from visavis.core.events import Timing


class Times:
    """Each step counts once, in milliseconds after the visitor's last sound (or the arrival of a typed question)."""

    def __init__(self, chat_id: str, clock: Clock, zero: float | None = None) -> None:
        self._chat_id = chat_id
        self._clock = clock
        self._zero = clock.now() if zero is None else zero
        self._row: dict[str, float] = {}
        self._told = False

    def final_text(self) -> None:
        self._note("final_text")

    def first_token(self) -> None:
        self._note("first_token")

    def first_sound(self) -> None:
        self._note("first_sound")

    def first_moment(self) -> None:
        self._note("first_moment")

    def event(self) -> Timing | None:
        """The row, once."""
        if self._told:
            return None
        self._told = True
        return Timing(chat_id=self._chat_id, **self._row)

    def _note(self, step: str) -> None:
        self._row.setdefault(step, round(1000 * (self._clock.now() - self._zero), 1))
