"""Who is in the room, and the three timers that end a talk by themselves."""

from __future__ import annotations

from collections.abc import Callable

from visavis.core.clock import Clock
from visavis.core.errors import NobodyJoined
from visavis.core.jobs import JobUpdate, Limits, Verdict

NORMAL = Verdict(state="SUCCEED", reason="NORMAL")
MUTE = Verdict(state="SUCCEED", reason="MUTE_TIMEOUT")


class Presence:
    """Counts the visitors. Who only watches (PLAYER) is none.

    Each timer looks again when it wakes instead of being stopped: what happened meanwhile moved its end.
    """

    def __init__(
        self,
        job_id: str,
        limits: Limits,
        clock: Clock,
        report: Callable[[JobUpdate], None],
        finish: Callable[[Verdict], None],
        busy: Callable[[], bool],
    ) -> None:
        """busy: she is answering; then nobody is mute."""
        self._job_id = job_id
        self._limits = limits
        self._clock = clock
        self._report = report
        self._finish = finish
        self._busy = busy
        self._visitors: set[str] = set()
        self._ever = False
        self._gone: float | None = None
        self._word = 0.0

    @property
    def anybody(self) -> bool:
        return bool(self._visitors)

    def joined(self, user_id: str) -> bool:
        """True for the first visitor of the talk."""
        first = not self._ever
        known = user_id in self._visitors
        self._visitors.add(user_id)
        self._ever = True
        self._gone = None
        if first:
            self.word()
        if not known:  # the same user again replaces the former attachment
            self._report(self._update("joined", user_id))
        return first

    def left(self, user_id: str, *, hung_up: bool) -> bool:
        """True when nobody is left. Good-bye ends the talk at once, a lost connection after the grace period."""
        if user_id not in self._visitors:
            if hung_up and self._gone is not None:  # the connection was gone before the good-bye arrived
                self._finish(NORMAL)
            return False
        self._visitors.remove(user_id)
        self._report(self._update("left", user_id))
        if self._visitors:
            return False
        self._gone = self._clock.now()
        if hung_up:
            self._finish(NORMAL)
        return True

    def word(self) -> None:
        """Somebody says something: the mute timer begins anew."""
        self._word = self._clock.now()

    async def expect(self) -> None:
        """Join timer."""
        await self._clock.sleep_until(self._clock.now() + self._limits.join)
        if not self._ever:
            error = NobodyJoined(f"Nobody joined the room within {self._limits.join:g} s")
            self._finish(Verdict(state="FAILED", reason=None, code=error.code, message=error.message))

    async def grace(self) -> None:
        """Grace timer; one for each time that the room is empty."""
        gone = self._gone
        if gone is None:
            return
        await self._clock.sleep_until(gone + self._limits.grace)
        if self._gone == gone:
            self._finish(NORMAL)

    async def mute(self) -> None:
        """Mute timer."""
        while self._limits.mute:
            if self._busy():
                self.word()
            elif self._clock.now() >= self._word + self._limits.mute:
                self._finish(MUTE)
                return
            await self._clock.sleep_until(self._word + self._limits.mute)

    def finished(self, verdict: Verdict) -> JobUpdate:
        update = self._update("finished", "")
        return update.model_copy(update={"verdict": verdict})

    def _update(self, kind: str, user_id: str) -> JobUpdate:
        return JobUpdate.model_validate(
            {"job_id": self._job_id, "kind": kind, "at": self._clock.wall(), "user_id": user_id}
        )
