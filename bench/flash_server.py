"""Our link with a test signal: once a second a white picture and a tone that begin in the same moment, for 0.2 s."""

from __future__ import annotations

import asyncio

import numpy as np

from bench import offers, script
from visavis.core.clock import RealClock
from visavis.core.jobs import Peer
from visavis.core.media import FRAME_RATE, MOMENT_S, Face, Moment, Picture, Sound
from visavis.links.ice import IceSettings
from visavis.links.webrtc import WebRtcLink

_FLASH = FRAME_RATE // 5
"""Moments of light and sound in every second."""


def _picture(luma: int) -> Picture:
    i420 = np.full((script.HEIGHT * 3 // 2, script.WIDTH), 128, np.uint8)
    i420[: script.HEIGHT] = luma
    return Picture(script.WIDTH, script.HEIGHT, i420)


async def _show(link: WebRtcLink) -> None:
    dark, white = _picture(40), _picture(230)
    tone = b"".join(script.speech(_FLASH * MOMENT_S))
    silence = Sound.silence(MOMENT_S, script.RATE)
    size = len(tone) // _FLASH
    number = 0
    while True:
        beat, step = divmod(number, FRAME_RATE)
        if step < _FLASH:
            sound = Sound(tone[step * size : (step + 1) * size], script.RATE, step * MOMENT_S, reply=beat + 1)
            await link.show(Moment(sound, Face(), white))
        else:
            await link.show(Moment(silence, Face(), dark))
        number += 1


async def main() -> None:
    link = WebRtcLink(width=script.WIDTH, height=script.HEIGHT, ice=IceSettings(), clock=RealClock())
    showing = asyncio.create_task(_show(link))

    async def answer(sdp: str) -> str:
        return (await link.attach(Peer(user_type="END_USER", user_id="visitor-bench", sdp=sdp))).sdp

    await offers.serve(answer)
    showing.cancel()
    await link.close()


if __name__ == "__main__":
    asyncio.run(main())
