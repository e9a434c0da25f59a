from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from visavis.core.errors import LanguageUnsupported, ProviderFailed, ProviderUnavailable
from visavis.core.media import Sound, SpeechMark
from visavis.core.streams import leaving
from visavis.core.text import Voice
from visavis.providers.tts.espeak import VOICES, EspeakTts
from visavis.testing.contracts import TALK, check_tts

HELLO = {
    "EN": ["Hello, Sara costs $99 today. ", "Isn't it?"],
    "CN": ["你好，", "今天的价格是99元。"],
    "ESP": ["Hola, ¿en qué puedo ayudarle hoy?"],
    "por": ["Olá, como posso ajudar você hoje?"],
    "Arabic": ["مرحبا، كيف يمكنني مساعدتك اليوم؟"],
    "fr": ["Bonjour, c'est l'été."],
}


@pytest.fixture
async def tts() -> AsyncIterator[EspeakTts]:
    async with EspeakTts(EspeakTts.Options()) as tts:
        yield tts


async def stream(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def speak(tts: EspeakTts, voice: Voice, *pieces: str) -> list[Sound | SpeechMark]:
    return [item async for item in tts.speak(stream(*pieces), voice=voice, talk=TALK)]


def pcm(items: list[Sound | SpeechMark]) -> bytes:
    return b"".join(i.pcm for i in items if isinstance(i, Sound))


def seconds(items: list[Sound | SpeechMark]) -> float:
    return sum(i.duration for i in items if isinstance(i, Sound))


@pytest.mark.parametrize("language", VOICES)
async def test_every_language_keeps_the_contract(tts: EspeakTts, language: str) -> None:
    await check_tts(tts, voice=Voice("", language), sentences=HELLO[language], marks=("phoneme", "word", "sentence"))


@pytest.mark.parametrize("language", VOICES)
async def test_marks_and_sounds_agree(tts: EspeakTts, language: str) -> None:
    text = "".join(HELLO[language])
    at = latest = 0.0
    for item in await speak(tts, Voice("", language), *HELLO[language]):
        if isinstance(item, Sound):
            assert item.at == pytest.approx(at, abs=1e-6)
            assert item.duration <= 0.3
            at += item.duration
            latest = max(latest, at)
            continue
        assert item.at >= at - 1e-6, "a mark comes after its sound"
        if item.kind != "phoneme":
            assert text[slice(*item.span)] == item.value
        assert item.kind == "sentence" or item.duration > 0
    assert 0.8 < latest < 6


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("EN", ["Hello", "Sara", "costs", "$99", "today", "Isn't", "it"]),
        ("CN", ["你好", "今", "天", "的", "价", "格", "是", "99", "元"]),
        ("Arabic", ["مرحبا", "كيف", "يمكنني", "مساعدتك", "اليوم"]),
        ("fr", ["Bonjour", "c'est", "l'été"]),
    ],
)
async def test_word_marks_name_the_words_of_the_text(tts: EspeakTts, language: str, words: list[str]) -> None:
    items = await speak(tts, Voice("", language), *HELLO[language])
    assert [i.value for i in items if isinstance(i, SpeechMark) and i.kind == "word"] == words


async def test_phonemes_are_ipa_with_stress(tts: EspeakTts) -> None:
    items = await speak(tts, Voice("en-us"), "My mother.")
    sounds = [(i.value, i.stress) for i in items if isinstance(i, SpeechMark) and i.kind == "phoneme" and i.value]
    assert sounds == [("m", 0), ("aɪ", 0), ("m", 0), ("ʌ", 2), ("ð", 0), ("ɚ", 0)]


@pytest.mark.parametrize("language", VOICES)
async def test_level_and_pitch_of_the_voice(tts: EspeakTts, language: str) -> None:
    sound = np.frombuffer(pcm(await speak(tts, Voice("", language), *HELLO[language])), np.int16).astype(float)
    frames = sound[: len(sound) // 441 * 441].reshape(-1, 441)
    power = np.sqrt((frames**2).mean(axis=1))
    level = 20 * np.log10(np.sqrt((frames[power > 0.05 * power.max()] ** 2).mean()) / 32768)
    assert -23 < level < -17
    assert np.abs(sound).max() < 32700
    assert 150 < pitch(sound) < 230, "not a woman's voice"


def pitch(sound: np.ndarray) -> float:
    """Median fundamental frequency by autocorrelation, Hz."""
    found = []
    for i in range(0, len(sound) - 882, 882):
        frame = sound[i : i + 882] - sound[i : i + 882].mean()
        if np.sqrt((frame**2).mean()) > 600:
            likeness = np.correlate(frame, frame, "full")[881:]
            lag = 55 + likeness[55:315].argmax()
            if likeness[lag] > 0.5 * likeness[0]:
                found.append(22050 / lag)
    return float(np.median(found))


async def test_speed_pitch_and_volume(tts: EspeakTts) -> None:
    text = "This is how fast I speak when nobody asks me to change."
    plain = await speak(tts, Voice("en-us"), text)
    words_a_minute = 60 * 12 / seconds(plain)
    assert 140 < words_a_minute < 230
    assert seconds(await speak(tts, Voice("en-us", speed=200), text)) < 0.65 * seconds(plain)
    assert seconds(await speak(tts, Voice("en-us", speed=50), text)) > 1.5 * seconds(plain)
    high = await speak(tts, Voice("en-us", pitch=140), text)
    low = await speak(tts, Voice("en-us", pitch=70), text)
    samples = [np.frombuffer(pcm(x), np.int16).astype(float) for x in (low, plain, high)]
    assert pitch(samples[0]) < 0.85 * pitch(samples[1]) < 0.85 * 0.9 * pitch(samples[2])
    loud = np.frombuffer(pcm(await speak(tts, Voice("en-us", volume=240), text)), np.int16).astype(float)
    quiet = np.frombuffer(pcm(await speak(tts, Voice("en-us", volume=90), text)), np.int16).astype(float)
    assert loud.std() > 1.4 * samples[1].std() > 1.4 * 1.4 * quiet.std()


async def test_sentences_are_apart_but_not_far(tts: EspeakTts) -> None:
    one, two = await speak(tts, Voice("en-us"), "One. "), await speak(tts, Voice("en-us"), "Two.")
    both = await speak(tts, Voice("en-us"), "One. ", "Two.")
    assert 0.2 < seconds(both) - seconds(one) - seconds(two) < 0.4
    tail = np.frombuffer(pcm(both), np.int16)[-int(0.06 * 22050) :]
    assert np.abs(tail.astype(int)).max() > 100, "silence at the end delays the next turn"


async def test_what_has_no_sound_is_skipped_but_counted(tts: EspeakTts) -> None:
    assert await speak(tts, Voice("en-us"), " ", "...", "**", "😀") == []
    items = await speak(tts, Voice("en-us"), "** ", "**Yes** 😀")
    (word,) = [i for i in items if isinstance(i, SpeechMark) and i.kind == "word"]
    assert (word.value, word.span) == ("Yes", (5, 8))


async def test_thai_and_unknown_voices_are_refused(tts: EspeakTts) -> None:
    for voice in (Voice("", "Thai"), Voice("th", "Thai"), Voice("th+f2", "EN"), Voice("", "Klingon")):
        with pytest.raises(LanguageUnsupported):
            await speak(tts, voice, "Sawasdee.")
    for name in ("nosuchvoice", "../../etc/passwd", "en-us\n"):
        with pytest.raises(ProviderUnavailable):
            await speak(tts, Voice(name), "Hello.")
    assert seconds(await speak(tts, Voice("en-us+f5"), "Hello.")) > 0.2


async def test_two_talks_at_once_get_their_own_sound(tts: EspeakTts) -> None:
    english, chinese = ["One two three. "] * 5, ["一二三四五。"] * 5
    alone = [await speak(tts, Voice("en-us"), *english), await speak(tts, Voice("cmn"), *chinese)]
    together = await asyncio.gather(
        speak(tts, Voice("en-us"), *english), speak(tts, Voice("cmn"), *chinese), speak(tts, Voice("en-us"), *english)
    )
    assert pcm(together[0]) == pcm(alone[0]) == pcm(together[2])
    assert pcm(together[1]) == pcm(alone[1])


async def test_a_reply_cut_short_leaves_nothing_behind(tts: EspeakTts) -> None:
    async def endless() -> AsyncIterator[str]:
        while True:
            yield "This sentence is one of very many that are said one after the other. "

    helper = tts.helper_pid
    assert helper is not None
    async with leaving(tts.speak(endless(), voice=Voice("en-us"), talk=TALK)) as items:
        async for item in items:
            if isinstance(item, Sound) and item.at > 20:
                assert len(children(helper)) == 1
                break
    await until(lambda: not children(helper))
    assert seconds(await speak(tts, Voice("en-us"), "And now this.")) > 0.4
    assert tts.helper_pid == helper


async def test_a_helper_that_dies_fails_one_reply_and_is_started_again(tts: EspeakTts) -> None:
    async def slow() -> AsyncIterator[str]:
        yield "One. "
        killed = tts.helper_pid
        assert killed is not None
        (child,) = children(killed)
        os.kill(killed, signal.SIGKILL)
        await until(lambda: not alive(child))
        yield "Two."

    before = tts.helper_pid
    with pytest.raises(ProviderFailed):
        async for _ in tts.speak(slow(), voice=Voice("en-us"), talk=TALK):
            pass
    several = await asyncio.gather(*(speak(tts, Voice("en-us"), "It works again.") for _ in range(3)))
    assert all(seconds(items) > 0.5 for items in several)
    assert tts.helper_pid != before


async def test_no_helper_outlives_its_worker(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        textwrap.dedent("""
        import asyncio
        from visavis.core.media import Sound
        from visavis.core.text import Voice
        from visavis.providers.tts.espeak import EspeakTts
        from visavis.testing.contracts import TALK

        async def text():
            yield "Hello."
            await asyncio.sleep(3600)

        async def main():
            async with EspeakTts(EspeakTts.Options()) as tts:
                async for item in tts.speak(text(), voice=Voice("en-us"), talk=TALK):
                    if isinstance(item, Sound):
                        print(tts.helper_pid, flush=True)
                        await asyncio.sleep(3600)

        asyncio.run(main())
        """)
    )
    worker = await asyncio.create_subprocess_exec(sys.executable, str(script), stdout=asyncio.subprocess.PIPE)
    try:
        assert worker.stdout is not None
        helper = int(await worker.stdout.readline())
        (speaking,) = children(helper)
        assert alive(helper)
    finally:
        worker.kill()
        await worker.communicate()
    await until(lambda: not alive(helper) and not alive(speaking))


def children(pid: int) -> list[int]:
    """Living children of a process."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed if alive(int(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def until(true: Callable[[], bool], within: float = 20.0) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)
