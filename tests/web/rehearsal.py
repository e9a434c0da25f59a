"""A server for the page alone: its routes, a moving test picture, a tone for a voice, and events by the tester's hand.

Everything the page can meet is a field: a full room, a blocked media path, a language nobody understands.
"""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aioice.ice
import cv2
import numpy as np
import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from visavis.control.rooms.service import LABELS
from visavis.core.entries import sign, verify
from visavis.core.errors import EntryRefused
from visavis.core.events import (
    CLIENT_MESSAGE,
    ClientMessage,
    Event,
    Ready,
    ReplyFinished,
    SemanticRecognized,
    SpeechRecognized,
    State,
    Subtitle,
)
from visavis.core.languages import BCP47

STATIC = Path(__file__).parents[2] / "src/visavis/static"
QUESTIONS = {
    "EN": ["What are your opening hours?", "How much is a ticket?", "Where is the toilet?"],
    "CN": ["你们几点开门？", "门票多少钱？", "洗手间在哪里？"],
    "Arabic": ["ما هي مواعيد العمل؟", "كم سعر التذكرة؟"],
    "Thai": ["เปิดกี่โมง", "ค่าเข้าชมเท่าไหร่"],
}
APP_ID, APP_KEY = "rehearsal", "key"

# aioice leaves loopback out of its host candidates; a test needs nothing else
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"] if use_ipv4 else []


@dataclass
class Rehearsal:
    ready: bool = True
    room_name: str = "City Museum"
    languages: tuple[str, ...] = ("EN", "CN", "ESP", "por", "Arabic", "Thai", "fr")
    quota_free: int = 5
    capacity_free: int = 4
    refusal: tuple[str, str] | None = None
    """error_code, error_msg of a start that is refused."""
    closed: bool = False
    media_blocked: bool = False
    listening: bool = True
    why: str = ""
    size: tuple[int, int] = (720, 1280)
    box: dict[str, int] = field(default_factory=lambda: {"dx": 60, "dy": 1500, "width": 960, "height": 260})
    history: tuple[tuple[Any, str], ...] = ()

    mouth: float = 0.0
    messages: list[ClientMessage] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    started: list[dict[str, Any]] = field(default_factory=list)
    loudest: int = 0
    """Peak of what the visitors' microphones sent, 0..32767."""
    port: int = 0
    _channels: list[RTCDataChannel] = field(default_factory=list)
    _peers: list[RTCPeerConnection] = field(default_factory=list)
    _tasks: list[asyncio.Future[None]] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None
    _replies: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    # ---- what a tester does ----

    def tell(self, *events: Event) -> None:
        """Send events to every visitor."""

        def send() -> None:
            for channel in self._channels:
                if channel.readyState == "open":
                    for event in events:
                        channel.send(event.model_dump_json())

        self._on_loop(send)

    def answer(self, question: str, sentences: list[str], *, spoken: float = 1.0, sentence: int | None = None) -> int:
        """A whole turn: question, answer, and the subtitle `spoken` (0..1) through one sentence (the last one)."""
        self._replies += 1
        chat, reply = f"chat-{self._replies}", self._replies
        if question:
            self.tell(SpeechRecognized(chat_id=chat, text=question, is_last=True))
        for text in sentences:
            self.tell(SemanticRecognized(chat_id=chat, text=text + " ", is_last=False))
        self.tell(SemanticRecognized(chat_id=chat, text="", is_last=True), State(state="speaking"))
        at = len(sentences) - 1 if sentence is None else sentence
        text = sentences[at]
        self.mouth = 0.8
        self.tell(Subtitle(reply=reply, sentence=at, text=text, spoken=round(len(text) * spoken)))
        return reply

    def finish(self, reply: int, heard: str, interrupted: bool = False) -> None:
        self.mouth = 0.0
        self.tell(ReplyFinished(reply=reply, heard=heard, interrupted=interrupted), State(state="idle"))

    def drop(self) -> None:
        """Cut every visitor's connection without a good-bye."""

        async def close() -> None:
            peers, self._peers[:] = list(self._peers), []
            await asyncio.gather(*(peer.close() for peer in peers))

        assert self._loop
        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)

    def wait(self, condition: Callable[[], object], within: float = 10.0) -> None:
        end = time.monotonic() + within
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    # ---- life ----

    def __enter__(self) -> Rehearsal:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), "127.0.0.1", self.port, log_level="warning", lifespan="off", ws="none")
        )

        async def serve() -> None:
            assert self._server
            self._loop = asyncio.get_running_loop()
            await self._server.serve()
            await asyncio.gather(*(peer.close() for peer in self._peers))
            for task in self._tasks:  # a track of a peer that never connected never ends
                task.cancel()

        self._thread = threading.Thread(target=asyncio.run, args=(serve(),))
        self._thread.start()
        self.wait(lambda: self._server and self._server.started)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._server = None

    def _on_loop(self, call: Callable[[], None]) -> None:
        assert self._loop
        done = threading.Event()

        def run() -> None:
            try:
                call()
            finally:
                done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(10)

    # ---- routes ----

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.get("/ready")(self._get_ready)
        app.get("/v1/open-room")(self._get_room)
        app.post("/v1/open-room/jobs")(self._start)
        app.post("/rtc/{job_id}/whip")(self._whip)
        app.delete("/rtc/{job_id}/whip/{session}")(self._leave)
        app.get("/cover.png")(self._cover)
        app.mount("/", StaticFiles(directory=STATIC, html=True))
        return app

    async def _get_ready(self) -> Response:
        if self.ready:
            return JSONResponse({"status": "ready"})
        return _refused(503, "MSS.00000004", "No worker process is ready yet")

    async def _get_room(self, language: str | None = None) -> Response:
        if self.closed:
            return _refused(403, "MSS.47010009", "The open room is switched off")
        width, height = self.size
        room: dict[str, Any] = {
            "room_name": self.room_name,
            "languages": [{"code": code, "tag": BCP47[code], "name": LABELS[code]} for code in self.languages],
            "default_language": self.languages[0],
            "quota_free": self.quota_free,
            "capacity_free": self.capacity_free > 0,
            "video_config": {"width": width, "height": height},
            "chat_subtitle_config": self.box,
            "hot_questions": QUESTIONS.get(language or self.languages[0], []),
            "cover_url": "cover.png",
        }
        return JSONResponse(room)

    async def _start(self, request: Request) -> Response:
        body = await request.json()
        if self.refusal:
            return _refused(400, *self.refusal)
        job_id, ctime = f"job-{len(self.started)}", int(time.time()) + 600
        user = {
            "user_type": "END_USER",
            "user_id": "visitor",
            "ctime": ctime,
            "signature": sign(APP_ID, APP_KEY, job_id, "visitor", ctime),
        }
        width, height = self.size
        job: dict[str, Any] = {
            "job_id": job_id,
            "rtc_room_info": {"app_id": APP_ID, "room_id": job_id, "users": [user]},
            "video_config": {"width": width, "height": height},
            "default_language": body["language"],
            "ice_servers": [],
        }
        self.started.append({**job, "language": body["language"]})
        return JSONResponse(job, 202)

    async def _whip(self, job_id: str, request: Request) -> Response:
        kind, _, token = request.headers["authorization"].partition(" ")
        app_id, room_id, user_id, ctime, signature = token.split(".")
        try:
            assert (kind, room_id, request.headers["content-type"]) == ("Bearer", job_id, "application/sdp")
            verify(app_id, APP_KEY, room_id, user_id, int(ctime), signature, now=time.time())
        except EntryRefused as refused:
            return _refused(403, refused.code, refused.message)
        offer = (await request.body()).decode()
        self.offers.append(offer)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.append(peer)
        language = next(job["language"] for job in self.started if job["job_id"] == job_id)
        peer.on("datachannel", lambda channel: self._greet(channel, job_id, language))
        peer.on("track", self._listen)
        peer.addTrack(_Tone(self))
        peer.addTrack(_Picture(self))
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        sdp = peer.localDescription.sdp
        if self.media_blocked:  # nobody answers the browser's checks, nor believes ours
            sdp = "\r\n".join(
                "a=ice-pwd:" + "x" * 22 if line.startswith("a=ice-pwd") else line for line in sdp.split("\r\n")
            )
        location = f"/rtc/{job_id}/whip/{len(self.offers)}"
        return Response(sdp, 201, {"Location": location}, media_type="application/sdp")

    async def _leave(self, job_id: str, session: str, request: Request) -> Response:
        assert request.headers["authorization"].startswith(f"Bearer {APP_ID}.{job_id}.")
        self.left.append(session)
        return Response(status_code=200)

    async def _cover(self) -> Response:
        width, height = self.size
        done, png = cv2.imencode(".png", cv2.cvtColor(draw(width, height, 1.0, 0.0), cv2.COLOR_RGB2BGR))
        assert done
        return Response(png.tobytes(), media_type="image/png")

    def _listen(self, track: MediaStreamTrack) -> None:
        async def pump() -> None:
            with contextlib.suppress(MediaStreamError):  # the visitor left
                while True:
                    frame = await track.recv()
                    assert isinstance(frame, AudioFrame)
                    self.loudest = max(self.loudest, int(np.abs(frame.to_ndarray().astype(np.int32)).max()))

        self._tasks.append(asyncio.ensure_future(pump()))

    def _greet(self, channel: RTCDataChannel, job_id: str, language: str) -> None:
        self._channels.append(channel)
        channel.on("message", lambda text: self.messages.append(CLIENT_MESSAGE.validate_python(json.loads(text))))
        ready = Ready(job_id=job_id, language=language, listening=self.listening, why=self.why, history=self.history)
        channel.send(ready.model_dump_json())
        channel.send(State(state="idle").model_dump_json())


def _refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error_code": code, "error_msg": message}, status)


class _Paced(MediaStreamTrack):
    rate: int
    step: int

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__()
        self._rehearsal = rehearsal
        self._count = 0
        self._begin = time.monotonic()

    async def _tick(self) -> int:
        await asyncio.sleep(max(0.0, self._begin + self._count * self.step / self.rate - time.monotonic()))
        self._count += 1
        return (self._count - 1) * self.step


class _Tone(_Paced):
    kind = "audio"
    rate, step = 48_000, 960

    async def recv(self) -> AudioFrame:
        pts = await self._tick()
        wave = np.sin(np.arange(pts, pts + self.step) * (2 * np.pi * 220 / self.rate)) * 3000 * self._rehearsal.mouth
        frame = AudioFrame.from_ndarray(wave.astype(np.int16)[None], layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = self.rate, pts, fractions.Fraction(1, self.rate)
        return frame


class _Picture(_Paced):
    kind = "video"
    rate, step = 90_000, 9000

    async def recv(self) -> VideoFrame:
        pts = await self._tick()
        width, height = (side // 2 for side in self._rehearsal.size)
        seconds = pts / self.rate
        image = draw(width, height, seconds, self._rehearsal.mouth * abs(np.sin(seconds * 9)))
        frame = VideoFrame.from_ndarray(image, "rgb24")
        frame.pts, frame.time_base = pts, fractions.Fraction(1, self.rate)
        return frame


def draw(width: int, height: int, seconds: float, mouth: float) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A stand-in for the avatar: head and shoulders that sway and open the mouth. RGB."""
    figure = np.linspace((212, 196, 190), (150, 134, 146), 640)[:, None].repeat(360, 1).astype(np.uint8)
    sway = int(4 * np.sin(seconds * 1.7))
    cv2.circle(figure, (60, 130), 90, (224, 206, 196), -1, cv2.LINE_AA)

    def oval(x: int, y: int, a: float, b: float, colour: tuple[int, int, int]) -> None:
        cv2.ellipse(figure, (x + sway, y), (max(1, int(a)), max(1, int(b))), 0, 0, 360, colour, -1, cv2.LINE_AA)

    oval(180, 235, 92, 120, (62, 42, 36))
    oval(180, 330, 96, 70, (62, 42, 36))
    cv2.ellipse(figure, (180, 600), (165, 210), 0, 180, 360, (58, 66, 92), -1, cv2.LINE_AA)
    cv2.fillPoly(figure, [np.array([[130, 400], [230, 400], [180, 520]])], (240, 232, 226), cv2.LINE_AA)
    oval(180, 350, 34, 70, (214, 164, 140))
    oval(180, 240, 70, 92, (236, 190, 165))
    oval(180, 165, 74, 40, (62, 42, 36))
    blink = 1 if seconds % 4 < 0.12 else 8
    for x in (150, 210):
        oval(x, 236, 13, blink, (250, 246, 242))
        oval(x, 236, 6, min(blink, 7), (78, 54, 42))
    oval(180, 292, 24 - 6 * mouth, 5 + 14 * mouth, (176, 74, 78))
    oval(180, 292, 18 - 5 * mouth, 11 * mouth, (92, 26, 34))
    if width > height:
        figure = np.pad(figure[120:460], ((0, 0), (122, 122), (0, 0)), mode="edge")
    return cv2.resize(figure, (width, height), interpolation=cv2.INTER_CUBIC)
