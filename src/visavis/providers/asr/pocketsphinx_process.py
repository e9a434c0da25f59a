"""The helper process of `asr.pocketsphinx`. Run by `forkserver.ForkServer`; argv[2] is the file of questions, or "".

In:  H {"hints": [...], "channel": ""} once; S sound (s16, 16 kHz), as often as wanted; then the end of input.
Out: T {"text", "final"}: partial texts; last T {"text", "final", "channel"} (see `recognition.Turn`).
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from visavis.core.knowledge import Knowledge
from visavis.providers.asr.recognition import Models, Turn
from visavis.providers.forkserver import Pipe, serve

_PARTIAL_EVERY = 16000 // 4
"""Samples between two partial texts."""


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    questions: list[str] = []
    if sys.argv[2]:
        knowledge = Knowledge.read(Path(sys.argv[2]))
        questions = [q for entry in knowledge.entries if entry.language == "EN" for q in entry.questions]
    models = Models(questions)
    models.warm_up()
    serve(lambda pipe: _call(models, pipe))


def _call(models: Models, pipe: Pipe) -> None:
    first = pipe.receive()
    if first is None:
        return
    start = json.loads(first[1])
    models.learn(start["hints"])
    turn = Turn(models, start["channel"])
    due, said = _PARTIAL_EVERY, ""
    while (frame := pipe.receive()) is not None:
        turn.hear(frame[1])
        if turn.samples >= due:
            due = turn.samples + _PARTIAL_EVERY
            text = turn.partial()
            if text and text != said:
                said = text
                pipe.send(b"T", json.dumps({"text": text, "final": False}).encode())
    text = turn.finish()
    pipe.send(b"T", json.dumps({"text": text, "final": True, "channel": turn.channel if text else ""}).encode())


if __name__ == "__main__":
    main()
