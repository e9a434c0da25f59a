from collections.abc import AsyncIterator, Sequence

from visavis.core.clock import FakeClock
from visavis.core.events import Ready, ReplyFinished, SemanticRecognized, SpeechRecognized, State, Subtitle, Timing
from visavis.core.jobs import JobSpec, TalkContext
from visavis.core.media import Sound
from visavis.core.text import Transcript
from visavis.testing.fakes import LetterAsr
from visavis.testing.letters import hear
from visavis.testing.talks import SPEC, ScriptedTalk

ANSWER = "We open at nine in the morning. Do come in."


def spec(**changes: object) -> JobSpec:
    return SPEC.model_copy(update=changes)


async def test_a_spoken_question_is_answered() -> None:
    async with ScriptedTalk(answers={"When do you open?": ANSWER}) as talk:
        await talk.join()
        await talk.wait(0.5)
        said = await talk.say("When do you open?", 1.2)
        await talk.wait(8.0)
        assert talk.audible() == ANSWER
        (utterance,) = talk.utterances()
        # 0.5 s tail silence + 40 ms detector + 50 ms recogniser + 100 ms brain + 50 ms voice + play-out.
        assert 0.7 < utterance.start - said < 1.05
        assert talk.brain.asked[0][-1].text == "When do you open?"


async def test_events_come_in_order() -> None:
    async with ScriptedTalk(answers={"When do you open?": ANSWER}) as talk:
        await talk.join()
        await talk.say("When do you open?", 1.2)
        await talk.wait(8.0)
        order = talk.order()
        steps = ["ready", "speech_started", "speech_recognized", "semantic_recognized", "timing", "subtitle"]
        assert [order.index(step) for step in steps] == sorted(order.index(step) for step in steps)
        assert order[-2:] == ["reply_finished", "state"]
        assert [s.state for s in talk.events(State)] == ["listening", "thinking", "speaking", "idle"]
        recognised = talk.events(SpeechRecognized)
        assert recognised[-1].is_last
        assert recognised[-1].text == "When do you open?"
        assert len(recognised) > 2
        answered = talk.events(SemanticRecognized)
        assert "".join(e.text for e in answered) == ANSWER
        assert [e.is_last for e in answered].count(True) == 1
        assert {e.chat_id for e in answered} == {recognised[0].chat_id}
        (finished,) = talk.events(ReplyFinished)
        assert (finished.heard, finished.interrupted) == (ANSWER, False)
        assert talk.conversation._replies.transcript() == (("user", "When do you open?"), ("assistant", ANSWER))


async def test_subtitles_follow_the_sound() -> None:
    async with ScriptedTalk(answers={"Hello?": "Good morning. How are you?"}) as talk:
        await talk.join()
        await talk.say("Hello?", 1.0)
        await talk.wait(6.0)
        lines = [(s.sentence, s.text[: s.spoken]) for s in talk.events(Subtitle)]
        assert lines == [
            (0, "Good"),
            (0, "Good morning."),
            (1, "How"),
            (1, "How are"),
            (1, "How are you?"),
        ]
        (utterance,) = talk.utterances()
        for at, word in zip(talk.told_at(Subtitle), range(5), strict=True):
            assert abs(at - (utterance.start + 0.32 * word)) < 0.1


async def test_the_first_clause_is_heard_before_the_answer_is_complete() -> None:
    answer = [0.1, "Yes of course, ", 2.0, "we are open all day."]
    async with ScriptedTalk(answers={"Open?": answer}) as talk:
        await talk.join()
        said = await talk.say("Open?", 1.0)
        await talk.wait(2.0)
        assert talk.audible() == "Yes of course,"
        await talk.wait(4.0)
        assert talk.audible() == "Yes of course, we are open all day."
        assert talk.utterances()[0].start - said < 1.0


async def test_times_of_a_turn() -> None:
    async with ScriptedTalk(answers={"Open?": "Yes. We are."}) as talk:
        await talk.join()
        await talk.say("Open?", 1.0)
        await talk.wait(4.0)
        (row,) = talk.events(Timing)
        assert row.final_text is not None
        assert row.first_token is not None
        assert row.first_sound is not None
        assert row.first_moment is not None
        assert 500 < row.final_text < row.first_token < row.first_sound <= row.first_moment < 1000


async def test_several_turns_and_what_the_brain_sees() -> None:
    async with ScriptedTalk(
        spec(chat_rounds=2), answers={"One?": "First.", "Two?": "Second.", "Three?": "Third."}
    ) as talk:
        await talk.join()
        for question in ("One?", "Two?", "Three?"):
            await talk.say(question, 1.0)
            await talk.wait(3.0)
        assert talk.audible() == "First. Second. Third."
        assert [m.text for m in talk.brain.asked[2]] == ["Two?", "Second.", "Three?"]


async def test_welcome_words_are_spoken_once_and_are_no_question() -> None:
    async with ScriptedTalk(spec(welcome=("Welcome!", "I am Sara."))) as talk:
        await talk.join()
        await talk.wait(3.0)
        assert talk.audible() == "Welcome! I am Sara."
        assert talk.brain.asked == []
        await talk.lose()
        await talk.wait(1.0)
        await talk.join()
        await talk.wait(3.0)
        assert talk.audible() == "Welcome! I am Sara."
        assert talk.events(Ready)[-1].history == (("assistant", "Welcome! I am Sara."),)


async def test_a_typed_question() -> None:
    async with ScriptedTalk(deaf="No recogniser for this language.", answers={"Open?": "Yes, we are."}) as talk:
        await talk.join()
        (ready,) = talk.events(Ready)
        assert (ready.listening, ready.why) == (False, "No recogniser for this language.")
        await talk.ask("Open?")
        await talk.wait(3.0)
        assert talk.audible() == "Yes, we are."
        await talk.say("Nobody hears this", 1.0)
        assert talk.asr.calls == 0


async def test_empty_and_endless_questions_are_refused() -> None:
    async with ScriptedTalk(answers={"Open?": "Yes."}) as talk:
        await talk.join()
        await talk.ask("   ")
        await talk.ask("x" * 2001)
        assert talk.order()[-1] == "error"
        assert talk.brain.calls == 0
        await talk.ask("Open?")
        await talk.wait(2.0)
        assert talk.audible() == "Yes."


async def test_a_closed_microphone_hears_nothing() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.microphone(is_open=False)
        await talk.say("Secret", 1.0)
        await talk.wait(1.0)
        assert talk.asr.calls == 0
        await talk.microphone(is_open=True)
        await talk.say("Public", 1.0)
        await talk.wait(3.0)
        assert talk.audible() == "You said: Public."


async def test_closing_the_microphone_ends_the_turn_at_once() -> None:
    async with ScriptedTalk(spec(tail_silence=3.0)) as talk:
        await talk.join()
        said = await talk.say("Push to talk", 1.0)
        await talk.wait(0.1)
        await talk.microphone(is_open=False)
        await talk.wait(3.0)
        assert talk.audible() == "You said: Push to talk."
        assert talk.utterances()[0].start - said < 0.7


async def test_the_language_of_a_question_chooses_the_language_of_the_answer() -> None:
    async with ScriptedTalk(spec(languages=("EN", "CN")), answers={"几点开门": "早上九点。"}) as talk:
        await talk.join()
        await talk.ask("几点开门")
        await talk.wait(3.0)
        assert talk.audible() == "早上九点。"


async def test_the_recogniser_hears_a_little_of_what_was_before_and_nothing_older() -> None:
    clock = FakeClock()
    heard: list[Sound] = []

    class Ears(LetterAsr):
        async def transcribe(
            self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
        ) -> AsyncIterator[Transcript]:
            assert tuple(hints) == ("Visavis",)
            async for sound in speech:
                heard.append(sound)
            yield Transcript(hear(heard), True)

    async with ScriptedTalk(spec(hot_words=("Visavis",)), clock=clock, asr=Ears(clock)) as talk:
        await talk.join()
        await talk.wait(10.0)
        began = clock.now()
        await talk.say("When do you open?", 1.0)
        await talk.wait(3.0)
        assert talk.brain.asked[0][-1].text == "When do you open?"
        assert 0.25 < began - heard[0].at < 0.4
        times = [s.at for s in heard]
        assert times == sorted(times)
        assert times[-1] - times[0] < 2.0
