"""A real Chromium knocks by HTTP and talks over WebRTC."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import HTMLResponse
from tests.links.webrtc_client import linked, noticing, playing, tone, until

from visavis.core import entries
from visavis.core.events import Ask, State
from visavis.core.jobs import Command, Offer, Reply
from visavis.core.media import Face, LoopFrame, Moment, Picture, Pixels, Sound
from visavis.links.webrtc import WebRtcLink
from visavis.links.webrtc_encoders import Codec
from visavis.links.webrtc_loops import LoopCache
from visavis.rtc.endpoints import rtc_router

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
WIDTH, HEIGHT = 720, 1280
PAGE = """<!doctype html><meta charset=utf-8><body style="margin:0;background:#222">
<video id=v autoplay playsinline style="height:640px"></video><script>
window.events = []
window.join = async (bearer, codec) => {
  const pc = window.pc = new RTCPeerConnection({ iceServers: [] })
  const channel = window.channel = pc.createDataChannel('events')
  channel.onmessage = ({ data }) => events.push(JSON.parse(data))
  const mic = await navigator.mediaDevices.getUserMedia({ audio: true })
  pc.addTransceiver(mic.getAudioTracks()[0], { direction: 'sendrecv' })
  const video = pc.addTransceiver('video', { direction: 'recvonly' })
  const known = RTCRtpReceiver.getCapabilities('video').codecs
  video.setCodecPreferences(known.filter((c) => c.mimeType === 'video/' + codec || c.mimeType === 'video/rtx'))
  const stream = new MediaStream()
  v.srcObject = stream
  pc.ontrack = ({ track }) => stream.addTrack(track)
  await pc.setLocalDescription()
  await new Promise((done) => {
    const check = () => pc.iceGatheringState === 'complete' && done()
    pc.onicegatheringstatechange = check
    check()
  })
  const headers = { 'Content-Type': 'application/sdp', Authorization: bearer }
  const response = await fetch('/rtc/job/whip', { method: 'POST', headers, body: pc.localDescription.sdp })
  if (response.status !== 201) throw new Error(await response.text())
  await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() })
}
window.figures = async () => {
  const found = {}
  for (const s of (await pc.getStats()).values()) if (s.type === 'inbound-rtp') found[s.kind] = s
  return found
}
window.pixel = (x, y) => {
  const canvas = document.createElement('canvas')
  canvas.width = v.videoWidth
  canvas.height = v.videoHeight
  const context = canvas.getContext('2d')
  context.drawImage(v, 0, 0)
  return [...context.getImageData(x, y, 1, 1).data]
}
</script>"""


@dataclass(frozen=True)
class Key:
    app_id: str = "app"
    app_key: str = "key"


def picture(number: int, chroma: tuple[int, int]) -> Pixels:
    """A gradient, a moving box, and a tint that tells live from idle."""
    pixels = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
    pixels[:HEIGHT] = np.linspace(60, 180, HEIGHT, dtype=np.uint8)[:, None]
    x = number * 8 % (WIDTH - 80)
    pixels[600:680, x : x + 80] = 235
    pixels[HEIGHT : HEIGHT * 5 // 4] = chroma[0]
    pixels[HEIGHT * 5 // 4 :] = chroma[1]
    return pixels


@dataclass(frozen=True)
class Idle:
    key: tuple[str, ...] = ("idle",)

    def __len__(self) -> int:
        return 50

    def frames(self) -> Any:
        return (picture(n, (150, 100)) for n in range(50))


@asynccontextmanager
async def served(link: WebRtcLink) -> AsyncIterator[str]:
    async def send(job_id: str, command: Command) -> Reply:
        if isinstance(command, Offer):
            return Reply(value=(await link.attach(command.peer)).model_dump())
        return Reply()

    app = FastAPI()
    app.include_router(rtc_router(send=send, key=Key, ice=lambda user, now: [], now=lambda: 0.0))
    app.add_route("/", lambda request: HTMLResponse(PAGE))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await task


@pytest.mark.browser
@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_chromium_sees_hears_and_types(codec: Codec, tmp_path: Path) -> None:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    playwright = pytest.importorskip("playwright.async_api")
    loops, idle = LoopCache(), Idle()
    await until(lambda: loops.get(idle, codec).complete, 30)

    def moments(number: int) -> Moment:
        if number % 100 < 50:
            return Moment(tone(number, 500.0), Face(), Picture(WIDTH, HEIGHT, picture(number, (100, 150))))
        frame = LoopFrame(idle, number % 50)
        return Moment(Sound.silence(0.04, 16_000), Face(), Picture(WIDTH, HEIGHT, loop=frame))

    bearer = f"Bearer app.job.visitor-1.99.{entries.sign('app', 'key', 'job', 'visitor-1', 99)}"
    async with (
        linked(width=WIDTH, height=HEIGHT, loops=loops) as link,
        noticing(link) as notices,
        playing(link, moments),
        served(link) as url,
        playwright.async_playwright() as driver,
    ):
        browser = await driver.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
                "--allow-loopback-in-peer-connection",
            ],
        )
        page = await browser.new_page(viewport={"width": 420, "height": 660})
        await page.goto(url)
        await page.evaluate("([b, c]) => join(b, c)", [bearer, codec])
        await page.wait_for_function("v.videoWidth && channel.readyState === 'open'")
        await link.tell(State(state="speaking"))
        await page.evaluate("channel.send(JSON.stringify({ type: 'ask', text: 'Hello?' }))")
        await until(lambda: Ask(text="Hello?") in notices)
        heard = [(await anext(link.hear())).samples for _ in range(60)]
        assert max(int(np.abs(s).max()) for s in heard) > 1000, "Chromium's microphone beeps"
        told = await page.evaluate("events")
        size = await page.evaluate("[v.videoWidth, v.videoHeight]")
        tints: set[str] = set()
        for _ in range(60):
            red, _, blue, _ = await page.evaluate("pixel(360, 1000)")
            tints |= {"live"} if red > blue + 20 else {"idle"} if blue > red + 20 else set()
            found = await page.evaluate("figures()")
            video, audio = found["video"], found["audio"]
            if len(tints) == 2 and video["keyFramesDecoded"] > 1 and audio["totalAudioEnergy"] > 0.001:
                break
            await asyncio.sleep(0.2)
        await page.screenshot(path=os.environ.get("SCREENSHOTS", str(tmp_path)) + f"/webrtc-{codec}.png")
        await browser.close()
    loops.close()
    figures = {
        name: video.get(name)
        for name in ("framesDecoded", "framesDropped", "freezeCount", "packetsLost", "pliCount", "keyFramesDecoded")
    }
    print(codec, figures, {n: audio.get(n) for n in ("concealedSamples", "totalSamplesReceived", "totalAudioEnergy")})
    assert size == [WIDTH, HEIGHT]
    assert told == [{"v": 1, "type": "state", "state": "speaking"}]
    assert tints == {"live", "idle"}
    assert figures["framesDecoded"] > 5
    assert figures["keyFramesDecoded"] >= 2
    assert audio["totalAudioEnergy"] > 0.001
