"""One attached peer: its connection, its two tracks, its data channel, and whether it is still there."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import av
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RTCRtpReceiver, StreamStatistics
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    RtpPacket,
    unpack_remb_fci,
)

from visavis.core.clock import Clock
from visavis.core.errors import MediaRefused, VisavisError
from visavis.links.ice import IceSettings, agent_of, prepare
from visavis.links.webrtc_encoders import Codec, Coded
from visavis.links.webrtc_offer import OfferedMedia, preferences, read_offer

log = logging.getLogger(__name__)

CONNECT_WITHIN = 15.0
"""Seconds between the answer and the first encrypted packet."""
LOST_AFTER = 6.0
"""Seconds without a single datagram. Browsers send STUN checks every 2.5 s and receiver reports every second."""

_WATCH_EVERY = 0.5
_MOST_QUEUED = 50
"""Packets that wait for the sender of a track; older ones are stale."""
_MOST_EVENTS = 256
_MOST_BUFFERED = 1_000_000
"""Bytes in the data channel: a peer that does not read them loses events."""
_DRAIN = 1.5
"""Seconds for the last events: one repetition, should they be lost (RFC 9260: at least 1 s)."""
_DRAIN_STEP = 0.01
_LONGEST_MESSAGE = 32_000

Loss = Literal["lost", "failed"]


@dataclass(frozen=True, slots=True)
class PeerEvents:
    """What a peer tells its link. Called on the event loop."""

    connected: Callable[[Attachment], None]
    gone: Callable[[Attachment], None]
    """The connection ended and nobody here ended it."""
    message: Callable[[Attachment, str | bytes], None]
    microphone: Callable[[Attachment, RtpPacket], None]
    key_wanted: Callable[[Attachment], None]


class PacketTrack(MediaStreamTrack):
    """Hands packets to aiortc's sender, which only puts them into RTP and encrypts them."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._packets: asyncio.Queue[av.Packet[Any]] = asyncio.Queue()

    def push(self, packet: av.Packet[Any]) -> None:
        if self._packets.qsize() >= _MOST_QUEUED:
            self._packets.get_nowait()
        self._packets.put_nowait(packet)

    async def recv(self) -> av.Packet[Any]:
        if self.readyState != "live":
            raise MediaStreamError
        return await self._packets.get()


@dataclass(eq=False)
class Attachment:
    """Made by `open_attachment`."""

    user_id: str
    user_type: str
    session: str
    media: OfferedMedia
    connection: RTCPeerConnection
    clock: Clock
    events: PeerEvents
    sound: PacketTrack = field(default_factory=lambda: PacketTrack("audio"))
    pictures: PacketTrack = field(default_factory=lambda: PacketTrack("video"))
    connected: bool = False
    remb: int | None = None
    """What the receiver thinks the network carries, bits a second (draft-alvestrand-rmcat-remb)."""
    lost: float = 0.0
    """Share of picture packets lost, as of the newest receiver report."""
    sent_bytes: int = 0
    """Bytes of pictures handed over so far."""
    _awaits_key: bool = True
    _closed: bool = False
    _heard_at: float = 0.0
    _channel: Any = None
    _unsent: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_EVENTS))
    _watch: asyncio.Task[None] | None = None

    @property
    def codec(self) -> Codec | None:
        """For pictures; None where it does not watch."""
        return self.media.codec

    def push_sound(self, packet: av.Packet[Any]) -> None:
        if self.connected and self.media.hears:
            self.sound.push(packet)

    def push_picture(self, coded: Coded, packet: av.Packet[Any]) -> None:
        """Nothing before the first keyframe: the peer couldn't decode it."""
        if not self.connected or (self._awaits_key and not coded.key):
            return
        self._awaits_key = False
        self.sent_bytes += len(coded.data)
        self.pictures.push(packet)

    def tell(self, text: str) -> None:
        """Send on the data channel; wait for it to open. Peers without one never hear events."""
        if not self.media.talks or self._closed:
            return
        if self._channel is None or self._channel.readyState == "connecting":
            self._unsent.append(text)
        elif self._channel.readyState == "open":
            if self._channel.bufferedAmount > _MOST_BUFFERED:
                log.warning("%s does not read its events: one is dropped", self.user_id)
                return
            self._channel.send(text)

    async def drain(self) -> None:
        """Wait a moment until the peer has confirmed all events: the last one says how the talk ended."""
        sctp: Any = self.connection.sctp
        end = self.clock.now() + _DRAIN
        while (
            sctp is not None
            and self.connected
            and (sctp._sent_queue or sctp._outbound_queue or sctp._data_channel_queue)
            and self.clock.now() < end
        ):
            await self.clock.sleep_until(self.clock.now() + _DRAIN_STEP)

    async def close(self) -> None:
        """Idempotent. `gone` is not called."""
        if self._closed:
            return
        self._closed = True
        self.connected = False
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.connection.close()

    # wiring

    def wire(self) -> None:
        """Before the remote description: what the connection reports."""
        self.connection.on("connectionstatechange", self._state_changed)
        self.connection.on("datachannel", self._channel_opened)

    def tap(self) -> None:
        """After the remote description: see what aiortc keeps to itself. All on these instances alone."""
        agent: Any = agent_of(self.connection)
        for name in ("data_received", "request_received"):
            setattr(agent, name, self._noting(getattr(agent, name)))
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == "audio":
                _tap_microphone(transceiver.receiver, lambda packet: self.events.microphone(self, packet))
            elif transceiver.sender.track is self.pictures:
                self._tap_sender(transceiver.sender)

    def start_watch(self) -> None:
        self._heard_at = self.clock.now()
        self._watch = asyncio.create_task(self._watch_over(), name=f"watch-{self.session}")

    def _noting(self, onward: Callable[..., None]) -> Callable[..., None]:
        def received(*args: Any) -> None:
            self._heard_at = self.clock.now()
            onward(*args)

        return received

    def _tap_sender(self, sender: RTCRtpSender) -> None:
        onward = sender._handle_rtcp_packet

        async def seen(packet: AnyRtcpPacket) -> None:
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
                try:
                    self.remb = unpack_remb_fci(packet.fci)[0]
                except ValueError:
                    log.debug("%s: feedback that is no REMB", self.session)
            elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
                for report in packet.reports:
                    if report.ssrc == sender._ssrc:
                        self.lost = report.fraction_lost / 256
            await onward(packet)

        sender._handle_rtcp_packet = seen  # type: ignore[method-assign]
        # In packet mode aiortc would only remember the request for its own encoder, which is never asked.
        sender._send_keyframe = lambda: self.events.key_wanted(self)  # type: ignore[method-assign]

    def _state_changed(self) -> None:
        state = self.connection.connectionState
        if state == "connected" and not self.connected and not self._closed:
            self.connected = True
            self.events.connected(self)
        elif state in ("failed", "closed"):
            self._lose(state)

    def _lose(self, why: str) -> None:
        if not self._closed:
            log.info("%s (%s) is gone: %s", self.user_id, self.session, why)
            self.connected = False
            self.events.gone(self)

    def _channel_opened(self, channel: Any) -> None:
        if self._channel is not None:
            channel.close()
            return
        self._channel = channel
        channel.on("message", lambda text: self._message(text))
        channel.on("open", self._flush)
        if channel.readyState == "open":
            self._flush()

    def _flush(self) -> None:
        while self._unsent and self._channel.readyState == "open":
            self._channel.send(self._unsent.popleft())

    def _message(self, text: str | bytes) -> None:
        if not self._closed:
            self.events.message(self, text[:_LONGEST_MESSAGE])

    async def _watch_over(self) -> None:
        """aioice alone notices a vanished peer after 30 s, and a peer that never connects not at all."""
        begun = self.clock.now()
        while True:
            await self.clock.sleep_until(self.clock.now() + _WATCH_EVERY)
            now = self.clock.now()
            if not self.connected and now - begun > CONNECT_WITHIN:
                return self._lose(f"not connected after {CONNECT_WITHIN:.0f} s")
            if self.connected and now - self._heard_at > LOST_AFTER:
                return self._lose(f"nothing heard for {LOST_AFTER:.0f} s")


def _tap_microphone(receiver: RTCRtpReceiver, heard: Callable[[RtpPacket], None]) -> None:
    """Take sound packets before aiortc's jitter buffer, which delays them by 80 ms."""
    statistics: dict[int, StreamStatistics] = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]

    async def tapped(packet: RtpPacket, arrival_time_ms: int) -> None:
        if packet.ssrc not in statistics:
            statistics[packet.ssrc] = StreamStatistics(48_000)
        statistics[packet.ssrc].add(packet)  # for the receiver reports, by which browsers set their bit rate
        heard(packet)

    receiver._handle_rtp_packet = tapped  # type: ignore[method-assign]


async def open_attachment(
    *,
    user_id: str,
    user_type: str,
    session: str,
    offer: str,
    ice: IceSettings,
    codecs: tuple[Codec, ...],
    clock: Clock,
    events: PeerEvents,
) -> tuple[Attachment, str]:
    """Answer an offer. Returns the attachment and the SDP answer, with all candidates. Raises MediaRefused."""
    media = read_offer(offer, codecs)
    configuration = ice.configuration(clock.wall())
    configuration.bundlePolicy = RTCBundlePolicy.MAX_BUNDLE
    connection = RTCPeerConnection(configuration)
    attachment = Attachment(user_id, user_type, session, media, connection, clock, events)
    try:
        attachment.wire()
        if media.hears or media.speaks:
            direction = "sendrecv" if media.hears else "recvonly"
            transceiver = connection.addTransceiver(attachment.sound if media.hears else "audio", direction)
            transceiver.setCodecPreferences(preferences("audio", ("opus",)))
        if media.codec is not None:
            transceiver = connection.addTransceiver(attachment.pictures, "sendonly")
            transceiver.setCodecPreferences(preferences("video", (media.codec,)))
        ours = set(connection.getTransceivers())
        await connection.setRemoteDescription(RTCSessionDescription(media.sdp, "offer"))
        for extra in set(connection.getTransceivers()) - ours:
            extra.direction = "inactive"  # further cameras and microphones are not our affair
        prepare(connection, ice)
        attachment.tap()
        await connection.setLocalDescription(await connection.createAnswer())
        attachment.start_watch()
        return attachment, connection.localDescription.sdp
    except Exception as error:
        await attachment.close()
        if isinstance(error, VisavisError):
            raise
        # aiortc has no error of its own for what it can't answer: the offer makes it fail anywhere.
        log.info("an offer could not be answered", exc_info=error)
        raise MediaRefused(f"The offer can't be answered: {error}") from error
    except BaseException:
        await attachment.close()
        raise
