"""One talk: owns the tasks, says who has the floor, and ends it with a verdict. Nobody else cancels."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal

from visavis.conversation.listening import Listening
from visavis.conversation.painting import Painting
from visavis.conversation.performing import Performing
from visavis.conversation.presence import NORMAL, Presence
from visavis.conversation.replies import Replies
from visavis.conversation.speaking import Speaking, failure
from visavis.conversation.thinking import Thinking
from visavis.core.clock import Clock
from visavis.core.errors import AvatarFailed, InternalError, InvalidParameter, VisavisError
from visavis.core.events import (
    Ask,
    Failure,
    Interrupt,
    JobFinished,
    Microphone,
    Notice,
    PeerJoined,
    PeerLeft,
    Ready,
    SpeechStarted,
    State,
    Stop,
)
from visavis.core.feed import SpeechFeed
from visavis.core.jobs import JobSpec, JobUpdate, Verdict
from visavis.core.media import Cue
from visavis.core.ports import Asr, Avatar, Brain, Link, Painter, Tts, Vad
from visavis.core.streams import leaving
from visavis.core.text import Voice
from visavis.logs import ids

log = logging.getLogger(__name__)

_LONGEST_QUESTION = 2000
"""Characters of a typed question."""
_FAREWELL = 5.0
"""Seconds that telling the verdict and closing the link may take together."""

Stage = Callable[[], Awaitable[tuple[Avatar, Painter]]]
Mood = Literal["idle", "listening", "thinking", "speaking"]


class _Over(Exception):
    """Takes the task group down when the verdict is there."""


class Conversation:
    """Run once. Providers are shared with other talks; all that belongs to this one lives in here."""

    def __init__(
        self,
        spec: JobSpec,
        *,
        vad: Vad,
        asr: Asr | None,
        brain: Brain,
        voices: Mapping[str, tuple[Tts, Voice]],
        stage: Stage,
        link: Link,
        clock: Clock,
        report: Callable[[JobUpdate], None],
        deaf: str = "",
    ) -> None:
        """voices: by contract language, those of the spec that are at hand.

        stage: makes avatar and painter when the first visitor joins; loads in a thread where that takes long.
        report: told of visitors that come and go and of the verdict; must not block.
        deaf: why there is no `asr`, for the visitor.
        """
        self._spec = spec
        self._vad = vad
        self._asr = asr
        self._deaf = deaf
        self._stage = stage
        self._link = link
        self._clock = clock
        self._report = report
        self._feed = SpeechFeed()
        self._replies = Replies(
            spec,
            thinking=Thinking(brain, link),
            speaking=Speaking(voices, self._feed, link),
            link=link,
            clock=clock,
            spawn=self._spawn,
            changed=self._refresh,
        )
        self._presence = Presence(
            spec.talk.job_id, spec.limits, clock, report, self._finish, lambda: self._replies.present is not None
        )
        self._over: asyncio.Future[Verdict] | None = None
        self._verdict: Verdict | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._performing: Performing | None = None
        self._listening: Listening | None = None
        self._mood: Mood = "idle"

    async def run(self) -> Verdict:
        """Until the talk is over. A cancelled run still reports its verdict and closes the link."""
        talk = self._spec.talk
        with ids(project=talk.project_id, room=talk.room_id, job=talk.job_id):
            self._over = asyncio.get_running_loop().create_future()
            if self._verdict is not None:
                self._over.set_result(self._verdict)
            try:
                verdict = await self._talk(self._over)
            except asyncio.CancelledError:
                await _shielded(self._farewell(self._verdict or NORMAL))
                raise
            await _shielded(self._farewell(verdict))
            return verdict

    async def interrupt(self) -> None:
        """The button, or the API: she stops at once."""
        if self._listening is not None and not self._listening.talking:
            self._forget_speech()
        await self._replies.cut()

    def end(self) -> None:
        """The talk is to end: SUCCEED/NORMAL, unless another verdict was first."""
        self._finish(NORMAL)

    # ---- life

    async def _talk(self, over: asyncio.Future[Verdict]) -> Verdict:
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._spawn(self._presence.expect())
                self._spawn(self._notices())
                await over
                async with asyncio.timeout(_FAREWELL):
                    await self._replies.cut()
                raise _Over
        except* _Over:
            pass
        except* Exception as group:
            log.error("the talk broke", exc_info=group)
            self._finish(_failed(InternalError()))
        finally:
            self._tasks = None
        assert self._verdict is not None
        return self._verdict

    async def _farewell(self, verdict: Verdict) -> None:
        """The world is told before the link closes."""
        reason = (verdict.reason or "NORMAL") if verdict.state == "SUCCEED" else verdict.code
        log.info("talk over: %s %s %s", verdict.state, reason, verdict.message)
        self._report(self._presence.finished(verdict))
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._link.tell(JobFinished(state=verdict.state, reason=reason))
                await self._link.close()
        except Exception:
            log.exception("the link did not close")

    def _finish(self, verdict: Verdict) -> None:
        """The first verdict counts."""
        if self._verdict is None:
            self._verdict = verdict
            if self._over is not None and not self._over.done():
                self._over.set_result(verdict)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._tasks is None:
            work.close()
            raise RuntimeError("the talk is not running")
        return self._tasks.create_task(work, name=getattr(work, "__name__", "").strip("_"))

    # ---- who is there, and what they ask for

    async def _notices(self) -> None:
        async with leaving(self._link.notices()) as notices:
            async for notice in notices:
                await self._notice(notice)

    async def _notice(self, notice: Notice) -> None:
        match notice:
            case PeerJoined(user_id=user_id, user_type=user_type):
                await self._joined(user_id, user_type)
            case PeerLeft(user_id=user_id, user_type=user_type, hung_up=hung_up):
                if user_type == "END_USER" and self._presence.left(user_id, hung_up=hung_up):
                    await self._alone()
            case Ask(text=text):
                await self._typed(text)
            case Interrupt():
                await self.interrupt()
            case Microphone(open=is_open):
                if self._listening is not None:
                    await self._listening.microphone(is_open=is_open)
            case Stop():
                self.end()

    async def _joined(self, user_id: str, user_type: str) -> None:
        first = user_type == "END_USER" and self._presence.joined(user_id)
        if first and not await self._begin():
            return
        await self._link.tell(self._ready())
        if user_type == "END_USER" and self._performing is not None:
            self._performing.resume("alone")
            if self._listening is not None:  # a page that comes back tells again if its microphone is closed
                await self._listening.microphone(is_open=True)
        if first and (welcome := " ".join(self._spec.welcome).strip()):
            await self._replies.welcome(welcome)

    async def _begin(self) -> bool:
        """The first visitor is there: set the stage. Until now the talk cost next to nothing."""
        try:
            avatar, painter = await self._stage()
        except Exception as error:
            log.exception("no avatar")
            cause = error.message if isinstance(error, VisavisError) else "The avatar could not be loaded"
            self._finish(_failed(AvatarFailed(cause)))
            return False
        painting = Painting(painter)
        self._performing = Performing(avatar, painting, self._feed, self._link, self._replies)
        self._replies.perform_on(self._performing)
        self._spawn(self._perform(self._performing, painting))
        self._spawn(self._presence.mute())
        if self._asr is not None:
            self._listening = Listening(
                self._vad,
                self._asr,
                self._link,
                self._clock,
                self,
                self._spawn,
                talk=self._spec.talk,
                tail_silence=self._spec.tail_silence,
                hints=self._spec.hot_words,
            )
            self._spawn(self._listening.run())
        return True

    async def _perform(self, performing: Performing, painting: Painting) -> None:
        try:
            await performing.run()
        except AvatarFailed as error:
            log.error("the avatar failed", exc_info=error)
            self._finish(_failed(error))
        finally:
            painting.close()

    async def _alone(self) -> None:
        """She waits in mid-sentence; who comes back in time hears the rest."""
        self._forget_speech()
        if self._performing is not None:
            await self._performing.hold("alone")
        self._spawn(self._presence.grace())
        await self._refresh()

    def _ready(self) -> Ready:
        return Ready(
            job_id=self._spec.talk.job_id,
            language=self._spec.talk.language,
            listening=self._asr is not None,
            why="" if self._asr is not None else self._deaf,
            history=self._replies.transcript(),
        )

    # ---- what visitors say

    async def _typed(self, text: str) -> None:
        text = text.strip()
        if not text or len(text) > _LONGEST_QUESTION:
            cause = (
                "The question is empty" if not text else f"The question has more than {_LONGEST_QUESTION} characters"
            )
            await self._link.tell(Failure(code=InvalidParameter.code, message=cause))
            return
        if self._performing is None:
            return  # nobody joined yet, so nobody would hear the answer
        self._forget_speech()
        await self._replies.ask(text, uuid.uuid4().hex, self._clock.now())

    def _forget_speech(self) -> None:
        """What the visitor's voice was about is no longer of interest."""
        if self._listening is not None:
            self._listening.abandon()
        if self._performing is not None:
            self._performing.resume("voice")

    # ---- listening tells

    @property
    def taken(self) -> bool:
        return self._replies.present is not None and not self._spec.interruptible

    async def speech_began(self) -> None:
        if self._performing is not None:
            await self._performing.hold("voice")
        await self._link.tell(SpeechStarted())

    async def speech_was_none(self) -> None:
        if self._performing is not None:
            self._performing.resume("voice")

    async def speech_confirmed(self) -> None:
        await self._replies.cut()
        if self._performing is not None:
            self._performing.resume("voice")
        await self._refresh()

    async def speech_ended(self) -> None:
        await self._refresh()

    async def turn_heard(self, chat_id: str, text: str, voice: float) -> None:
        if text:
            await self._replies.ask(text, chat_id, voice)
        await self._refresh()

    async def turn_lost(self, error: Exception) -> None:
        await self._link.tell(failure(error))
        await self._replies.apologise()

    # ---- her state

    async def _refresh(self) -> None:
        """One state follows from all: tell it, and cue the avatar."""
        mood = self._present_mood()
        if mood == self._mood:
            return
        self._mood = mood
        self._presence.word()
        if mood != "speaking":  # that cue travels with the sound
            await self._feed.put(Cue("state", mood))
        await self._link.tell(State(state=mood))

    def _present_mood(self) -> Mood:
        if self._listening is not None and self._listening.talking:
            return "listening"
        if (reply := self._replies.present) is not None:
            return "speaking" if reply.audible else "thinking"
        if self._listening is not None and self._listening.recognising:
            return "thinking"
        return "idle"


def _failed(error: VisavisError) -> Verdict:
    return Verdict(state="FAILED", reason=None, code=error.code, message=error.message)


async def _shielded(work: Coroutine[Any, Any, None]) -> None:
    """Finish the work, however often this task is cancelled meanwhile; then be cancelled."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
