"""The floor of a voice loop on this machine: aiortc and a loudness gate, nothing else.

Same tail silence, delays and voice as the others. No detector of speech but the level, no text, no picture, no room:
what is left is the transport, and what a real loop adds is measured against it.
"""

from __future__ import annotations

import argparse
import asyncio
import fractions
import time
from collections import deque
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtp import RtpPacket

from bench import offers, script

_LOUD = 200
"""RMS from which a frame counts as speech."""


class _Voice(MediaStreamTrack):
    """20 ms a frame by the clock: what was queued, else silence."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.queue: deque[bytes] = deque()
        self._count = 0
        self._start = 0.0

    async def recv(self) -> av.AudioFrame:
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - time.monotonic()))
        frame = av.AudioFrame(format="s16", layout="mono", samples=script.CHUNK)
        frame.planes[0].update(self.queue.popleft() if self.queue else bytes(2 * script.CHUNK))
        frame.sample_rate, frame.time_base = script.RATE, fractions.Fraction(1, script.RATE)
        frame.pts = self._count * script.CHUNK
        self._count += 1
        return frame


class _Talk:
    def __init__(self, speech: list[bytes]) -> None:
        self.voice = _Voice()
        self._speech = speech
        self._opus: Any = av.CodecContext.create("opus", "r")
        self._reply: asyncio.Task[None] | None = None

    async def hear(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        """Takes the place of aiortc's receiver, which holds four packets back. A loud packet interrupts."""
        for frame in self._opus.decode(av.Packet(packet.payload)) if packet.payload else ():
            # FFmpeg's Opus decoder gives planar floats.
            if np.sqrt(np.mean(np.square(frame.to_ndarray()))) * 32767 > _LOUD:
                self.voice.queue.clear()
                if self._reply:
                    self._reply.cancel()
                self._reply = asyncio.create_task(self._speak())

    async def _speak(self) -> None:
        await asyncio.sleep(script.FIXED)
        self.voice.queue.extend(self._speech)

    def end(self) -> None:
        if self._reply:
            self._reply.cancel()


async def main(seconds: float) -> None:
    speech = script.speech(seconds)
    connections: set[RTCPeerConnection] = set()

    async def answer(sdp: str) -> str:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connections.add(connection)
        talk = _Talk(speech)

        async def state() -> None:
            if connection.connectionState in ("failed", "closed"):
                connections.discard(connection)
                talk.end()
                await connection.close()

        connection.on("connectionstatechange", state)
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        receiver: Any = connection.addTrack(talk.voice) and connection.getTransceivers()[0].receiver
        receiver._handle_rtp_packet = talk.hear
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp

    await offers.serve(answer)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--speech", type=float, required=True, help="seconds of each reply")
    asyncio.run(main(parser.parse_args().speech))
