"""One talk: owns the tasks, says who has the floor, and ends it with a verdict. Nobody else cancels."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal

from visavis.conversation.history import History
from visavis.conversation.listening import Listening
from visavis.conversation.painting import Painting
from visavis.conversation.performing import Performing
from visavis.conversation.presence import NORMAL, Presence
from visavis.conversation.reply import Reply
from visavis.conversation.speaking import Speaking, failure
from visavis.conversation.thinking import Thinking
from visavis.conversation.timing import Times
from visavis.conversation.tongues import SORRY, language_of
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
    ReplyFinished,
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
        self._history = History(spec.chat_rounds)
        self._thinking = Thinking(brain, link)
        self._speaking = Speaking(voices, self._feed, link)
        self._presence = Presence(spec.talk.job_id, spec.limits, clock, report, self._finish)
        self._over: asyncio.Future[Verdict] | None = None
        self._verdict: Verdict | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._performing: Performing | None = None
        self._listening: Listening | None = None
        self._reply: Reply | None = None
        self._replies = 0
        self._mood: Mood = "idle"
        self._floor = asyncio.Lock()
        """Held while a reply is cut and the next one begins: two questions at once must not both begin."""

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
        await self._cut()

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
                    await self._cut()
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
        if first and (welcome := " ".join(self._spec.welcome).strip()):
            await self._say(welcome)

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
        self._performing = Performing(avatar, painting, self._feed, self._link, self)
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
        said = self._history.transcript()
        if self._reply is not None and (heard := self._reply.memorable):
            said = (*said, ("assistant", heard))
        return Ready(
            job_id=self._spec.talk.job_id,
            language=self._spec.talk.language,
            listening=self._asr is not None,
            why="" if self._asr is not None else self._deaf,
            history=said,
        )

    # ---- questions and answers

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
        self._presence.word()
        self._forget_speech()
        await self._ask(text, uuid.uuid4().hex, self._clock.now())

    def _forget_speech(self) -> None:
        """What the visitor's voice was about is no longer of interest."""
        if self._listening is not None:
            self._listening.abandon()
        if self._performing is not None:
            self._performing.resume("voice")

    async def _ask(self, text: str, chat_id: str, zero: float) -> None:
        times = Times(chat_id, self._clock, zero)
        times.final_text()

        def answer(reply: Reply) -> AsyncIterator[str]:
            self._history.ask(text)
            return self._thinking.think(reply, self._history.messages())

        language = language_of(text, self._spec.languages, self._spec.talk.language)
        await self._start(answer, chat_id, language, times)

    async def _say(self, text: str, *, apology: bool = False) -> None:
        """Words of our own: the welcome, an apology."""

        async def words(reply: Reply) -> AsyncIterator[str]:
            reply.apology = 0 if apology else None
            yield text

        await self._start(words, uuid.uuid4().hex, self._spec.talk.language, None)

    async def _start(
        self, answer: Callable[[Reply], AsyncIterator[str]], chat_id: str, language: str, times: Times | None
    ) -> None:
        performing = self._performing
        if performing is None:
            return
        async with self._floor:
            await self._stop_reply()
            self._replies += 1
            talk = self._spec.talk.model_copy(update={"language": language})
            reply = self._reply = Reply(self._replies, chat_id, talk, times)
            self._presence.busy = True
            performing.begin(reply)
            reply.task = self._spawn(self._answer(reply, answer(reply)))
        await self._refresh()

    async def _answer(self, reply: Reply, answer: AsyncIterator[str]) -> None:
        with ids(turn=str(reply.number)):
            await self._speaking.speak(reply, answer)
        if not reply.script.duration:  # no voice: what was written counts as heard, no sound will end it
            await self.reply_over(reply)

    async def _cut(self) -> None:
        async with self._floor:
            await self._stop_reply()
        await self._refresh()

    async def _stop_reply(self) -> None:
        """Cut the present reply where it was heard. The floor must be held."""
        reply, self._reply = self._reply, None
        if reply is None:
            return
        if reply.task is not None:
            reply.task.cancel()
        if self._performing is not None:
            await self._performing.cut()
        await self._close(reply, reply.memorable, interrupted=True)

    async def _close(self, reply: Reply, said: str, *, interrupted: bool) -> None:
        self._presence.busy = False
        self._presence.word()
        self._history.answer(said)
        await self._time(reply)
        await self._link.tell(ReplyFinished(reply=reply.number, heard=reply.heard, interrupted=interrupted))

    async def _time(self, reply: Reply) -> None:
        if reply.times is not None and (row := reply.times.event()):
            await self._link.tell(row)

    # ---- performing tells

    async def reply_audible(self, reply: Reply) -> None:
        if reply.times is not None:
            reply.times.first_moment()
        await self._time(reply)
        await self._refresh()

    async def reply_over(self, reply: Reply) -> None:
        if self._reply is not reply:
            return
        self._reply = None
        said = reply.memorable if reply.script.duration else reply.answer.strip()
        await self._close(reply, said, interrupted=False)
        await self._refresh()

    # ---- listening tells

    @property
    def taken(self) -> bool:
        return self._reply is not None and not self._spec.interruptible

    async def speech_began(self) -> None:
        if self._performing is not None:
            await self._performing.hold("voice")
        await self._link.tell(SpeechStarted())

    async def speech_was_none(self) -> None:
        if self._performing is not None:
            self._performing.resume("voice")

    async def speech_confirmed(self) -> None:
        self._presence.word()
        await self._cut()
        if self._performing is not None:
            self._performing.resume("voice")
        await self._refresh()

    async def speech_ended(self) -> None:
        self._presence.word()
        await self._refresh()

    async def turn_heard(self, chat_id: str, text: str, voice: float) -> None:
        if text:
            await self._ask(text, chat_id, voice)
        await self._refresh()

    async def turn_lost(self, error: Exception) -> None:
        await self._link.tell(failure(error))
        await self._say(SORRY.get(self._spec.talk.language, SORRY["EN"]), apology=True)

    # ---- her state

    async def _refresh(self) -> None:
        """One state follows from all: tell it, and cue the avatar."""
        mood = self._present_mood()
        if mood == self._mood:
            return
        self._mood = mood
        if mood != "speaking":  # that cue travels with the sound
            await self._feed.put(Cue("state", mood))
        await self._link.tell(State(state=mood))

    def _present_mood(self) -> Mood:
        if self._listening is not None and self._listening.talking:
            return "listening"
        if self._reply is not None:
            return "speaking" if self._reply.audible else "thinking"
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
