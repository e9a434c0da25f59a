"""The same talk on Pipecat, run in an environment of its own: scripted services, Silero, SmallWebRTC.

Pipecat's own defaults, except: the turn ends after the script's tail silence (its recommended 0.2 s of VAD silence,
then the rest as the turn's speech timeout) and not by the smart-turn model, and no idle timeout ends the session.
"""

from __future__ import annotations

import argparse
import asyncio
import time

import numpy as np
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VAD_STOP_SECS
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    EndFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputImageRawFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

from bench import offers, script

_LLM_SETTINGS = (
    *("model", "system_instruction", "temperature", "max_tokens", "top_p", "top_k", "frequency_penalty"),
    *("presence_penalty", "seed", "filter_incomplete_user_turns", "user_turn_completion_config"),
)


class ScriptedStt(SegmentedSTTService):
    def __init__(self):
        # Pipecat complains of settings that are not given. None = the service has none.
        super().__init__(ttfs_p99_latency=0.0, settings=STTSettings(model=None, language=None))

    async def run_stt(self, audio):
        yield TranscriptionFrame(script.HEARD, "visitor", str(time.time()))


class ScriptedLlm(LLMService):
    def __init__(self):
        super().__init__(settings=LLMSettings(**dict.fromkeys(_LLM_SETTINGS)))

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        await asyncio.sleep(script.BRAIN_DELAY)
        await self.push_frame(LLMTextFrame(script.ANSWER))
        await self.push_frame(LLMFullResponseEndFrame())


class ScriptedTts(TTSService):
    def __init__(self, speech):
        settings = TTSSettings(model=None, voice=None, language=None)
        super().__init__(push_start_frame=True, push_stop_frames=True, sample_rate=script.RATE, settings=settings)
        self._speech = speech

    async def run_tts(self, text, context_id):
        await asyncio.sleep(script.TTS_DELAY)
        for pcm in self._speech:
            yield TTSAudioRawFrame(pcm, script.RATE, 1, context_id=context_id)


class Pictures(FrameProcessor):
    """Hands over pictures painted beforehand, 25 a second: `moving` while the bot speaks, `resting` otherwise."""

    def __init__(self, resting, moving):
        super().__init__()
        self._resting, self._moving = resting, moving
        self._speaking = False
        self._task = None

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._task = self.create_task(self._show())
        elif isinstance(frame, EndFrame | CancelFrame) and self._task:
            await self.cancel_task(self._task)
            self._task = None
        elif isinstance(frame, BotStartedSpeakingFrame):
            self._speaking = True
        elif isinstance(frame, BotStoppedSpeakingFrame):
            self._speaking = False
        await self.push_frame(frame, direction)

    async def _show(self):
        start, count = time.monotonic(), 0
        while True:
            pictures = self._moving if self._speaking else self._resting
            rgb = pictures[count % len(pictures)]
            await self.push_frame(OutputImageRawFrame(rgb, (script.WIDTH, script.HEIGHT), "RGB"))
            count += 1
            await asyncio.sleep(max(0.0, start + count / script.FRAME_RATE - time.monotonic()))


def read_pictures(path):
    """RGB bytes of the pictures in an .npy file of shape (n, height, width, 3)."""
    return [np.ascontiguousarray(picture).tobytes() for picture in np.load(path, mmap_mode="r")]


async def talk(connection, speech, pictures):
    transport = SmallWebRTCTransport(
        connection,
        TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            video_out_enabled=pictures is not None,
            video_out_is_live=True,
            video_out_width=script.WIDTH,
            video_out_height=script.HEIGHT,
            video_out_framerate=script.FRAME_RATE,
        ),
    )
    silence = SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=script.TAIL - VAD_STOP_SECS)
    aggregators = LLMContextAggregatorPair(
        LLMContext(),
        user_params=LLMUserAggregatorParams(
            vad_analyzer=SileroVADAnalyzer(), user_turn_strategies=UserTurnStrategies(stop=[silence])
        ),
    )
    stages = [transport.input(), ScriptedStt(), aggregators.user(), ScriptedLlm(), ScriptedTts(speech)]
    if pictures is not None:
        stages.append(Pictures(*pictures))
    worker = PipelineWorker(
        Pipeline([*stages, transport.output(), aggregators.assistant()]),
        params=PipelineParams(),
        idle_timeout_secs=None,
        enable_rtvi=False,
    )

    @transport.event_handler("on_client_disconnected")
    async def gone(transport, client):
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


async def main(arguments):
    speech = script.speech(arguments.speech)
    pictures = tuple(map(read_pictures, arguments.pictures)) if arguments.pictures else None
    talks = set()

    async def answer(sdp):
        connection = SmallWebRTCConnection()
        await connection.initialize(sdp=sdp, type="offer")
        task = asyncio.create_task(talk(connection, speech, pictures))
        talks.add(task)
        task.add_done_callback(talks.discard)
        return connection.get_answer()["sdp"]

    await offers.serve(answer)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--speech", type=float, required=True, help="seconds of each reply")
    parser.add_argument("--pictures", nargs=2, help="two .npy files of RGB pictures: resting, moving")
    asyncio.run(main(parser.parse_args()))
