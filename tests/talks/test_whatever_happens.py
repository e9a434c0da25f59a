"""Random talks: whatever visitors do, and whenever, these things hold."""

import random
from collections import deque
from collections.abc import AsyncIterator

import pytest

from visavis.core.clock import FakeClock
from visavis.core.events import ReplyFinished, SemanticRecognized, State
from visavis.core.feed import SpeechFeed
from visavis.core.media import Moment
from visavis.links.loopback import Loopback
from visavis.testing.fakes import LetterAsr, ScriptedBrain, StillAvatar, ToneTts
from visavis.testing.letters import say
from visavis.testing.talks import SPEC, ScriptedTalk

WORDS = ("apple", "bread", "cherry", "dates", "eggs", "figs", "grapes", "honey")


class Waits(Loopback):
    """A link that waits first and takes the moment then; the port allows both."""

    async def show(self, moment: Moment) -> None:
        if self._due is not None:
            await self._clock.sleep_until(self._due - self._buffer + 0.02)
        await super().show(moment)


class LooksAhead(StillAvatar):
    """Has its next moments ready long before, and gives them whatever happened meanwhile."""

    async def perform(self, feed: SpeechFeed) -> AsyncIterator[Moment]:
        ready: deque[Moment] = deque()
        async for moment in super().perform(feed):
            ready.append(moment)
            if len(ready) > 4:
                yield ready.popleft()


def answer(question: str) -> str:
    rng = random.Random(question)
    sentences = []
    for _ in range(rng.randint(1, 4)):
        words = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 9)))
        sentences.append(f"{words.capitalize()}{rng.choice('.!?')}")
    return " ".join(sentences)


@pytest.mark.parametrize(("link", "avatar"), [(Loopback, StillAvatar), (Waits, StillAvatar), (Loopback, LooksAhead)])
@pytest.mark.parametrize("seed", range(4))
async def test_random_talk(seed: int, link: type[Loopback], avatar: type[StillAvatar]) -> None:
    rng = random.Random(seed)
    clock = FakeClock()
    talk = ScriptedTalk(
        SPEC.model_copy(update={"welcome": ("Welcome to our shop, dear visitor.",), "tail_silence": 0.3}),
        clock=clock,
        asr=LetterAsr(clock, final_after=rng.uniform(0.0, 0.4)),
        brain=ScriptedBrain(clock, answer, first_after=rng.uniform(0.0, 0.5)),
        tts=ToneTts(clock, per_word=0.24, speed=rng.choice([0.0, 1.0, 3.0])),
        link=link(clock),
        avatar=avatar(),
    )
    cuts: list[float] = []
    async with talk:
        await talk.join()
        present = True
        for n in range(14):
            await talk.wait(rng.choice([0.01, 0.03, 0.2, 0.7, 1.5, 4.0]) * rng.uniform(0.5, 1.5))
            act = rng.choice(["ask", "interrupt", "say", "cough", "lose", "mute"])
            if not present:
                await talk.join()
                present = True
            elif act == "ask":
                cuts.append(clock.now())
                await talk.ask(f"typed {n}")
            elif act == "interrupt":
                cuts.append(clock.now())
                await talk.press_interrupt()
            elif act == "say":
                talk.visitor.speak(say(f"spoken {n}", rng.uniform(0.3, 1.2)))
            elif act == "cough":
                talk.visitor.speak(say("", 0.1))
            elif act == "lose":
                await talk.lose()
                present = False
            else:
                await talk.microphone(is_open=False)
                await talk.microphone(is_open=True)
        if not present:
            await talk.join()
        await talk.wait(25.0)

        finished = {e.reply: e for e in talk.events(ReplyFinished)}
        utterances = talk.utterances()
        numbers = [u.reply for u in utterances]
        assert numbers == sorted(numbers), "an old reply came back"
        for cut in cuts:
            before = max((u.reply for u in utterances if u.start < cut), default=0)
            late = [u for u in utterances if u.reply <= before and u.end > cut + 0.09]
            assert not late, f"heard after the cut at {cut:.2f}: {late}"
        for number in set(numbers):
            heard, audible = finished[number].heard, talk.audible(number)
            # Letters come once and in order; what counts as heard is what was audible, to half a word.
            assert audible.startswith(heard) or heard.startswith(audible), (heard, audible)
            assert abs(len(heard) - len(audible)) <= 9, (heard, audible)
            if not finished[number].interrupted:
                assert heard == audible
        assert talk.events(State)[-1].state == "idle"
        chats = {e.chat_id for e in talk.events(SemanticRecognized)}
        assert chats == {e.chat_id for e in talk.events(SemanticRecognized) if e.is_last}
        assert talk.conversation._feed.held is False
        assert talk.conversation._feed.buffered == 0.0
