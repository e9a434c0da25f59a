"""What was said in a talk, as far as it was heard."""

from __future__ import annotations

from typing import Literal

from visavis.core.text import Message

_KEPT = 200
"""Messages kept for a visitor who comes back; a talk may last for days."""


class History:
    def __init__(self, rounds: int) -> None:
        """rounds: questions, with their answers, that the brain sees."""
        self._rounds = max(1, rounds)
        self._messages: list[Message] = []

    def ask(self, text: str) -> None:
        self._add(Message("user", text))

    def answer(self, heard: str) -> None:
        """The answer as far as it was heard; nothing heard leaves no trace."""
        if heard:
            self._add(Message("assistant", heard))

    def messages(self) -> tuple[Message, ...]:
        """The last rounds, the present question last."""
        questions = [n for n, m in enumerate(self._messages) if m.role == "user"]
        return tuple(self._messages[questions[-self._rounds :][0] :]) if questions else ()

    def transcript(self) -> tuple[tuple[Literal["user", "assistant"], str], ...]:
        return tuple((m.role, m.text) for m in self._messages if m.role != "system")

    def _add(self, message: Message) -> None:
        self._messages.append(message)
        del self._messages[:-_KEPT]
