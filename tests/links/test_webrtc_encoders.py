"""Encoders for every size a room may ask for."""

from __future__ import annotations

import numpy as np
import pytest

from visavis.links.webrtc_encoders import Codec, PictureDecoder, PictureEncoder, h264_level, highest_bitrate


@pytest.mark.parametrize(
    ("width", "height", "level"),
    [
        (320, 320, "30"),
        (720, 1280, "31"),
        (1280, 720, "31"),
        (1080, 1920, "40"),
        (1440, 2560, "50"),
        (2560, 2560, "51"),
    ],
)
def test_the_level_fits_the_size(width: int, height: int, level: str) -> None:
    assert h264_level(width, height) == level


@pytest.mark.parametrize("codec", ["H264", "VP8"])
@pytest.mark.parametrize(("width", "height"), [(320, 320), (322, 426), (720, 1280), (1080, 1920), (2560, 2560)])
def test_every_size_is_coded_and_decoded(codec: Codec, width: int, height: int) -> None:
    pixels = np.full((height * 3 // 2, width), 128, np.uint8)
    pixels[:height] = np.linspace(50, 200, width, dtype=np.uint8)
    encoder, decoder = PictureEncoder(codec, width, height, highest_bitrate(width, height)), PictureDecoder(codec)
    first, second, third = (encoder.encode(pixels, key=key) for key in (False, False, True))
    assert [first.key, second.key, third.key] == [True, False, True]
    for coded in (first, second, third):
        seen = decoder.decode(coded)
        assert seen is not None
        assert seen.shape == pixels.shape
        assert np.abs(seen.astype(int) - pixels).mean() < 4


def test_the_parameter_sets_come_with_every_keyframe_and_the_profile_is_baseline() -> None:
    encoder = PictureEncoder("H264", 720, 1280, 1_000_000)
    pixels = np.full((1920, 720), 100, np.uint8)
    for coded in (encoder.encode(pixels, key=False), encoder.encode(pixels, key=True)):
        at = coded.data.index(b"\x00\x00\x01\x67") + 4
        profile, constraints, level = coded.data[at : at + 3]
        assert (profile, constraints & 0x40, level) == (66, 0x40, 31), "constrained baseline 3.1, as negotiated"
