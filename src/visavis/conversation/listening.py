"""The visitor's microphone -> turns: voice activity, endpointing, recognition while the visitor speaks."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Protocol

from visavis.conversation.endpointing import Began, Confirmed, Decision, Ended, Endpointing, FalseStart, Rules
from visavis.core.clock import Clock
from visavis.core.errors import ProviderTimeout
from visavis.core.events import SpeechRecognized
from visavis.core.jobs import TalkContext
from visavis.core.media import Sound
from visavis.core.ports import Asr, Link, Vad
from visavis.core.streams import leaving
from visavis.core.text import Transcript

_PRE_ROLL = 0.4
"""Seconds before a beginning was noticed that the recogniser hears too: detectors are 60 to 100 ms late, and first
consonants are quiet."""
_STALLED = 1.0
"""Seconds without any sound (a suspended tab, a lost network) that end a turn like a closed microphone."""
_PATIENCE = 15.0
"""Seconds a recogniser may take after the end of a turn."""

Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Floor(Protocol):
    """Who else may speak. Called in the order of what happens."""

    @property
    def taken(self) -> bool:
        """She speaks and may not be interrupted by voice."""
        ...

    async def speech_began(self) -> None: ...
    async def speech_was_none(self) -> None: ...
    async def speech_confirmed(self) -> None: ...
    async def speech_ended(self) -> None: ...

    async def turn_heard(self, chat_id: str, text: str, voice: float) -> None:
        """The final text; "" = nothing understood. `voice`: Clock time of the last sound of the voice."""
        ...

    async def turn_lost(self, error: Exception) -> None:
        """The recogniser failed."""
        ...


class _Turn:
    def __init__(self, pre_roll: Sequence[Sound]) -> None:
        self.chat_id = uuid.uuid4().hex
        self.voice = 0.0
        self.task: asyncio.Task[None] | None = None
        self.limit: asyncio.Timeout | None = None
        self.closed = False
        self.text: str | None = None
        """What was understood in the end; None = not known yet."""
        self.error: Exception | None = None
        self._sounds: asyncio.Queue[Sound | None] = asyncio.Queue()
        for sound in pre_roll:
            self.hear(sound)

    def hear(self, sound: Sound) -> None:
        self._sounds.put_nowait(sound)

    def close(self, voice: float, patience: float) -> None:
        """No sound follows; from now on the recogniser is waited for."""
        self.voice = voice
        self.closed = True
        self._sounds.put_nowait(None)
        if self.limit is not None:
            self.limit.reschedule(asyncio.get_running_loop().time() + patience)

    async def speech(self) -> AsyncIterator[Sound]:
        while (sound := await self._sounds.get()) is not None:
            yield sound


class Listening:
    def __init__(
        self,
        vad: Vad,
        asr: Asr,
        link: Link,
        clock: Clock,
        floor: Floor,
        spawn: Spawn,
        *,
        talk: TalkContext,
        tail_silence: float,
        hints: Sequence[str] = (),
        patience: float = _PATIENCE,
    ) -> None:
        self._vad = vad.stream()
        self._asr = asr
        self._link = link
        self._clock = clock
        self._floor = floor
        self._spawn = spawn
        self._talk = talk
        self._hints = hints
        self._patience = patience
        self._endpointing = Endpointing(Rules.after(tail_silence))
        self._recent: deque[Sound] = deque()
        """The sound before now, for the pre-roll; all of it since a beginning."""
        self._open = True
        self._turn: _Turn | None = None
        self._pending: list[_Turn] = []
        """Turns not answered yet, oldest first, the present one last. They make one question: who goes on speaking
        before the text of the former turn is there has not finished."""
        self._last = 0.0

    @property
    def talking(self) -> bool:
        """The visitor speaks."""
        return self._turn is not None

    @property
    def recognising(self) -> bool:
        """The visitor has spoken, the text is still to come."""
        return bool(self._pending)

    async def run(self) -> None:
        async with leaving(self._link.hear()) as sounds:
            async for sound in sounds:
                await self._hear(sound)

    async def microphone(self, *, is_open: bool) -> None:
        """Closing it ends a turn at once: so does a push-to-talk button."""
        self._open = is_open
        if not is_open:
            await self._close()

    def abandon(self) -> None:
        """Forget what was being said: the visitor typed instead, or is gone."""
        self._endpointing.reset()
        self._recent.clear()
        self._turn = None
        for turn in self._pending:
            if turn.task is not None:
                turn.task.cancel()
        self._pending.clear()

    async def _hear(self, sound: Sound) -> None:
        if not self._open:
            return
        self._last = self._clock.now()
        if self._floor.taken and not self._endpointing.begun:
            self._endpointing.reset()
            self._recent.clear()
            return
        if self._turn is not None:
            self._turn.hear(sound)
        else:
            self._recent.append(sound)
        probability = self._vad.probability(sound)
        await self._follow(self._endpointing.hear(probability, sound.at, sound.duration))
        if not self._endpointing.begun:
            while len(self._recent) * sound.duration > _PRE_ROLL + 1e-6:
                self._recent.popleft()

    async def _follow(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            match decision:
                case Began():
                    self._spawn(self._watch())
                    await self._floor.speech_began()
                case Confirmed():
                    self._turn = turn = _Turn(self._recent)
                    self._recent.clear()
                    self._pending.append(turn)
                    turn.task = self._spawn(self._transcribe(turn))
                    await self._floor.speech_confirmed()
                case FalseStart():
                    await self._floor.speech_was_none()
                case Ended(voice):
                    if self._turn is not None:
                        self._turn.close(voice, self._patience)
                        self._turn = None
                    await self._floor.speech_ended()

    async def _close(self) -> None:
        await self._follow(self._endpointing.finish())
        self._recent.clear()

    async def _watch(self) -> None:
        """A microphone that falls silent without a word would hold the floor for ever."""
        while self._endpointing.begun:
            silent_at = self._last + _STALLED
            await self._clock.sleep_until(silent_at)
            if self._endpointing.begun and self._clock.now() >= self._last + _STALLED:
                await self._close()

    async def _transcribe(self, turn: _Turn) -> None:
        text = ""
        try:
            async with asyncio.timeout(None) as turn.limit:
                if turn.closed:
                    turn.limit.reschedule(asyncio.get_running_loop().time() + self._patience)
                transcripts = self._asr.transcribe(turn.speech(), talk=self._talk, hints=self._hints)
                async with leaving(transcripts) as stream:
                    async for transcript in stream:
                        text = transcript.text
                        await self._tell(turn, transcript)
                        if transcript.final:
                            break
        except TimeoutError:
            turn.error = ProviderTimeout("The recogniser took too long")
        except Exception as error:
            turn.error = error
        turn.text = "" if turn.error else text.strip()
        if self._turn is turn:  # the recogniser gave up before the visitor did
            self._turn = None
            self._endpointing.reset()
        await self._answer()

    async def _tell(self, turn: _Turn, transcript: Transcript) -> None:
        await self._link.tell(SpeechRecognized(chat_id=turn.chat_id, text=transcript.text, is_last=transcript.final))

    async def _answer(self) -> None:
        """As soon as the text of every turn is known."""
        if any(turn.text is None for turn in self._pending):
            return
        turns, self._pending = self._pending, []
        said = " ".join(turn.text for turn in turns if turn.text)
        errors = [turn.error for turn in turns if turn.error]
        if errors and not said:
            await self._floor.turn_lost(errors[-1])
        else:
            await self._floor.turn_heard(turns[-1].chat_id, said, turns[-1].voice or self._clock.now())
