"""Nothing of an old answer is heard after the cut, and the history holds what was heard."""

from collections.abc import AsyncIterator, Sequence

import pytest

from visavis.core.clock import FakeClock
from visavis.core.events import ReplyFinished, SemanticRecognized, SpeechStarted, State
from visavis.core.jobs import JobSpec, TalkContext
from visavis.core.media import Sound
from visavis.core.text import Transcript
from visavis.testing.fakes import LetterAsr, ScriptedBrain
from visavis.testing.letters import say
from visavis.testing.talks import SPEC, ScriptedTalk

LONG = "One two three four five six seven eight nine ten eleven twelve."
ANSWERS = {"Count.": LONG, "Stop.": "All right.", "And now?": "Now I rest."}


def spec(**changes: object) -> JobSpec:
    return SPEC.model_copy(update=changes)


async def until_speaking(talk: ScriptedTalk) -> None:
    await talk.join()
    await talk.say("Count.", 1.0)
    await talk.wait(2.0)
    assert talk.audible().startswith("One two")


async def test_speaking_over_her_silences_her() -> None:
    async with ScriptedTalk(spec(chat_rounds=3), answers=ANSWERS) as talk:
        await until_speaking(talk)
        began = talk.clock.now()
        await talk.say("Stop.", 1.0)
        first = talk.utterances()[0]
        assert first.end - began < 0.3
        await talk.wait(4.0)
        first, second = talk.utterances()
        assert (first.reply, second.reply) == (1, 2)
        assert second.text == "All right."
        assert second.start > began + 1.0
        cut, done = talk.events(ReplyFinished)
        assert cut.interrupted
        assert not done.interrupted
        assert LONG.startswith(cut.heard)
        assert first.text.startswith(cut.heard)
        # What the brain sees next is what was heard, at the word.
        assert [m.text for m in talk.brain.asked[1]] == ["Count.", cut.heard, "Stop."]


async def test_heard_is_cut_at_the_word() -> None:
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        await talk.press_interrupt()
        heard = talk.events(ReplyFinished)[0].heard
        words = heard.split()
        assert words == LONG.split()[: len(words)]
        letters = talk.audible()
        # Half a word is no word, more than half is one.
        assert abs(len(heard) - len(letters)) <= 5


async def test_the_button_cuts_at_once() -> None:
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        pressed = talk.clock.now()
        await talk.press_interrupt()
        await talk.wait(5.0)
        (only,) = talk.utterances()
        assert only.end - pressed < 0.05
        assert talk.events(State)[-1].state == "idle"
        await talk.say("And now?", 1.0)
        await talk.wait(4.0)
        assert talk.utterances()[-1].text == "Now I rest."


async def test_the_api_cuts_too() -> None:
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        pressed = talk.clock.now()
        await talk.conversation.interrupt()
        await talk.wait(3.0)
        assert talk.utterances()[0].end - pressed < 0.05


async def test_cut_before_the_first_sound_leaves_nothing_audible() -> None:
    clock = FakeClock()
    brain = ScriptedBrain(clock, {"Slow?": [2.0, "Too late for this answer."], "Quick?": "Here it is."})
    async with ScriptedTalk(clock=clock, brain=brain) as talk:
        await talk.join()
        await talk.say("Slow?", 1.0)
        await talk.wait(1.0)
        assert talk.events(State)[-1].state == "thinking"
        await talk.say("Quick?", 1.0)
        await talk.wait(6.0)
        assert talk.audible() == "Here it is."
        assert talk.events(ReplyFinished)[0].heard == ""
        assert [m.text for m in talk.brain.asked[1]] == ["Quick?"]


async def test_cut_while_the_first_sound_waits_in_the_link() -> None:
    """The button at every 10 ms around the first sound: a few letters of the old answer at most, none later."""
    for offset in range(12):
        async with ScriptedTalk(answers=ANSWERS) as talk:
            await talk.join()
            await talk.ask("Count.")
            await talk.wait(0.2 + offset / 100)
            pressed = talk.clock.now()
            await talk.press_interrupt()
            await talk.wait(1.0)
            for utterance in talk.utterances():
                assert utterance.end <= pressed + 0.05, offset
            await talk.ask("And now?")
            await talk.wait(3.0)
            assert talk.utterances()[-1].text == "Now I rest.", offset


async def test_a_cough_lets_her_go_on() -> None:
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        began = talk.clock.now()
        await talk.say("", 0.12)
        await talk.wait(8.0)
        assert talk.events(SpeechStarted)
        first, second = talk.utterances()
        assert first.end - began < 0.3
        assert second.start - first.end < 0.6
        assert (first.reply, second.reply) == (1, 1)
        # Not a letter is missing, none is said twice.
        assert talk.audible() == LONG
        (finished,) = talk.events(ReplyFinished)
        assert (finished.heard, finished.interrupted) == (LONG, False)
        assert talk.asr.calls == 1


async def test_who_may_not_be_interrupted_is_not() -> None:
    async with ScriptedTalk(spec(interruptible=False), answers=ANSWERS) as talk:
        await until_speaking(talk)
        await talk.say("Stop.", 1.0)
        await talk.wait(6.0)
        assert talk.audible() == LONG
        assert len(talk.utterances()) == 1
        assert talk.asr.calls == 1
        await talk.say("And now?", 1.0)
        await talk.wait(1.5)
        await talk.press_interrupt()  # the button always may
        await talk.wait(2.0)
        assert "Now I rest." not in talk.audible()


async def test_a_typed_question_interrupts() -> None:
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        typed = talk.clock.now()
        await talk.ask("And now?")
        await talk.wait(4.0)
        first, second = talk.utterances()
        assert first.end - typed < 0.05
        assert second.text == "Now I rest."
        assert [e.interrupted for e in talk.events(ReplyFinished)] == [True, False]


async def test_two_typed_questions_at_once_are_not_both_answered() -> None:
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        talk.visitor.speak(say("Stop.", 1.0))
        await talk.wait(0.9)
        await talk.ask("And now?")
        await talk.ask("And now?")
        await talk.wait(5.0)
        assert talk.utterances()[-1].text == "Now I rest."
        assert len(talk.utterances()) == 2


async def test_an_interrupted_brain_is_left() -> None:
    clock = FakeClock()
    brain = ScriptedBrain(clock, {"Count.": [0.1, "One two three. ", 60.0, "Four."]})
    async with ScriptedTalk(clock=clock, brain=brain) as talk:
        await talk.join()
        await talk.ask("Count.")
        await talk.wait(1.0)
        assert brain.open == 1
        await talk.press_interrupt()
        assert brain.open == 0
        assert talk.tts.open == 0
        assert talk.events(SemanticRecognized)[-1].is_last


async def test_a_late_transcript_joins_what_the_visitor_goes_on_to_say() -> None:
    clock = FakeClock()
    asr = LetterAsr(clock, final_after={"Tell me": 1.5, "": 0.05})
    brain = ScriptedBrain(clock, lambda question: f"Heard: {question}")
    async with ScriptedTalk(clock=clock, asr=asr, brain=brain) as talk:
        await talk.join()
        await talk.say("Tell me", 0.8)
        await talk.wait(0.9)
        await talk.say("the way.", 0.9)
        await talk.wait(5.0)
        assert [m[-1].text for m in brain.asked] == ["Tell me the way."]
        assert talk.audible() == "Heard: Tell me the way."


async def test_a_late_transcript_does_not_answer_over_a_typed_question() -> None:
    clock = FakeClock()
    asr = LetterAsr(clock, final_after=2.0)
    async with ScriptedTalk(clock=clock, asr=asr, answers=ANSWERS) as talk:
        await talk.join()
        await talk.say("Count.", 0.8)
        await talk.wait(0.7)
        await talk.ask("And now?")
        await talk.wait(6.0)
        assert talk.audible() == "Now I rest."
        assert asr.open == 0


async def test_texts_that_come_in_the_wrong_order_make_one_question() -> None:
    clock = FakeClock()
    asr = LetterAsr(clock, final_after={"Tell me": 3.0, "": 0.05})
    brain = ScriptedBrain(clock, lambda question: f"Heard: {question}")
    async with ScriptedTalk(clock=clock, asr=asr, brain=brain) as talk:
        await talk.join()
        await talk.say("Tell me", 0.8)
        await talk.wait(0.9)
        await talk.say("the way.", 0.9)
        await talk.wait(6.0)
        assert [m[-1].text for m in brain.asked] == ["Tell me the way."]


async def test_a_recogniser_that_ends_early_does_not_hold_the_turn() -> None:
    clock = FakeClock()

    class Hasty(LetterAsr):
        async def transcribe(
            self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
        ) -> AsyncIterator[Transcript]:
            async for _ in speech:
                yield Transcript("Count.", True)
                return

    async with ScriptedTalk(clock=clock, asr=Hasty(clock), answers=ANSWERS) as talk:
        await talk.join()
        await talk.say("Count all of them", 0.3)
        await talk.wait(6.0)
        assert talk.audible() == LONG


@pytest.mark.parametrize("act", ["ask", "interrupt", "lose"])
async def test_a_beginning_that_is_forgotten_does_not_hold_her_for_ever(act: str) -> None:
    """Something else happens between the first step of an interruption and the second."""
    async with ScriptedTalk(answers=ANSWERS) as talk:
        await until_speaking(talk)
        talk.visitor.speak(say("", 0.12))
        await talk.wait(0.12)
        assert talk.events(SpeechStarted)[-1]
        assert talk.conversation._feed.held
        if act == "ask":
            await talk.ask("And now?")
        elif act == "interrupt":
            await talk.press_interrupt()
            await talk.ask("And now?")
        else:
            await talk.lose()
            await talk.join()
        await talk.wait(6.0)
        assert talk.audible().endswith("twelve." if act == "lose" else "Now I rest.")
