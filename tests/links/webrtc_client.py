"""The other end of a WebRTC link in tests: what a browser would be, made of aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from visavis.core.clock import RealClock
from visavis.core.events import EVENT, Event, Notice, PeerJoined, PeerLeft
from visavis.core.jobs import Answer, Peer
from visavis.core.media import Face, LoopFrame, Moment, Picture, Pixels, Sound
from visavis.links.ice import IceSettings, prepare
from visavis.links.webrtc import WebRtcLink

WIDTH, HEIGHT = 320, 480
NO_ICE = IceSettings()


class Tone(MediaStreamTrack):
    """A microphone that hears a tone."""

    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._wave = 8000 * np.sin(2 * np.pi * hertz * np.arange(48_000) / 48_000)
        self._count = 0
        self._start = time.monotonic()

    async def recv(self) -> av.AudioFrame:
        await asyncio.sleep(max(0.0, self._start + self._count * 0.02 - time.monotonic()))
        at = self._count % 50 * 960
        frame = av.AudioFrame.from_ndarray(self._wave[at : at + 960].astype(np.int16)[None], layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._count * 960, Fraction(1, 48_000)
        self._count += 1
        return frame


@dataclass
class Client:
    """Records all that arrives: packets with their arrival, decoded sound and pictures, events."""

    pictures: list[av.VideoFrame] = field(default_factory=list)
    sound: list[tuple[float, Any]] = field(default_factory=list)
    """Seconds on the RTP clock since the first packet, and 20 ms of mono samples."""
    video_packets: list[Any] = field(default_factory=list)
    audio_packets: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answer: Answer | None = None
    connection: RTCPeerConnection = field(default_factory=lambda: RTCPeerConnection(RTCConfiguration(iceServers=[])))
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    channel: Any = None

    async def offer(
        self,
        *,
        hertz: float | None = 440.0,
        video: bool = True,
        channel: bool = True,
        codec: str | None = None,
        ice: IceSettings = NO_ICE,
    ) -> str:
        if channel:
            self.channel = self.connection.createDataChannel("events")
            self.channel.on("message", lambda text: self.events.append(EVENT.validate_json(text)))
        if hertz is not None:
            self.connection.addTrack(Tone(hertz))
        if video:
            transceiver = self.connection.addTransceiver("video", direction="recvonly")
            if codec:
                known = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in known if c.name in (codec, "rtx")])
        self.connection.on("track", self._track)
        prepare(self.connection, ice)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def accept(self, sdp: str) -> None:
        for transceiver in self.connection.getTransceivers():
            packets = self.audio_packets if transceiver.kind == "audio" else self.video_packets
            receiver: Any = transceiver.receiver
            receiver._handle_rtp_packet = self._noting(packets, receiver._handle_rtp_packet)
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def join(
        self, link: WebRtcLink, user_id: str = "visitor-1", user_type: Any = "END_USER", **options: Any
    ) -> None:
        offer = await self.offer(**options)
        self.answer = await link.attach(Peer(user_type=user_type, user_id=user_id, sdp=offer))
        await self.accept(self.answer.sdp)
        await until(lambda: self.connection.connectionState == "connected", 10, "no connection")

    async def close(self) -> None:
        await self.connection.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def ask_for_keyframe(self) -> Any:
        """Sends a PLI."""
        video = next(t for t in self.connection.getTransceivers() if t.kind == "video")
        return video.receiver._send_rtcp_pli(self.video_packets[-1].ssrc)

    def vanish(self) -> None:
        """As if the machine lost its network: nothing goes out, nothing comes in."""
        agent: Any = self.connection.getTransceivers()[0].receiver.transport.transport.iceGatherer._connection
        for protocol in agent._protocols:
            protocol.send_stun = lambda *_: None
            protocol.datagram_received = lambda *_: None
            protocol.transport = _DeadTransport(protocol.transport)

    @staticmethod
    def _noting(packets: list[Any], onward: Callable[..., Any]) -> Callable[..., Any]:
        async def noted(packet: Any, arrival_time_ms: int) -> None:
            packet.arrival = time.monotonic()
            packets.append(packet)
            await onward(packet, arrival_time_ms)

        return noted

    def _track(self, track: MediaStreamTrack) -> None:
        self.tasks.append(asyncio.create_task(self._collect(track)))

    async def _collect(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                if track.kind == "video":
                    self.pictures.append(frame)
                else:
                    mono = frame.to_ndarray()[0].reshape(-1, 2).mean(axis=1)
                    self.sound.append((frame.pts / 48_000, mono))


class _DeadTransport:
    def __init__(self, real: Any) -> None:
        self._real = real

    def sendto(self, *_: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextlib.asynccontextmanager
async def linked(**options: Any) -> AsyncIterator[WebRtcLink]:
    values = {"width": WIDTH, "height": HEIGHT, "ice": NO_ICE, "clock": RealClock(), **options}
    link = WebRtcLink(**values)
    try:
        yield link
    finally:
        await link.close()


@contextlib.asynccontextmanager
async def visiting(link: WebRtcLink, *args: Any, **options: Any) -> AsyncIterator[Client]:
    client = Client()
    try:
        await client.join(link, *args, **options)
        yield client
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def playing(link: WebRtcLink, moments: Callable[[int], Moment]) -> AsyncIterator[None]:
    async def play() -> None:
        number = 0
        while True:
            await link.show(moments(number))
            number += 1

    task = asyncio.create_task(play())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def noticing(link: WebRtcLink) -> AsyncIterator[list[Notice]]:
    found: list[Notice] = []

    async def note() -> None:
        async for notice in link.notices():
            found.append(notice)

    task = asyncio.create_task(note())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(ready: Callable[[], Any], within: float = 10.0, what: str = "") -> None:
    try:
        async with asyncio.timeout(within):
            while not ready():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(what or "it never happened") from None


def joined(notices: list[Notice]) -> list[str]:
    return [n.user_id for n in notices if isinstance(n, PeerJoined)]


def left(notices: list[Notice]) -> list[tuple[str, bool]]:
    return [(n.user_id, n.hung_up) for n in notices if isinstance(n, PeerLeft)]


def canvas(number: int, light: int = 120) -> Pixels:
    """A grey picture with a white box that moves 8 pixels a picture."""
    pixels = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    pixels[:HEIGHT] = light
    x = number * 8 % (WIDTH - 40)
    pixels[100:140, x : x + 40] = 235
    return pixels


def box_at(frame: av.VideoFrame) -> int:
    """Where the white box of `canvas` begins."""
    row = frame.to_ndarray(format="gray")[120].astype(int)
    return int(np.argmax(row > 200))


def tone(number: int, hertz: float, rate: int = 16_000, reply: int = 1) -> Sound:
    """The moment of that number of an endless tone."""
    at = np.arange(number * rate // 25, (number + 1) * rate // 25)
    return Sound((8000 * np.sin(2 * np.pi * hertz * at / rate)).astype(np.int16).tobytes(), rate, reply=reply)


def speaking(hertz: float = 1000.0, **options: Any) -> Callable[[int], Moment]:
    return lambda n: Moment(tone(n, hertz, **options), Face(), Picture(WIDTH, HEIGHT, canvas(n)))


def silent(number: int) -> Moment:
    return Moment(Sound.silence(0.04, 16_000), Face(), Picture(WIDTH, HEIGHT, canvas(number)))


@dataclass(frozen=True)
class Cycle:
    """A cycle of pictures; `light` tells cycles apart."""

    length: int = 75
    light: int = 60

    @property
    def key(self) -> tuple[str, ...]:
        return ("test", str(self.length), str(self.light))

    def __len__(self) -> int:
        return self.length

    def frames(self) -> Iterator[Pixels]:
        for number in range(self.length):
            yield canvas(number, self.light)

    def moment(self, number: int) -> Moment:
        picture = Picture(WIDTH, HEIGHT, loop=LoopFrame(self, number % self.length))
        return Moment(Sound.silence(0.04, 16_000), Face(), picture)


def pitch(samples: Any, rate: int) -> float:
    """The strongest frequency."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))
