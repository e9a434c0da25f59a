"""One reply: what is known of it while it is thought, spoken and heard."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from visavis.conversation.script import Position, Script
from visavis.conversation.timing import Times
from visavis.core.jobs import TalkContext


@dataclass(slots=True, eq=False)
class Reply:
    number: int
    """Counts from 1 in the talk; on each of its sounds."""
    chat_id: str
    talk: TalkContext
    """With the reply's language."""
    times: Times | None = None
    script: Script = field(default_factory=Script)
    answer: str = ""
    """What the brain wrote so far."""
    apology: int | None = None
    """Where in the script an apology begins: not the brain's words, so not the history's."""
    seconds: float = 0.0
    """Its sound heard so far."""
    audible: bool = False
    """Some of it went out."""
    shown: Position | None = None
    """The subtitle last told."""
    task: asyncio.Task[None] | None = None

    @property
    def heard(self) -> str:
        return self.script.heard(self.seconds)

    @property
    def memorable(self) -> str:
        """Heard words that belong into the history."""
        return self.script.text[: self.script.said(self.seconds)][: self.apology].strip()
