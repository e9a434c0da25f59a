"""Scripted talks: the real conversation over a loopback link, on the hand-turned clock.

async with ScriptedTalk(answers={"Hello": "Good morning."}) as talk:
    await talk.join()
    await talk.say("Hello", 1.0)
    await talk.wait(3.0)
    assert talk.audible() == "Good morning."
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from visavis.conversation.conversation import Conversation
from visavis.core.clock import FakeClock
from visavis.core.events import Ask, Interrupt, Microphone, Stop
from visavis.core.jobs import JobSpec, JobUpdate, Limits, TalkContext, Verdict
from visavis.core.media import MOMENT_S
from visavis.core.ports import Avatar, Painter, Tts
from visavis.core.text import Voice
from visavis.links.loopback import Loopback, Played
from visavis.testing.fakes import LetterAsr, LevelVad, Line, ScriptedBrain, StillAvatar, StillPainter, ToneTts
from visavis.testing.letters import hear, say

E = TypeVar("E")

SPEC = JobSpec(
    talk=TalkContext(project_id="project", room_id="room", job_id="job", session_id="session"),
    limits=Limits(join=60, grace=30, mute=0),
)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A run of her sound without a pause."""

    start: float
    end: float
    reply: int
    text: str


class ScriptedTalk:
    """One talk. Everything may be replaced; talks that share a clock and providers run side by side."""

    def __init__(
        self,
        spec: JobSpec = SPEC,
        *,
        answers: Mapping[str, str | Sequence[Line]] | None = None,
        clock: FakeClock | None = None,
        vad: LevelVad | None = None,
        asr: LetterAsr | None = None,
        brain: ScriptedBrain | None = None,
        tts: ToneTts | None = None,
        voices: Mapping[str, tuple[Tts, Voice]] | None = None,
        avatar: StillAvatar | None = None,
        link: Loopback | None = None,
        deaf: str = "",
    ) -> None:
        """deaf: no recogniser, for this reason."""
        self.clock = clock or FakeClock()
        self.link = link or Loopback(self.clock)
        self.asr = asr or LetterAsr(self.clock)
        self.brain = brain or ScriptedBrain(self.clock, answers or {})
        self.tts = tts or ToneTts(self.clock)
        self.avatar = avatar or StillAvatar()
        self.reports: list[JobUpdate] = []
        self.staged = 0
        self.visitor = self.link.peer()
        voice = Voice("tone")
        self.conversation = Conversation(
            spec,
            vad=vad or LevelVad(),
            asr=None if deaf else self.asr,
            brain=self.brain,
            voices=dict.fromkeys(spec.languages, (self.tts, voice)) if voices is None else voices,
            stage=self._stage,
            link=self.link,
            clock=self.clock,
            report=self.reports.append,
            deaf=deaf,
        )
        self.task: asyncio.Task[Verdict] | None = None

    _running: ClassVar[int] = 0
    _before: ClassVar[set[asyncio.Task[Any]]] = set()
    """Tasks from before the first of the running talks."""

    async def __aenter__(self) -> Self:
        if not ScriptedTalk._running:
            ScriptedTalk._before = asyncio.all_tasks()
        ScriptedTalk._running += 1
        self.task = asyncio.create_task(self.conversation.run(), name="conversation")
        await self.clock.settle()
        return self

    async def __aexit__(self, *error: object) -> None:
        """Ends the talk and sees that nothing is left behind."""
        assert self.task is not None
        self.conversation.end()
        await self.clock.settle()
        if not self.task.done():
            await asyncio.wait({self.task}, timeout=5)
        ScriptedTalk._running -= 1
        if error[0] is not None:
            return
        self.task.result()
        if not ScriptedTalk._running:
            left = {t.get_name() for t in asyncio.all_tasks() - self._before if not t.done()}
            assert not left, f"left behind: {left}"
            assert self.brain.open == self.tts.open == self.asr.open == 0, "a provider's call was not closed"

    async def _stage(self) -> tuple[Avatar, Painter]:
        self.staged += 1
        return self.avatar, StillPainter()

    # ---- what the visitor does

    async def join(self) -> None:
        await self.visitor.join()
        await self.clock.settle()

    async def hang_up(self) -> None:
        await self.visitor.hang_up()
        await self.clock.settle()

    async def lose(self) -> None:
        self.visitor.lose()
        await self.clock.settle()

    async def say(self, text: str, duration: float) -> float:
        """Speak, and return when it is said: the clock's time then."""
        self.visitor.speak(say(text, duration))
        await self.wait(duration)
        return self.clock.now()

    async def ask(self, text: str) -> None:
        self.visitor.send(Ask(text=text))
        await self.clock.settle()

    async def press_interrupt(self) -> None:
        self.visitor.send(Interrupt())
        await self.clock.settle()

    async def press_stop(self) -> None:
        self.visitor.send(Stop())
        await self.clock.settle()

    async def microphone(self, *, is_open: bool) -> None:
        self.visitor.send(Microphone(open=is_open))
        await self.clock.settle()

    async def wait(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    # ---- what came of it

    @property
    def verdict(self) -> Verdict | None:
        return self.task.result() if self.task is not None and self.task.done() else None

    def utterances(self) -> list[Utterance]:
        """Her audible sound: runs of moments of one reply without a gap, in order."""
        found: list[Utterance] = []
        group: list[Played] = []
        for played in (*self.link.played, None):
            speaks = played is not None and played.moment.sound.reply and played.at <= self.clock.now()
            if group and (
                not speaks
                or played is None
                or played.moment.sound.reply != group[-1].moment.sound.reply
                or played.at - group[-1].at > 1.5 * MOMENT_S
            ):
                text = hear(p.moment.sound for p in group).strip()
                found.append(Utterance(group[0].at, group[-1].at + MOMENT_S, group[0].moment.sound.reply, text))
                group = []
            if speaks and played is not None:
                group.append(played)
        return found

    def audible(self, reply: int | None = None) -> str:
        """All that was heard of her (or of that reply), letter by letter."""
        return hear(
            p.moment.sound
            for p in self.link.played
            if p.moment.sound.reply and p.at <= self.clock.now() and reply in (None, p.moment.sound.reply)
        ).strip()

    def events(self, kind: type[E]) -> list[E]:
        return [t.event for t in self.link.told if isinstance(t.event, kind)]

    def order(self) -> list[str]:
        """Types of the events in order, repetitions drawn together."""
        kinds: list[str] = []
        for told in self.link.told:
            if not kinds or kinds[-1] != told.event.type:
                kinds.append(told.event.type)
        return kinds

    def told_at(self, kind: type[object]) -> list[float]:
        return [t.at for t in self.link.told if isinstance(t.event, kind)]
