"""A visitor without a browser: joins a room by WebRTC, speaks, and notes what arrives and when.

For load tests, benchmarks and end-to-end tests. Times are `time.monotonic()` at the arrival of the RTP packet, before
any jitter buffer, so they are the truth about the sender.
"""

from __future__ import annotations

import asyncio
import fractions
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import RtpPacket

from visavis.core.events import CLIENT_MESSAGE, EVENT, ClientMessage, Event
from visavis.core.media import Samples
from visavis.links.ice import IceSettings, prepare

_RATE = 48_000
_FRAME = 960


@dataclass(frozen=True, slots=True)
class Heard:
    """One packet of sound, 20 ms."""

    at: float
    timestamp: int
    """RTP, 48 kHz."""
    rms: float
    """Of the decoded samples, 0..32767."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One packet of picture."""

    at: float
    timestamp: int
    """RTP, 90 kHz."""
    size: int
    """Payload bytes."""
    last: bool
    """Marker: the last packet of its picture."""


class _Microphone(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._queue = np.zeros(0, np.int16)
        self._count = 0
        self._start = 0.0
        self.drained_at = 0.0
        """When the last sample of what was said was handed to the sender."""

    def say(self, samples: Samples) -> None:
        self._queue = np.concatenate([self._queue, samples])

    @property
    def busy(self) -> bool:
        return len(self._queue) > 0

    async def recv(self) -> av.AudioFrame:
        self._start = self._start or time.monotonic()
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - time.monotonic()))
        chunk, self._queue = self._queue[:_FRAME], self._queue[_FRAME:]
        if len(chunk) and not len(self._queue):
            self.drained_at = time.monotonic()
        frame = av.AudioFrame.from_ndarray(np.pad(chunk, (0, _FRAME - len(chunk)))[None], layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = _RATE, self._count * _FRAME, fractions.Fraction(1, _RATE)
        self._count += 1
        return frame


class Visitor:
    """One visitor. `async with Visitor(...) as visitor: await visitor.join(exchange)`."""

    def __init__(self, *, pictures: bool = True, decode: bool = False) -> None:
        """pictures: ask for the picture at all. decode: keep decoded pictures in `pictures` (costs CPU)."""
        self.heard: list[Heard] = []
        self.seen: list[Seen] = []
        self.pictures: list[av.VideoFrame] = []
        self.events: list[tuple[float, Event]] = []
        self.connected = asyncio.Event()
        self.opened = asyncio.Event()
        self._decode = decode
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on("connectionstatechange", self._state_changed)
        self._channel = self._connection.createDataChannel("events")
        self._channel.on("open", self.opened.set)
        self._channel.on("message", self._message)
        self._microphone = _Microphone()
        self._connection.addTrack(self._microphone)
        if pictures:
            self._connection.addTransceiver("video", direction="recvonly")
        self._opus: Any = av.CodecContext.create("opus", "r")
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def join(self, exchange: Callable[[str], Awaitable[str]], within: float = 20.0) -> None:
        """exchange: sends the SDP offer to the signalling endpoint and returns the answer. Raises TimeoutError."""
        prepare(self._connection, IceSettings())
        await self._connection.setLocalDescription(await self._connection.createOffer())
        answer = await exchange(self._connection.localDescription.sdp)
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        # No packet comes before the handshake, which takes more than one turn of the loop.
        for transceiver in self._connection.getTransceivers():
            self._tap(transceiver.receiver)
        async with asyncio.timeout(within):
            await self.connected.wait()
            await self.opened.wait()

    def say(self, samples: Samples) -> None:
        """Queue mono int16 samples at 48 kHz for the microphone; silence is sent otherwise."""
        self._microphone.say(samples)

    async def said(self) -> float:
        """Wait until all that was queued is sent; returns the time of the last sample."""
        while self._microphone.busy:
            await asyncio.sleep(0.005)
        return self._microphone.drained_at

    def send(self, message: ClientMessage) -> None:
        self._channel.send(CLIENT_MESSAGE.dump_json(message).decode())

    async def event(self, kind: str, *, after: int = 0, within: float = 20.0) -> Event:
        """The first event of that type at or after position `after` of `events`. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while True:
                for _, event in self.events[after:]:
                    if event.type == kind:
                        return event
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Vanish without a good-bye."""
        await self._connection.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _state_changed(self) -> None:
        if self._connection.connectionState == "connected":
            self.connected.set()

    def _message(self, text: str) -> None:
        self.events.append((time.monotonic(), EVENT.validate_json(text)))

    def _tap(self, receiver: RTCRtpReceiver) -> None:
        """Note each packet as it arrives; hand it on to aiortc only where pictures are to be decoded."""
        audio = receiver.track.kind == "audio"
        onward: Any = receiver._handle_rtp_packet

        async def noted(packet: RtpPacket, arrival_time_ms: int) -> None:
            now = time.monotonic()
            if audio:
                for frame in self._opus.decode(av.Packet(packet.payload)) if packet.payload else ():
                    rms = float(np.sqrt(np.mean(np.square(_mono(frame)))))
                    self.heard.append(Heard(now, packet.timestamp, rms))
                return
            self.seen.append(Seen(now, packet.timestamp, len(packet.payload), bool(packet.marker)))
            if self._decode:
                await onward(packet, arrival_time_ms)

        receiver._handle_rtp_packet = noted  # type: ignore[method-assign]
        if self._decode and not audio:
            self._tasks.append(asyncio.create_task(self._collect(receiver.track)))

    async def _collect(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.pictures.append(frame)
        except MediaStreamError:
            return


def _mono(frame: av.AudioFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """First channel in int16 units. FFmpeg's Opus decoder gives planar floats."""
    samples: np.ndarray[Any, np.dtype[np.float64]] = frame.to_ndarray()[0].astype(np.float64)
    return samples * 32767 if frame.format.name.startswith("flt") else samples
