from __future__ import annotations

from collections.abc import Callable
from unittest import mock  # only to count calls

import numpy as np
import pytest

from visavis.core.media import Sound
from visavis.providers.vad.silero import SileroStream, SileroVad
from visavis.testing.contracts import check_vad, sounds

RNG = np.random.default_rng(7)


def heard(pcm: bytes, step: float = 0.02) -> list[float]:
    stream = SileroStream()
    return [stream.probability(sound) for sound in sounds(pcm, step=step)]


async def test_contract(say: Callable[..., bytes]) -> None:
    async with SileroVad(SileroVad.Options()) as vad:
        await check_vad(vad, speech=list(sounds(say("When are you open?"))))


@pytest.mark.parametrize("voice", ["rms", "slt", "awb"])
@pytest.mark.parametrize("level", [1.0, 0.1, 0.03])
def test_a_voice_is_heard_soon_and_until_its_end(say: Callable[..., bytes], voice: str, level: float) -> None:
    clip = np.frombuffer(say("How much is a bicycle for a week?", voice), np.int16)
    loud = np.flatnonzero(np.abs(clip) > 0.1 * np.abs(clip).max())
    begins, ends = loud[0] / 16000, loud[-1] / 16000
    p = np.array(heard((clip * level).astype(np.int16).tobytes()))
    over = np.flatnonzero(p > 0.5) * 0.02
    assert begins - 0.1 < over[0] < begins + 0.2
    assert ends - 0.35 < over[-1] < ends + 0.2
    assert np.mean(p[int(begins / 0.02) + 10 : int(ends / 0.02) - 15] > 0.5) > 0.8


@pytest.mark.parametrize(
    "noise",
    [
        np.zeros(48000),
        RNG.normal(size=48000) * 1000,
        RNG.normal(size=48000) * 20,
        8000 * np.sin(np.arange(48000) * 2 * np.pi * 440 / 16000),
        3000 * np.sin(np.arange(48000) * 2 * np.pi * 50 / 16000),
        (RNG.random(48000) < 0.0005) * 20000.0,
    ],
    ids=["zeros", "white", "quiet white", "tone", "hum", "clicks"],
)
def test_noise_is_not_speech(noise: np.ndarray) -> None:
    assert max(heard(noise.astype(np.int16).tobytes())) < 0.5


def test_chunk_length_does_not_matter(say: Callable[..., bytes]) -> None:
    clip = say("Do you repair flat tyres?")
    in_windows = heard(clip, step=0.032)
    other = SileroStream()
    odd = [other.probability(sound) for sound in sounds(clip, step=0.007)]
    assert max(in_windows) == pytest.approx(max(odd))
    assert np.mean(np.array(in_windows) > 0.5) == pytest.approx(np.mean(np.array(odd) > 0.5), abs=0.05)
    one = SileroStream()
    assert one.probability(Sound(clip, 16000)) == in_windows[len(clip) // 1024 - 1]


def test_silence_costs_nothing(say: Callable[..., bytes]) -> None:
    stream = SileroStream()
    with mock.patch.object(stream, "_silero", wraps=stream._silero) as silero:
        for _ in range(100):
            stream.probability(Sound.silence(0.032, 16000))
        assert silero.call_count == 0
        for sound in sounds(say("When are you open?")):
            stream.probability(sound)
        ran = silero.call_count
        assert ran > 20
        for _ in range(100):
            stream.probability(Sound.silence(0.032, 16000))
        assert silero.call_count - ran <= 10


def test_other_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="16 kHz"):
        SileroStream().probability(Sound.silence(0.02, 48000))
