"""A provider that fails ends its reply, politely; the next turn works."""

import asyncio

import pytest

from visavis.core.clock import FakeClock
from visavis.core.errors import AvatarFailed, ProviderFailed, ProviderUnavailable
from visavis.core.events import Failure, ReplyFinished, SemanticRecognized
from visavis.core.jobs import JobSpec
from visavis.core.ports import Avatar, Painter
from visavis.testing.fakes import LetterAsr, LevelVad, ScriptedBrain, StillAvatar, ToneTts
from visavis.testing.talks import SPEC, ScriptedTalk

SORRY = "Sorry, something went wrong. Please ask me again."


def spec(**changes: object) -> JobSpec:
    return SPEC.model_copy(update=changes)


async def test_the_brain_fails_at_once() -> None:
    answers = {"Bad?": [0.1, ProviderFailed("no connection")], "Good?": "Fine."}
    async with ScriptedTalk(spec(chat_rounds=3), answers=answers) as talk:
        await talk.join()
        await talk.ask("Bad?")
        await talk.wait(5.0)
        assert talk.audible() == SORRY
        (failure,) = talk.events(Failure)
        assert (failure.code, failure.message, failure.fatal) == ("MSS.47010003", "no connection", False)
        await talk.ask("Good?")
        await talk.wait(3.0)
        assert talk.audible(2) == "Fine."
        assert [m.text for m in talk.brain.asked[1]] == ["Bad?", "Good?"]  # the apology is no answer


async def test_the_brain_fails_in_mid_sentence() -> None:
    answers = {"Bad?": [0.1, "The shop opens at nine. And on ", ProviderFailed("gone")]}
    async with ScriptedTalk(answers=answers) as talk:
        await talk.join()
        await talk.ask("Bad?")
        await talk.wait(8.0)
        assert talk.audible() == f"The shop opens at nine. And on {SORRY}"
        assert talk.events(SemanticRecognized)[-1].is_last
        assert talk.conversation._replies.transcript()[-1] == ("assistant", "The shop opens at nine. And on")


async def test_an_error_of_the_providers_library_is_kept_inside(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedTalk(answers={"Bad?": [KeyError("secret-token")]}) as talk:
        await talk.join()
        await talk.ask("Bad?")
        await talk.wait(5.0)
        assert talk.audible() == SORRY
        assert "secret" not in talk.events(Failure)[0].message
        assert "secret-token" in caplog.text


async def test_an_empty_answer_is_a_failure() -> None:
    async with ScriptedTalk(answers={"Bad?": [0.1, " "]}) as talk:
        await talk.join()
        await talk.ask("Bad?")
        await talk.wait(5.0)
        assert talk.audible() == SORRY


async def test_the_voice_fails_in_mid_sentence() -> None:
    clock = FakeClock()
    tts = ToneTts(clock)
    tts.fails["ten"] = ProviderFailed("voice gone")
    answers = {"Open?": "We open at nine or ten in the morning. And so on.", "Really?": "Yes."}
    async with ScriptedTalk(clock=clock, tts=tts, answers=answers) as talk:
        await talk.join()
        await talk.ask("Open?")
        await talk.wait(8.0)
        assert talk.audible() == f"We open at nine or {SORRY}"
        assert talk.events(ReplyFinished)[0].heard == f"We open at nine or {SORRY}"
        assert talk.conversation._replies.transcript()[-1] == ("assistant", "We open at nine or")
        await talk.ask("Really?")
        await talk.wait(3.0)
        assert talk.audible(2) == "Yes."


async def test_without_a_voice_the_answer_is_read() -> None:
    async with ScriptedTalk(voices={}, answers={"Open?": "Yes, at nine."}) as talk:
        await talk.join()
        await talk.ask("Open?")
        await talk.wait(3.0)
        assert talk.audible() == ""
        assert "".join(e.text for e in talk.events(SemanticRecognized)) == "Yes, at nine."
        assert talk.events(Failure)[0].code == "MSS.47010143"
        assert talk.conversation._replies.transcript()[-1] == ("assistant", "Yes, at nine.")
        assert talk.order()[-2:] == ["reply_finished", "state"]


async def test_the_recogniser_fails() -> None:
    clock = FakeClock()
    asr = LetterAsr(clock)
    asr.fails["Hello"] = ProviderUnavailable("no model")
    async with ScriptedTalk(clock=clock, asr=asr) as talk:
        await talk.join()
        await talk.say("Hello", 1.0)
        await talk.wait(5.0)
        assert talk.audible() == SORRY
        assert talk.events(Failure)[0].message == "no model"
        await talk.say("Again", 1.0)
        await talk.wait(3.0)
        assert talk.audible(2) == "You said: Again."


async def test_speech_that_nobody_understands_is_let_go() -> None:
    async with ScriptedTalk() as talk:
        await talk.join()
        await talk.say("", 1.0)
        await talk.wait(3.0)
        assert talk.audible() == ""
        assert talk.order()[-1] == "state"
        assert talk.brain.calls == 0


async def test_the_avatar_fails() -> None:
    avatar = StillAvatar()
    async with ScriptedTalk(avatar=avatar) as talk:
        await talk.join()
        await talk.wait(1.0)
        avatar.fails = RuntimeError("no artwork")
        await talk.wait(0.2)
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.reason, talk.verdict.code) == ("FAILED", None, "47000001")
        assert "no artwork" in talk.verdict.message
        assert talk.order()[-1] == "job_finished"
        assert talk.link.closed


class BrokenVad(LevelVad):
    def stream(self):  # type: ignore[no-untyped-def]
        raise ValueError("broken")


async def test_a_fault_of_our_own_ends_the_talk_with_a_verdict() -> None:
    async with ScriptedTalk(vad=BrokenVad()) as talk:
        await talk.join()
        await talk.wait(0.2)
        assert talk.verdict is not None
        assert (talk.verdict.state, talk.verdict.code) == ("FAILED", "MSS.00000004")
        assert [r.kind for r in talk.reports] == ["joined", "finished"]
        assert talk.link.closed


async def test_silence_of_a_brain_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last resort is on the real clock: a hanging provider does not turn ours."""
    clock = FakeClock()
    brain = ScriptedBrain(clock, {"Bad?": [1000.0]})
    async with ScriptedTalk(clock=clock, brain=brain) as talk:
        monkeypatch.setattr(talk.conversation._replies._thinking, "_patience", 0.01)
        await talk.join()
        await talk.ask("Bad?")
        await asyncio.sleep(0.05)
        await talk.wait(5.0)
        assert talk.audible() == SORRY
        assert talk.events(Failure)[0].code == "MSS.47010104"


async def test_an_avatar_that_cannot_be_loaded() -> None:
    class NoPack(ScriptedTalk):
        async def _stage(self) -> tuple[Avatar, Painter]:
            raise AvatarFailed("the pack is damaged")

    async with NoPack() as talk:
        await talk.join()
        assert talk.verdict is not None
        assert (talk.verdict.code, talk.verdict.message) == ("47000001", "the pack is damaged")
        assert [r.kind for r in talk.reports] == ["joined", "finished"]


async def test_a_voice_that_cannot_even_apologise() -> None:
    clock = FakeClock()
    tts = ToneTts(clock)
    tts.fails |= {"nine": ProviderFailed("voice gone"), "Sorry": ProviderFailed("voice gone")}
    async with ScriptedTalk(clock=clock, tts=tts, answers={"Open?": "We open at nine."}) as talk:
        await talk.join()
        await talk.ask("Open?")
        await talk.wait(4.0)
        assert talk.audible() == "We open at"
        (finished,) = talk.events(ReplyFinished)
        assert (finished.heard, finished.interrupted) == ("We open at", False)
        assert talk.order()[-1] == "state"
