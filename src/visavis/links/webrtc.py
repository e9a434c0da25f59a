"""The WebRTC link: a browser's microphone in, the avatar's sound and picture out, events both ways."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import AsyncIterator

import av
from aiortc.rtp import RtpPacket
from pydantic import ValidationError

from visavis.core.clock import Clock
from visavis.core.errors import Forbidden, InvalidParameter, MediaRefused, Throttled, VisavisError
from visavis.core.events import CLIENT_MESSAGE, EVENT, Event, Failure, Notice, PeerJoined, PeerLeft
from visavis.core.jobs import Answer, Peer
from visavis.core.media import Moment, Picture, Samples, Sound
from visavis.links.ice import IceSettings
from visavis.links.webrtc_encoders import TICKS, TIME_BASE, Codec, Coded
from visavis.links.webrtc_loops import LoopCache
from visavis.links.webrtc_network import NetworkEstimate, Reception
from visavis.links.webrtc_peer import Attachment, PeerEvents, open_attachment
from visavis.links.webrtc_pictures import PictureStream
from visavis.links.webrtc_playout import Playout
from visavis.links.webrtc_sound import CHUNK, Microphone, OpusEncoder, Upsampler
from visavis.links.webrtc_sound import TIME_BASE as SOUND_TIME_BASE

log = logging.getLogger(__name__)

_MOST_HEARD = 250
"""Microphone sounds that wait for the conversation, 5 s."""
_MOST_LOST = 8
_MOST_NOTICES = 100
"""Client messages that wait for the conversation. Comings and goings are never dropped."""
_ESTIMATE_EVERY = 50
"""Slots between two looks at the network, 1 s."""


class WebRtcLink:
    """Satisfies `core.ports.Link`. One per talk; `loops` is shared by all talks of a worker."""

    def __init__(
        self,
        *,
        width: int,
        height: int,
        ice: IceSettings,
        clock: Clock,
        loops: LoopCache | None = None,
        codecs: tuple[Codec, ...] = ("H264", "VP8"),
    ) -> None:
        """width, height: pixels of the pictures to come. codecs: the best first."""
        self.width, self.height = width, height
        self._ice = ice
        self._clock = clock
        self._own_loops = LoopCache() if loops is None else None
        self._loops = loops or self._own_loops or LoopCache()
        self._codecs = codecs
        self._attached: dict[str, Attachment] = {}
        self._lost: deque[Attachment] = deque(maxlen=_MOST_LOST)
        """Browsers close their connection before the good-bye arrives by HTTP: it still counts."""
        self._streams: dict[Codec, PictureStream] = {}
        self._networks: dict[Codec, NetworkEstimate] = {}
        self._playout = Playout(clock, self._let_go)
        self._ready: dict[int, list[tuple[PictureStream, Coded]]] = {}
        """Encoded pictures by moment, until their time."""
        self._upsampler = Upsampler()
        self._opus: OpusEncoder | None = None
        self._microphone = Microphone()
        self._heard: asyncio.Queue[Sound] = asyncio.Queue(_MOST_HEARD)
        self._notices: asyncio.Queue[Notice] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pacing: asyncio.Task[None] | None = None
        self._closed = False
        self._events = PeerEvents(
            connected=self._connected,
            gone=self._gone,
            message=self._message,
            microphone=self._hear,
            key_wanted=self._key_wanted,
        )

    # coming and going

    async def attach(self, peer: Peer) -> Answer:
        """Raises MediaRefused. A returning user takes the place of the former attachment without a PeerLeft."""
        if self._closed:
            raise MediaRefused("The talk is over")
        session = uuid.uuid4().hex
        attachment, sdp = await open_attachment(
            user_id=peer.user_id,
            user_type=peer.user_type,
            session=session,
            offer=peer.sdp,
            ice=self._ice,
            codecs=self._codecs,
            clock=self._clock,
            events=self._events,
        )
        if self._closed:
            await attachment.close()
            raise MediaRefused("The talk is over")
        for former in [a for a in self._attached.values() if _same_place(a, peer)]:
            self._drop(former)
            if former.user_id != peer.user_id:
                self._notices.put_nowait(PeerLeft(user_id=former.user_id, user_type=former.user_type))
        self._attached[session] = attachment
        if attachment.user_type == "END_USER":
            self._microphone = Microphone()
        return Answer(sdp=sdp, session=session)

    async def detach(self, session: str) -> None:
        if session in self._attached:
            self._leave(self._attached[session], hung_up=True)
            return
        for lost in [a for a in self._lost if a.session == session]:
            self._lost.remove(lost)
            if all(a.user_id != lost.user_id for a in self._attached.values()):
                self._notices.put_nowait(PeerLeft(user_id=lost.user_id, user_type=lost.user_type, hung_up=True))

    def _connected(self, attachment: Attachment) -> None:
        if attachment.codec is not None:
            self._stream(attachment.codec).want_key()
        self._notices.put_nowait(PeerJoined(user_id=attachment.user_id, user_type=attachment.user_type))

    def _gone(self, attachment: Attachment) -> None:
        if attachment.session in self._attached:
            self._lost.append(attachment)
            self._leave(attachment, hung_up=False)

    def _leave(self, attachment: Attachment, *, hung_up: bool) -> None:
        self._drop(attachment)
        left = PeerLeft(user_id=attachment.user_id, user_type=attachment.user_type, hung_up=hung_up)
        self._notices.put_nowait(left)

    def _drop(self, attachment: Attachment) -> None:
        """Off the list at once; its sockets close in the background, for that takes a round trip."""
        del self._attached[attachment.session]
        task = asyncio.create_task(attachment.close(), name=f"close-{attachment.session}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        codecs = {a.codec for a in self._attached.values()}
        for codec in [codec for codec in self._streams if codec not in codecs]:
            self._streams.pop(codec).close()
            del self._networks[codec]

    async def close(self) -> None:
        self._closed = True
        if self._pacing is not None:
            self._pacing.cancel()
            await asyncio.gather(self._pacing, return_exceptions=True)
        await asyncio.gather(*(attachment.drain() for attachment in list(self._attached.values())))
        for attachment in list(self._attached.values()):
            self._drop(attachment)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._own_loops is not None:
            await asyncio.to_thread(self._own_loops.close)

    # what peers say

    async def hear(self) -> AsyncIterator[Sound]:
        while True:
            yield await self._heard.get()

    async def notices(self) -> AsyncIterator[Notice]:
        while True:
            yield await self._notices.get()

    def _hear(self, attachment: Attachment, packet: RtpPacket) -> None:
        if attachment.user_type != "END_USER" or attachment.session not in self._attached:
            return
        sounds = self._microphone.packet(packet.sequence_number, packet.timestamp, packet.payload, self._clock.now())
        for sound in sounds:
            if self._heard.full():
                self._heard.get_nowait()
            self._heard.put_nowait(sound)

    def _message(self, attachment: Attachment, text: str | bytes) -> None:
        refusal: VisavisError | None = None
        if attachment.user_type != "END_USER":
            refusal = Forbidden("A viewer only watches")
        elif self._notices.qsize() >= _MOST_NOTICES:
            refusal = Throttled()
        else:
            try:
                self._notices.put_nowait(CLIENT_MESSAGE.validate_json(text))
            except ValidationError as error:
                problem = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(map(str, problem["loc"]))
                refusal = InvalidParameter(f"not a client message: {where + ': ' if where else ''}{problem['msg']}")
        if refusal is not None:
            failure = Failure(code=refusal.code, message=refusal.message)
            attachment.tell(EVENT.dump_json(failure).decode())

    # what peers hear and see

    @property
    def watched(self) -> bool:
        return any(a.connected and a.codec is not None for a in self._attached.values())

    async def show(self, moment: Moment) -> None:
        number = self._playout.place(self._upsampler.moment(moment.sound), moment.sound.reply)
        if self._pacing is None:
            self._pacing = asyncio.create_task(self._playout.run(), name="playout")
        elif self._pacing.done():
            self._pacing.result()  # what broke it ends the talk
        if moment.picture is not None:
            for stream in [self._stream(codec) for codec in self._watching()]:
                task = asyncio.create_task(self._picture(stream, moment.picture, number))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        await self._playout.paced(number)

    async def tell(self, event: Event) -> None:
        text = EVENT.dump_json(event).decode()
        for attachment in list(self._attached.values()):
            attachment.tell(text)

    async def hush(self) -> float:
        self._upsampler.reset()
        return self._playout.hush()

    def _watching(self) -> set[Codec]:
        return {a.codec for a in self._attached.values() if a.connected and a.codec is not None}

    def _stream(self, codec: Codec) -> PictureStream:
        if codec not in self._streams:
            self._streams[codec] = PictureStream(codec, self._loops)
            self._networks[codec] = NetworkEstimate()
        return self._streams[codec]

    def _key_wanted(self, attachment: Attachment) -> None:
        if attachment.codec in self._streams:
            self._streams[attachment.codec].want_key()

    async def _picture(self, stream: PictureStream, picture: Picture, number: int) -> None:
        coded = await stream.code(picture)
        if coded is None:
            return
        if self._playout.passed(number):
            self._send_picture(stream, coded, number)
        else:
            self._ready.setdefault(number, []).append((stream, coded))

    def _send_picture(self, stream: PictureStream, coded: Coded, number: int) -> None:
        packet = av.Packet(coded.data)
        packet.pts, packet.time_base = number * TICKS, TIME_BASE
        for attachment in self._attached.values():
            if attachment.codec == stream.codec:
                attachment.push_picture(coded, packet)

    def _let_go(self, slot: int, samples: Samples) -> None:
        """At each slot's time."""
        for stream, coded in self._ready.pop(slot // 2, []):
            self._send_picture(stream, coded, slot // 2)
        listeners = [a for a in self._attached.values() if a.connected and a.media.hears]
        if listeners:
            self._opus = self._opus or OpusEncoder()
            packet = av.Packet(self._opus.encode(samples))
            packet.pts, packet.time_base = slot * CHUNK, SOUND_TIME_BASE
            for attachment in listeners:
                attachment.push_sound(packet)
        if slot % _ESTIMATE_EVERY == 0:
            for codec, network in self._networks.items():
                peers = [a for a in self._attached.values() if a.codec == codec and a.connected]
                received = [Reception(a.session, a.sent_bytes, a.remb, a.lost) for a in peers]
                self._streams[codec].limit(network.estimate(received))


def _same_place(attachment: Attachment, peer: Peer) -> bool:
    """There is one visitor; viewers are told apart by their user."""
    if attachment.user_type != peer.user_type:
        return False
    return peer.user_type == "END_USER" or attachment.user_id == peer.user_id
