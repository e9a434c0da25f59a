from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from visavis.core.errors import LanguageUnsupported, ProviderFailed, ProviderUnavailable
from visavis.core.media import Sound
from visavis.core.streams import leaving
from visavis.core.text import Transcript
from visavis.providers.asr.pocketsphinx import PocketSphinxAsr
from visavis.testing.contracts import TALK, check_asr, sounds

Say = Callable[..., bytes]


@pytest.fixture
async def asr(knowledge: Path) -> AsyncIterator[PocketSphinxAsr]:
    async with PocketSphinxAsr(PocketSphinxAsr.Options(questions=knowledge)) as asr:
        yield asr


async def stream(pcm: bytes) -> AsyncIterator[Sound]:
    for sound in sounds(pcm):
        yield sound


async def hear(asr: PocketSphinxAsr, pcm: bytes, hints: Sequence[str] = ()) -> list[Transcript]:
    return [t async for t in asr.transcribe(stream(pcm), talk=TALK, hints=hints)]


async def text(asr: PocketSphinxAsr, pcm: bytes, hints: Sequence[str] = ()) -> str:
    return (await hear(asr, pcm, hints))[-1].text


async def test_contract(asr: PocketSphinxAsr, say: Say) -> None:
    await check_asr(asr, speech=list(sounds(say("When are you open?"))), expect="when are you open")


@pytest.mark.parametrize("voice", ["rms", "slt", "awb"])
async def test_own_questions_are_understood(asr: PocketSphinxAsr, say: Say, voice: str) -> None:
    """Also a word that no dictionary has: its pronunciation is worked out."""
    own = [
        "How much is a bicycle", "What are your opening hours", "Where can I return the bicycle",
        "Do you repair flat tyres", "Who fixes a puncture", "Is there a battery in the Zorblax bicycle",
    ]  # fmt: skip
    heard = [await text(asr, say(question, voice)) for question in own]
    assert sum(a == b for a, b in zip(heard, own, strict=True)) >= 4, heard
    wrong = sum(x != y for a, b in zip(heard, own, strict=True) for x, y in zip(a.split(), b.split(), strict=True))
    assert wrong <= 2, heard


@pytest.mark.parametrize("voice", ["rms", "awb"])
async def test_foreign_sentences_are_not_bent_into_own_ones(asr: PocketSphinxAsr, say: Say, voice: str) -> None:
    right = total = 0
    for sentence in (
        "the president signed the new law yesterday",
        "please remind me to buy milk tomorrow morning",
        "we should plant some tomatoes in the garden",
    ):
        found = (await text(asr, say(sentence, voice))).lower().split()
        total += len(sentence.split())
        right += len(set(sentence.split()) & set(found))
        assert not {"bicycle", "puncture", "zorblax"} & set(found)
    assert right / total > 0.6


async def test_hot_words_raise_recognition(asr: PocketSphinxAsr, say: Say) -> None:
    sentence = say("Tell me about Kubernetes")
    assert "kubernetes" not in (await text(asr, sentence)).lower()
    assert await text(asr, sentence, ["Kubernetes", "MetaStudio"]) == "Tell me about Kubernetes"
    assert await text(asr, say("When are you open"), ["Kubernetes", "MetaStudio"]) == "When are you open"
    assert "kubernetes" not in (await text(asr, sentence)).lower(), "a hot word of one talk stayed for the next"


async def test_without_questions_the_general_model_hears(say: Say) -> None:
    async with PocketSphinxAsr(PocketSphinxAsr.Options()) as asr:
        assert "remind me to buy milk" in await text(asr, say("please remind me to buy milk tomorrow morning"))
        assert await text(asr, say("Tell me about Kubernetes"), ["Kubernetes"]) == "Tell me about Kubernetes"


async def test_partial_texts_come_while_the_visitor_speaks(asr: PocketSphinxAsr, say: Say) -> None:
    fed = 0
    seen: list[tuple[int, str]] = []
    partial = asyncio.Event()

    async def speaking() -> AsyncIterator[Sound]:
        nonlocal fed
        pieces = list(sounds(say("Is there a battery in the Zorblax bicycle?")))
        for sound in pieces:
            if fed == len(pieces) * 3 // 4:
                await partial.wait()
            fed += 1
            yield sound

    async for transcript in asr.transcribe(speaking(), talk=TALK, hints=()):
        seen.append((fed, transcript.text))
        partial.set()
    assert len(seen) > 2
    assert "is there a" in " ".join(text for _, text in seen[:-1]).lower()


@pytest.mark.parametrize("level", [0.1, 0.5])
async def test_the_microphone_may_be_quiet(asr: PocketSphinxAsr, say: Say, level: float) -> None:
    quiet = (np.frombuffer(say("Where can I return the bicycle"), np.int16) * level).astype(np.int16).tobytes()
    assert await text(asr, quiet) == "Where can I return the bicycle"


async def test_noise_is_no_text(asr: PocketSphinxAsr) -> None:
    rng = np.random.default_rng(3)
    for noise in (np.zeros(32000), rng.normal(size=32000) * 1000, rng.normal(size=3200) * 1000, np.zeros(10)):
        assert [t.text for t in await hear(asr, noise.astype(np.int16).tobytes())] == [""]


async def test_turns_at_once_do_not_mix(asr: PocketSphinxAsr, say: Say) -> None:
    questions = ["When are you open", "Do you repair flat tyres", "Where can I return the bicycle"]
    heard = await asyncio.gather(*(text(asr, say(q, v)) for q, v in zip(questions, ("rms", "slt", "awb"), strict=True)))
    assert heard == questions


async def test_other_languages_and_rates_are_refused(asr: PocketSphinxAsr) -> None:
    with pytest.raises(LanguageUnsupported):
        async for _ in asr.transcribe(stream(b""), talk=TALK.model_copy(update={"language": "CN"}), hints=()):
            pass

    async def wide() -> AsyncIterator[Sound]:
        yield Sound.silence(0.02, 48000)

    with pytest.raises(ValueError, match="16 kHz"):
        async for _ in asr.transcribe(wide(), talk=TALK, hints=()):
            pass


async def test_a_missing_file_of_questions_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable):
        async with PocketSphinxAsr(PocketSphinxAsr.Options(questions=tmp_path / "none.json")):
            pass


async def test_a_helper_that_dies_fails_one_turn_and_is_started_again(asr: PocketSphinxAsr, say: Say) -> None:
    pcm = say("When are you open")

    async def interrupted() -> AsyncIterator[Sound]:
        for n, sound in enumerate(sounds(pcm)):
            if n == 20:
                assert asr.helper_pid is not None
                os.kill(asr.helper_pid, signal.SIGKILL)
            yield sound
            await asyncio.sleep(0.001)

    with pytest.raises(ProviderFailed):
        async for _ in asr.transcribe(interrupted(), talk=TALK, hints=()):
            pass
    assert await text(asr, pcm) == "When are you open"


async def test_a_turn_given_up_ends_its_process(asr: PocketSphinxAsr, say: Say) -> None:
    async def endless() -> AsyncIterator[Sound]:
        while True:
            for sound in sounds(say("How much is a bicycle")):
                yield sound

    helper = asr.helper_pid
    async with leaving(asr.transcribe(endless(), talk=TALK, hints=())) as transcripts:
        async for _ in transcripts:
            break
    async with asyncio.timeout(20):
        while children(helper):
            await asyncio.sleep(0.02)
    assert asr.helper_pid == helper


def children(pid: int | None) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
