"""A link in memory, for tests and for talks without sound and picture.

It keeps real time on its clock: a moment handed over is due 40 ms after the former one, and waits in a small
play-out buffer until then. Everything is recorded with its time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from visavis.core.clock import Clock
from visavis.core.events import ClientMessage, Event, Notice, PeerJoined, PeerLeft
from visavis.core.jobs import Answer, Peer
from visavis.core.media import MOMENT_S, Moment, Sound

_STEP = 0.02
_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Played:
    at: float
    """Clock time at which the moment begins to be heard and seen."""
    moment: Moment


@dataclass(frozen=True, slots=True)
class Told:
    at: float
    event: Event


class Loopback:
    """A room in memory. `peer` makes visitors."""

    def __init__(
        self, clock: Clock, *, buffer: float = 2 * MOMENT_S, watched: bool = False, keep: int = 90_000
    ) -> None:
        """buffer: seconds of play-out buffer. watched: pictures are wanted. keep: moments and events recorded."""
        self._clock = clock
        self._buffer = buffer
        self._watched = watched
        self._due: float | None = None
        self._mouth: deque[Sound] = deque()
        self._notices: asyncio.Queue[Notice] = asyncio.Queue()
        self._attached: dict[str, Peer] = {}
        self._present = asyncio.Event()
        self._sessions = 0
        self.played: deque[Played] = deque(maxlen=keep)
        self.told: deque[Told] = deque(maxlen=keep)
        self.closed = False

    def peer(self, user_id: str = "visitor", user_type: Literal["END_USER", "PLAYER"] = "END_USER") -> LoopbackPeer:
        return LoopbackPeer(self, Peer(user_type=user_type, user_id=user_id, transport="loopback"))

    @property
    def speech_waiting(self) -> float:
        """Seconds of the visitor's speech not heard yet."""
        return len(self._mouth) * _STEP

    # ---- Link

    async def attach(self, peer: Peer) -> Answer:
        for session, other in tuple(self._attached.items()):
            if other.user_id == peer.user_id:
                del self._attached[session]
        self._sessions += 1
        session = f"loopback-{self._sessions}"
        self._attached[session] = peer
        self._present.set()
        self._notices.put_nowait(PeerJoined(user_id=peer.user_id, user_type=peer.user_type))
        return Answer(sdp="", session=session)

    async def detach(self, session: str) -> None:
        self._leave(session, hung_up=True)

    def lose(self, session: str) -> None:
        """The connection broke; the peer may come back."""
        self._leave(session, hung_up=False)

    async def hear(self) -> AsyncIterator[Sound]:
        while True:
            await self._present.wait()
            due = self._clock.now()
            while self._present.is_set():
                due += _STEP
                await self._clock.sleep_until(due)
                sound = self._mouth.popleft() if self._mouth else Sound.silence(_STEP, _RATE)
                yield replace(sound, at=due - _STEP)

    async def notices(self) -> AsyncIterator[Notice]:
        while True:
            yield await self._notices.get()

    @property
    def watched(self) -> bool:
        return self._watched and bool(self._attached)

    async def show(self, moment: Moment) -> None:
        now = self._clock.now()
        due = now + self._buffer if self._due is None or self._due < now else self._due
        self._due = due + MOMENT_S
        self.played.append(Played(due, moment))
        await self._clock.sleep_until(due - self._buffer + MOMENT_S)

    async def tell(self, event: Event) -> None:
        self.told.append(Told(self._clock.now(), event))

    async def hush(self) -> float:
        now = self._clock.now()
        dropped = 0.0
        for index in range(len(self.played) - 1, -1, -1):
            entry = self.played[index]
            if entry.at <= now:
                break
            if entry.moment.sound.reply:
                silence = Sound.silence(MOMENT_S, entry.moment.sound.rate)
                self.played[index] = replace(entry, moment=Moment(silence, entry.moment.face, entry.moment.picture))
                dropped += MOMENT_S
        return dropped

    async def close(self) -> None:
        self.closed = True
        self._attached.clear()
        self._present.clear()

    # ---- the peers' side

    def speak(self, sounds: Iterable[Sound]) -> None:
        """Behind what is being said already. Sounds of 20 ms at 16 kHz."""
        for sound in sounds:
            if sound.rate != _RATE or len(sound.pcm) != 2 * round(_STEP * _RATE):
                raise ValueError("a loopback peer speaks sounds of 20 ms at 16 kHz")
            self._mouth.append(sound)

    def send(self, message: ClientMessage) -> None:
        self._notices.put_nowait(message)

    def _leave(self, session: str, *, hung_up: bool) -> None:
        peer = self._attached.pop(session, None)
        if peer is None:
            return
        if not any(p.user_type == "END_USER" for p in self._attached.values()):
            self._present.clear()
            self._mouth.clear()
        self._notices.put_nowait(PeerLeft(user_id=peer.user_id, user_type=peer.user_type, hung_up=hung_up))


class LoopbackPeer:
    """One visitor (or viewer) of a loopback room."""

    def __init__(self, link: Loopback, peer: Peer) -> None:
        self._link = link
        self._peer = peer
        self._session = ""

    async def join(self) -> None:
        self._session = (await self._link.attach(self._peer)).session

    async def hang_up(self) -> None:
        await self._link.detach(self._session)

    def lose(self) -> None:
        self._link.lose(self._session)

    def speak(self, sounds: Iterable[Sound]) -> None:
        self._link.speak(sounds)

    def send(self, message: ClientMessage) -> None:
        self._link.send(message)
