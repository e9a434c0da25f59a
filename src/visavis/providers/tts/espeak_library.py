"""eSpeak NG through its C interface (speak_lib.h), library and data from the `espeakng-loader` wheel.

Not thread-safe, global state, GPL-3: only ever loaded in a helper process, never in the worker.
"""

from __future__ import annotations

import ctypes as c
from collections.abc import Callable
from typing import Any

import espeakng_loader

RATE = 22050
"""Samples a second."""

_SYNCHRONOUS = 2  # Mode 1 (retrieval) returns before any sound exists.
_PHONEME_EVENTS, _IPA, _DONT_EXIT = 1, 2, 0x8000
_UTF8 = 1
_WORD, _END, _PHONEME = 1, 5, 7
_SPEED, _PITCH = 1, 3


class _Id(c.Union):
    _fields_ = (("number", c.c_int), ("name", c.c_char_p), ("string", c.c_char * 8))


class _Event(c.Structure):
    _fields_ = (
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", _Id),
    )


_Callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))

Event = tuple[str, int, int, str]
"""kind ("word" | "phoneme" | "end"), sample in this synthesis, character in the text (from 0), IPA ("" = pause)."""


class Espeak:
    """The library, initialised. One per process."""

    def __init__(self) -> None:
        self._library: Any = c.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 20, data, _PHONEME_EVENTS | _IPA | _DONT_EXIT)
        if rate != RATE:
            raise RuntimeError(f"eSpeak NG did not start: {rate}")

    def select(self, voice: str, words_a_minute: int, pitch: int) -> bool:
        """False: there is no such voice. Pitch 0 (half) .. 50 .. 100 (double)."""
        self._library.espeak_SetParameter(_SPEED, words_a_minute, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        # Anew for each call, after the parameters: they take effect with the voice.
        return bool(self._library.espeak_SetVoiceByName(voice.encode()) == 0)

    def synthesize(self, text: str, heard: Callable[[bytes, list[Event]], bool]) -> None:
        """Blocks; `heard` gets pieces of s16 sound and the events inside them, and stops it by returning False."""

        def callback(wav: Any, count: int, events: Any) -> int:
            found: list[Event] = []
            i = 0
            while events[i].type:
                event = events[i]
                i += 1
                if event.type == _PHONEME:
                    ipa = event.id.string.decode("utf-8", "ignore")
                    found.append(("phoneme", event.sample, 0, ipa))
                elif event.type == _WORD:
                    found.append(("word", event.sample, max(0, event.text_position - 1), ""))
                elif event.type == _END:
                    found.append(("end", event.sample, 0, ""))
            return 0 if heard(c.string_at(wav, 2 * count) if wav and count else b"", found) else 1

        held = _Callback(callback)
        self._library.espeak_SetSynthCallback(held)
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, len(encoded), 0, 1, 0, _UTF8, None, None)

    def phonemes(self, text: str) -> str:
        """IPA of one clause in the selected voice, phonemes separated by "_"."""
        encoded = c.c_char_p(text.encode())
        function = self._library.espeak_TextToPhonemes
        function.restype = c.c_char_p
        answer: bytes | None = function(c.byref(encoded), _UTF8, 0x02 | 0x80 | (ord("_") << 8))
        return (answer or b"").decode()
