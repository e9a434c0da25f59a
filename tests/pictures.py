"""Pictures for people to judge, by one command: `make pictures` (or `python -m tests.pictures FOLDER`).

Sara's states, sounds and blink as the painter draws them; and the page with her in it, subtitles in four scripts, on
a laptop and on a phone. The page is the built one; a rehearsal server stands in for a talk, because no voice for Thai
comes with the program.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from av import VideoFrame
from playwright.sync_api import sync_playwright
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.web import rehearsal as stand_in

from visavis.avatars import preview
from visavis.avatars.pack import load
from visavis.avatars.painter import PackPainter
from visavis.core.media import Face, Mouth

TURNS = {
    "EN": ("When are you open?", "We are open from ten in the morning to six in the evening, Tuesday to Sunday."),
    "CN": ("你们几点开门？", "我们星期二到星期日上午十点到下午六点开放，星期一闭馆，欢迎您来参观。"),
    "Arabic": ("متى تفتحون؟", "نفتح من العاشرة صباحا حتى السادسة مساء، من الثلاثاء إلى الأحد."),
    "Thai": ("เปิดกี่โมง", "เราเปิดตั้งแต่สิบโมงเช้าถึงหกโมงเย็น วันอังคารถึงวันอาทิตย์ และปิดทุกวันจันทร์"),
}
SCREENS = {"laptop": (1280, 800), "phone": (390, 844)}


def sara(width: int, height: int, seconds: float, mouth: float) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """In place of the rehearsal's test picture."""
    painter = PackPainter(load("sara"), width, height)
    pixels = painter.pixels(Face(mouth=Mouth(jaw=0.6 * min(1.0, mouth * 1.5)), smile=0.4))
    return VideoFrame.from_ndarray(pixels, format="yuv420p").to_ndarray(format="rgb24")


def main(folder: Path) -> None:
    for path in preview.draw("sara", folder):
        print(path)
    stand_in.draw = sara
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language, (question, answer) in TURNS.items():
            for screen, (width, height) in SCREENS.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, permissions=["microphone"], device_scale_factor=2
                )
                with stand_in.Rehearsal() as server:
                    server.size = (1440, 2560)  # the rehearsal sends half of it
                    page = context.new_page()
                    page.goto(f"{server.url}?language={language}")
                    page.get_by_test_id("start").click()
                    page.locator("body[data-phase=talking] .playing").wait_for(timeout=30_000)
                    server.answer(question, [answer], spoken=0.45)
                    page.wait_for_timeout(1500)
                    path = folder / f"page-{screen}-{language}.png"
                    page.screenshot(path=str(path))
                    print(path)
                context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/pictures"))
