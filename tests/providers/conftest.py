"""Synthetic visitors: flite (Debian), whose 16 kHz voices a recogniser understands far better than eSpeak."""

from __future__ import annotations

import io
import subprocess
import wave
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from visavis.core.knowledge import Entry, Knowledge

ENTRIES = (
    Entry(
        language="EN",
        questions=("How much is a bicycle?", "What does it cost to rent a bicycle?"),
        answer="A day costs nine euros, and a week costs forty. Helmets are free.",
    ),
    Entry(language="EN", questions=("When are you open?", "What are your opening hours?"), answer="From nine to six."),
    Entry(language="EN", questions=("Where can I return the bicycle?",), answer="At any of our four stations."),
    Entry(
        language="EN", questions=("Do you repair flat tyres?", "Who fixes a puncture?"), answer="We do, while you wait."
    ),
    Entry(language="EN", questions=("Is there a battery in the Zorblax bicycle?",), answer="Yes, a large one."),
    Entry(
        language="CN",
        questions=("租自行车多少钱？", "租一天的价格是多少？"),
        answer="一天九欧元，一周四十欧元。头盔免费。",
    ),
    Entry(language="CN", questions=("你们几点开门？", "营业时间是什么时候？"), answer="九点到六点。"),
    Entry(language="CN", questions=("在哪里还车？",), answer="四个站点都可以还车。"),
    Entry(language="ESP", questions=("¿Cuánto cuesta una bicicleta?",), answer="Nueve euros al día."),
    Entry(language="Arabic", questions=("متى تفتحون؟",), answer="من التاسعة إلى السادسة."),
    Entry(language="Thai", questions=("ร้านเปิดกี่โมง",), answer="เปิดเก้าโมงถึงหกโมงค่ะ"),
)


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    path = tmp_path / "knowledge.json"
    path.write_bytes(Knowledge(entries=ENTRIES).encode())
    return path


@lru_cache(maxsize=64)
def _say(text: str, voice: str) -> bytes:
    out = subprocess.run(["flite", "-voice", voice, "-t", text, "-o", "/dev/stdout"], check=True, capture_output=True)
    with wave.open(io.BytesIO(out.stdout)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
    return bytes(2 * 3200) + out.stdout[44:] + bytes(2 * 4800)


@pytest.fixture(scope="session")
def say() -> Callable[..., bytes]:
    """say(text, voice="rms") -> s16 samples at 16 kHz with a little silence around."""
    return lambda text, voice="rms": _say(text, voice)
