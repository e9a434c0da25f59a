"""Opus and resampling, without a network."""

from __future__ import annotations

import numpy as np
import pytest
from tests.links.webrtc_client import pitch, tone

from visavis.core.media import Samples, Sound
from visavis.links.webrtc_sound import CHUNK, Microphone, OpusEncoder, Upsampler

WRAP = 0x1_0000


def packets(seconds: float, hertz: float = 440.0) -> list[bytes]:
    encoder = OpusEncoder()
    wave = (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 48_000)) / 48_000)).astype(np.int16)
    return [encoder.encode(wave[at : at + CHUNK]) for at in range(0, len(wave) - CHUNK + 1, CHUNK)]


def joined(sounds: list[Sound]) -> Samples:
    return np.concatenate([s.samples for s in sounds])


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_any_rate_becomes_48_khz_without_losing_a_sample(rate: int) -> None:
    upsampler = Upsampler()
    out = np.concatenate([upsampler.moment(tone(n, 500.0, rate)) for n in range(50)])
    assert len(out) == 50 * 1920
    assert pitch(out[4800:], 48_000) == pytest.approx(500, abs=1)
    jumps = np.abs(np.diff(out[4800:].astype(int)))
    assert jumps.max() < 800, "no click where moments meet"


def test_a_change_of_rate_is_followed() -> None:
    upsampler = Upsampler()
    for rate in (16_000, 22_050, 48_000, 16_000):
        out = np.concatenate([upsampler.moment(tone(n, 500.0, rate)) for n in range(20)])
        assert pitch(out[4800:], 48_000) == pytest.approx(500, abs=3)


def test_sequence_numbers_and_times_may_wrap() -> None:
    microphone, heard = Microphone(), []
    for n, payload in enumerate(packets(2.0)):
        stamp = (0xFFFF_FFFF - 20_000 + n * CHUNK) & 0xFFFF_FFFF
        heard += list(microphone.packet((WRAP - 30 + n) % WRAP, stamp, payload, 5 + n * 0.02))
    assert len(heard) >= 98
    assert np.diff([s.at for s in heard]) == pytest.approx(0.02, abs=0.002)
    assert heard[0].at == pytest.approx(5 - 0.02, abs=0.005), "the first sample was spoken before it arrived"
    assert pitch(joined(heard)[3200:].astype(float), 16_000) == pytest.approx(440, abs=1)


def test_packets_out_of_order_are_put_in_order_and_repeated_ones_dropped() -> None:
    straight, mixed = Microphone(), Microphone()
    sent = list(enumerate(packets(1.0)))
    expected = [s for n, p in sent for s in straight.packet(n, n * CHUNK, p, n * 0.02)]
    swapped = [*sent[:10], sent[11], sent[10], sent[11], sent[9], *sent[12:]]
    heard = [s for n, p in swapped for s in mixed.packet(n, n * CHUNK, p, n * 0.02)]
    assert joined(heard).tobytes() == joined(expected).tobytes()


def test_lost_packets_leave_a_gap_of_their_length() -> None:
    microphone = Microphone()
    sent = [(n, p) for n, p in enumerate(packets(2.0)) if n not in (40, 41, 60)]
    heard = [s for n, p in sent for s in microphone.packet(n, n * CHUNK, p, n * 0.02)]
    assert len(heard) >= 97
    assert heard[-1].at == pytest.approx(1.94, abs=0.03)
    zeros = int(np.sum(joined(heard)[1600:] == 0))
    assert zeros == pytest.approx(3 * 320, abs=40)


def test_times_do_not_follow_the_jitter_of_the_network() -> None:
    microphone, random = Microphone(), np.random.default_rng(1)
    heard = []
    for n, payload in enumerate(packets(3.0)):
        heard += list(microphone.packet(n, n * CHUNK, payload, n * 0.02 + random.exponential(0.02)))
    late = [s.at - n * 0.02 for n, s in enumerate(heard)]
    assert max(late[50:]) - min(late[50:]) < 0.01


def test_another_stream_and_garbage_are_survived() -> None:
    microphone = Microphone()
    heard = [s for n, p in enumerate(packets(0.5)) for s in microphone.packet(n, n * CHUNK, p, n * 0.02)]
    for n, payload in ((25, b"\xff" * 7), (26, b"")):
        assert len(list(microphone.packet(n, n * CHUNK, payload, n * 0.02))) <= 2
    before = len(heard)
    for n, payload in enumerate(packets(0.5, 880.0)):
        heard += list(microphone.packet((40_000 + n) % WRAP, 1_000_000 + n * CHUNK, payload, 1 + n * 0.02))
    assert len(heard) - before >= 22
    assert pitch(joined(heard[-15:]).astype(float), 16_000) == pytest.approx(880, abs=4)


def test_lasting_silence_is_not_encoded_and_speech_after_it_is_whole() -> None:
    encoder, microphone = OpusEncoder(), Microphone()
    silence = np.zeros(CHUNK, np.int16)
    wave = (8000 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)).astype(np.int16)
    chunks = [silence] * 60 + [wave[at : at + CHUNK] for at in range(0, 48_000, CHUNK)] + [silence] * 40
    coded = [encoder.encode(chunk) for chunk in chunks]
    assert len(set(map(bytes, coded[12:60]))) == 1
    assert encoder._pts < len(chunks) * CHUNK, "some were not encoded"
    heard = [s for n, p in enumerate(coded) for s in microphone.packet(n, n * CHUNK, p, n * 0.02)]
    loud = [int(np.abs(s.samples).max()) for s in heard]
    assert max(loud[:58]) < 100
    assert min(loud[63:108]) > 6000
    assert max(loud[115:]) < 100
