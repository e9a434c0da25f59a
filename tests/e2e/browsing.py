"""The built page in Chromium against the real server: a WAV file is the microphone, the video's pixels the proof."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.e2e.serving import Server, spoken

LEAD = 14.0
"""Seconds of silence before the question: the welcome words take about eight."""

# Watches, ten times a second: how much the mouth and the background moved since the last look, how loud the receiver
# hears her, and what she is said to do. The regions are fractions of the picture (design canvas 1080x1920).
WATCH = """() => {
  const video = document.querySelector('[data-testid=video]');
  const canvas = document.createElement('canvas');
  canvas.width = 108; canvas.height = 192;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const cut = (x, y, w, h) => Array.from(context.getImageData(x, y, w, h).data);
  const moved = (a, b) => a ? a.reduce((sum, v, n) => sum + Math.abs(v - b[n]), 0) / a.length : 0;
  window.looks = [];
  const audio = new AudioContext();
  const meter = audio.createAnalyser();
  let source = null, before = null;
  const samples = new Float32Array(2048);
  setInterval(() => {
    if (!video.videoWidth) return;
    if (!source && video.srcObject && video.srcObject.getAudioTracks().length) {
      source = audio.createMediaStreamSource(new MediaStream(video.srcObject.getAudioTracks()));
      source.connect(meter); meter.fftSize = 2048;
    }
    context.drawImage(video, 0, 0, 108, 192);
    const now = { mouth: cut(MOUTH), wall: cut(2, 2, 14, 14) };
    meter.getFloatTimeDomainData(samples);
    window.looks.push({
      mouth: moved(before && before.mouth, now.mouth), wall: moved(before && before.wall, now.wall),
      level: Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / samples.length),
      state: (window.visavis.events.filter((e) => e.type === 'state').at(-1) || {}).state,
    });
    before = now;
  }, 100);
}""".replace("MOUTH", "45, 84, 18, 14")


def microphone(folder: Path) -> Path:
    """A WAV with the spoken question after a pause, 48 kHz mono. The browser plays it over and over.

    The pause is a quiet room, not digital silence, in which the browser's gain control would turn itself up until the
    first word clips.
    """
    room = np.random.default_rng(1).normal(0, 40, round(LEAD * 48_000)).astype(np.int16)
    voice = (spoken("What are your opening hours?", folder) * 0.5).astype(np.int16)
    path = folder / "microphone.wav"
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(48_000)
        wav.writeframes(np.concatenate([room, voice, room]).tobytes())
    return path


@contextmanager
def page_of(server: Server, wav: Path, width: int = 1280, height: int = 800) -> Iterator[Page]:
    if not os.path.exists(CHROMIUM):
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, f"--use-file-for-fake-audio-capture={wav}"]
        )
        context = browser.new_context(viewport={"width": width, "height": height}, permissions=["microphone"])
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{server.url}/?language=EN")
        try:
            yield page
        finally:
            browser.close()
        assert faults == []


def events(page: Page, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("k => window.visavis.events.filter((e) => e.type === k)", kind)
    return found


def wait_for(page: Page, kind: str, more: str = "true", timeout: float = 40_000) -> None:
    page.wait_for_function(f"() => window.visavis.events.some((e) => e.type === '{kind}' && {more})", timeout=timeout)


def ask_by_voice(server: Server, folder: Path) -> None:
    """A spoken question gets the right answer, with voice, lips and subtitles."""
    with page_of(server, microphone(folder)) as page:
        page.get_by_test_id("start").click()
        page.evaluate(WATCH)
        wait_for(page, "reply_finished", "e.reply === 1")
        wait_for(page, "speech_recognized", "e.is_last")
        wait_for(page, "subtitle", "e.reply === 2")
        page.wait_for_timeout(700)
        shown = page.get_by_test_id("subtitle").inner_text()
        pictures = Path(os.environ.get("PICTURES", folder))
        page.screenshot(path=str(pictures / "talk.png"))
        wait_for(page, "reply_finished", "e.reply === 2")
        page.wait_for_timeout(2500)

        understood = [event["text"] for event in events(page, "speech_recognized") if event["is_last"]]
        assert understood[0].startswith("What are your opening hours")
        answer = "".join(e["text"] for e in events(page, "semantic_recognized"))
        assert answer.startswith("We are open from ten in the morning")
        assert shown.replace("\n", " ") in answer
        assert shown

        looks = page.evaluate("window.looks")
        spoke = [look for look in looks if look["state"] == "speaking" and look["level"] > 0.01]
        silent = [look for look in looks[-15:] if look["level"] < 0.002]
        assert len(spoke) > 50, "her voice is heard"
        assert len(silent) > 10, "and stops"
        moving = float(np.mean([look["mouth"] for look in spoke]))
        still = float(np.mean([look["mouth"] for look in silent]))
        assert moving > 3 * still, f"the mouth moves with the voice: {moving:.2f} against {still:.2f} at rest"
        assert float(np.mean([look["wall"] for look in spoke])) < moving / 3, "and not the whole picture"
