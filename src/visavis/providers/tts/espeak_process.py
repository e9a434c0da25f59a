"""The helper process of `tts.espeak`. Run by `forkserver.ForkServer`.

In:  V {"voice", "rate", "pitch"} once; X text of one sentence, as often as wanted.
Out: E [[kind, sample, character, ipa], ...]; A sound (s16); F the sentence is finished; X no such voice.
Events come before the sound they belong to.
"""

from __future__ import annotations

import json

from visavis.providers.forkserver import Pipe, serve
from visavis.providers.tts.espeak_library import Espeak, Event


def main() -> None:
    espeak = Espeak()
    espeak.select("en-us", 165, 50)
    espeak.synthesize("warm", lambda sound, events: True)  # Pages of the dictionary and tables, shared by all forks.
    serve(lambda pipe: _call(espeak, pipe))


def _call(espeak: Espeak, pipe: Pipe) -> None:
    def heard(sound: bytes, events: list[Event]) -> bool:
        if events:
            pipe.send(b"E", json.dumps(events).encode())
        if sound:
            pipe.send(b"A", sound)  # Ends this process when the worker hung up: the abort is immediate.
        return True

    while (frame := pipe.receive()) is not None:
        kind, content = frame
        if kind == b"V":
            voice = json.loads(content)
            if not espeak.select(voice["voice"], voice["rate"], voice["pitch"]):
                pipe.send(b"X")
                return
        else:
            espeak.synthesize(content.decode(), heard)
            pipe.send(b"F")


if __name__ == "__main__":
    main()
