"""What tasks need of the talking side. The composition root hands it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from visavis.core.jobs import Command, Limits, Reply


class Box(Protocol):
    def admit(self) -> None:
        """May one more task start? Called while the room's quota is held, so it must be quick. Raises BoxFull."""
        ...


class Talks(Protocol):
    async def send(self, job_id: str, command: Command) -> Reply:
        """Hand a command to the talk, wherever it runs. Raises JobUnknown, WorkerLost."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What the installation's settings say about tasks."""

    endpoint: str
    """URL clients reach this server at."""
    limits: Limits = field(default_factory=Limits)
    """`mute` comes from the room."""
    entry_validity: int = 7200
    """Seconds."""
    force_hub: bool = False
    """Write HUB where the seeds write Hub."""


Wake = Callable[[], None]
"""Called after a task was written down: the dispatcher need not wait for its next poll."""
