"""Who is there, how long she waits, and how a talk ends."""

import asyncio

from visavis.conversation import conversation
from visavis.core.clock import FakeClock
from visavis.core.events import JobFinished, PeerLeft, Ready, ReplyFinished
from visavis.core.jobs import JobSpec, Limits
from visavis.testing.fakes import LetterAsr, LevelVad, ScriptedBrain, ToneTts
from visavis.testing.letters import say
from visavis.testing.talks import SPEC, ScriptedTalk

LONG = "One two three four five six seven eight nine ten eleven twelve."


def spec(*, mute: float = 0.0, welcome: tuple[str, ...] = (), **changes: object) -> JobSpec:
    limits = Limits(join=60, grace=30, mute=mute)
    return SPEC.model_copy(update={"limits": limits, "welcome": welcome, **changes})


async def test_nobody_joins() -> None:
    async with ScriptedTalk() as talk:
        await talk.wait(59.9)
        assert talk.verdict is None
        assert talk.staged == 0
        assert not talk.link.played
        assert len(asyncio.all_tasks()) <= 4  # this one, the talk, its timer, its ear for peers
        await talk.wait(0.2)
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.code) == ("FAILED", "47000015")
        assert [(r.kind, r.verdict) for r in talk.reports] == [("finished", talk.verdict)]
        assert talk.events(JobFinished)[0].reason == "47000015"
        assert talk.link.closed


async def test_who_only_watches_is_no_visitor() -> None:
    async with ScriptedTalk() as talk:
        await talk.link.peer("wall", "PLAYER").join()
        await talk.wait(60.1)
        assert talk.verdict is not None
        assert talk.verdict.code == "47000015"


async def test_good_bye_ends_the_talk_at_once() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.wait(1.0)
        await talk.hang_up()
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.reason) == ("SUCCEED", "NORMAL")
        assert [r.kind for r in talk.reports] == ["joined", "left", "finished"]
        assert talk.reports[0].at == talk.clock.wall() - 1.0


async def test_stop() -> None:
    async with ScriptedTalk(spec(welcome=(LONG,))) as talk:
        await talk.join()
        await talk.wait(1.0)
        await talk.press_stop()
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.reason) == ("SUCCEED", "NORMAL")
        assert talk.order()[-1] == "job_finished"
        assert talk.events(ReplyFinished)[0].interrupted
        assert talk.link.closed


async def test_the_api_ends_the_talk() -> None:
    async with ScriptedTalk() as talk:
        talk.conversation.end()
        await talk.wait(0.0)
        assert talk.verdict is not None
        assert talk.verdict.reason == "NORMAL"


async def test_a_lost_visitor_comes_back_and_hears_the_rest() -> None:
    async with ScriptedTalk(spec(welcome=(LONG,))) as talk:
        await talk.join()
        await talk.wait(1.5)
        lost = talk.clock.now()
        await talk.lose()
        await talk.wait(20.0)
        (before,) = talk.utterances()
        assert before.end - lost < 0.1
        heard = talk.audible()
        await talk.join()
        assert talk.staged == 1
        ready = talk.events(Ready)[-1]
        assert LONG.startswith(ready.history[0][1])
        assert len(ready.history[0][1]) > 5
        assert abs(len(ready.history[0][1]) - len(heard)) <= 6
        await talk.wait(10.0)
        assert talk.audible() == LONG
        await talk.wait(60.0)
        assert talk.verdict is None
        assert [r.kind for r in talk.reports] == ["joined", "left", "joined"]


async def test_the_grace_period_runs_out() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.wait(5.0)
        await talk.lose()
        await talk.wait(20.0)
        await talk.join()
        await talk.lose()
        await talk.wait(29.9)  # the first timer is over, the second is not
        assert talk.verdict is None
        await talk.wait(0.2)
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.reason) == ("SUCCEED", "NORMAL")


async def test_good_bye_after_the_connection_was_lost() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.lose()
        await talk.wait(1.0)
        talk.link._notices.put_nowait(PeerLeft(user_id="visitor", hung_up=True))
        await talk.wait(0.1)
        assert talk.verdict is not None
        assert talk.verdict.reason == "NORMAL"


async def test_lost_in_mid_sentence_the_question_is_dropped() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.say("What is the", 0.8)
        await talk.lose()
        await talk.wait(5.0)
        await talk.join()
        await talk.say("Hello", 1.0)
        await talk.wait(3.0)
        assert talk.audible() == "You said: Hello."
        assert talk.asr.open == 0


async def test_nobody_says_a_word() -> None:
    async with ScriptedTalk(spec(mute=60.0)) as talk:
        await talk.join()
        await talk.wait(30.0)
        await talk.say("Hello", 1.0)
        await talk.wait(2.0)  # her answer ends at about 33.3
        await talk.wait(58.0)
        assert talk.verdict is None
        await talk.wait(4.0)
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.reason) == ("SUCCEED", "MUTE_TIMEOUT")
        assert talk.events(JobFinished)[0].reason == "MUTE_TIMEOUT"


async def test_her_own_long_speech_is_not_silence() -> None:
    async with ScriptedTalk(spec(mute=2.0, welcome=(LONG,))) as talk:
        await talk.join()
        await talk.wait(4.5)
        assert talk.audible() == LONG
        assert talk.verdict is None
        await talk.wait(2.5)
        assert talk.verdict is not None
        assert talk.verdict.reason == "MUTE_TIMEOUT"


async def test_a_microphone_that_falls_silent_does_not_hold_the_floor() -> None:
    """A suspended tab sends nothing, not even silence."""
    async with ScriptedTalk(spec(welcome=(LONG,))) as talk:
        await talk.join()
        await talk.wait(1.0)
        await talk.say("Hm", 0.12)
        talk.link._present.clear()  # the stream dries up while she is held
        await talk.wait(8.0)
        assert talk.audible() == LONG


async def test_two_talks_share_providers_and_never_mix() -> None:
    clock = FakeClock()
    shared = {
        "vad": LevelVad(),
        "asr": LetterAsr(clock),
        "brain": ScriptedBrain(clock, lambda question: f"{question} {question} {question}"),
        "tts": ToneTts(clock, speed=2.0),
    }
    one = ScriptedTalk(clock=clock, **shared)  # type: ignore[arg-type]
    two = ScriptedTalk(clock=clock, **shared)  # type: ignore[arg-type]
    async with one, two:
        await one.join()
        await two.join()
        one.visitor.speak(say("Apples", 1.0))
        two.visitor.speak(say("Bananas", 1.1))
        await clock.advance(2.6)
        await two.press_interrupt()
        await clock.advance(4.0)
        assert one.audible() == "Apples Apples Apples"
        assert two.audible().startswith("Bananas")
        assert len(two.audible()) < len("Bananas Bananas Bananas")


async def test_a_cancelled_talk_says_good_bye() -> None:
    talk = ScriptedTalk(spec(welcome=(LONG,)))
    talk.task = asyncio.create_task(talk.conversation.run())
    await talk.clock.settle()
    await talk.join()
    await talk.wait(1.0)
    before = asyncio.all_tasks()
    talk.task.cancel()
    await talk.clock.settle()
    assert talk.task.cancelled()
    assert talk.reports[-1].verdict is not None
    assert talk.reports[-1].verdict.reason == "NORMAL"
    assert talk.order()[-1] == "job_finished"
    assert talk.link.closed
    assert {t for t in before if not t.done()} == {asyncio.current_task()}


async def test_a_link_that_does_not_close_does_not_keep_the_verdict(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(conversation, "_FAREWELL", 0.02)
    async with ScriptedTalk() as talk:

        async def never() -> None:
            await asyncio.Event().wait()

        talk.link.close = never  # type: ignore[method-assign]
        await talk.join()
        await talk.hang_up()
        await asyncio.sleep(0.1)
        assert talk.verdict is not None
        assert talk.reports[-1].kind == "finished"


async def test_who_comes_back_is_heard_though_the_microphone_was_closed() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.microphone(is_open=False)
        await talk.lose()
        await talk.join()
        await talk.say("Hello", 1.0)
        await talk.wait(3.0)
        assert talk.audible() == "You said: Hello."
