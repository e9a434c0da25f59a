"""PocketSphinx, twice at once: a model of the application's own questions beside the general one.

Both hear every sound. The own model is far surer of its sentences than the general one, and strains to make something
of a foreign sentence; the difference of the two path scores, per frame of 10 ms, decides whose text is the answer.

Only ever used in a helper process: decoding holds the interpreter lock.
"""

from __future__ import annotations

import logging
import math
import tempfile
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import webrtcvad
from pocketsphinx import Config, Decoder, get_model_path

from visavis.providers.asr.language_model import arpa, sentences, words
from visavis.providers.asr.pronunciation import arpabet
from visavis.providers.tts.espeak_library import RATE, Espeak, Event

log = logging.getLogger(__name__)

_MODEL = get_model_path() + "/en-us/"
_OWN_WEIGHT = 12.0
"""Language weight of the own model (PocketSphinx: 6.5). Stronger, because the sentences are few and known: half the
word errors of own questions, and foreign sentences fall further behind."""
_COMMON = {"hmm": _MODEL + "en-us", "loglevel": "FATAL"}
_MARGIN_KNOWN = 1e-4
_MARGIN_MIXED = 5e-4
"""Own minus general score per frame above which the own model's text is taken: where it is one of the application's
own questions, and where it is pieced together from them. Measured on three voices of flite: own questions 1.4e-4 to
26e-4; 90 foreign sentences -28e-4 to 4.3e-4, of which none was a known question; wrongly pieced ones up to 3.9e-4."""
_FRAME = 160
"""Samples of 10 ms."""
_BEGINNING = 16000
"""Bytes (0.5 s) from which the channel is learnt."""
_LEAST_SPEECH = 12
"""Windows of 10 ms that webrtcvad (mode 3) must take for speech; less is noise, and the text is empty."""
_ALWAYS_CAPITAL = {"i": "I", "i'm": "I'm", "i'd": "I'd", "i'll": "I'll", "i've": "I've"}


class Models:
    """What all turns share. Loaded once, then forked."""

    def __init__(self, questions: Iterable[str]) -> None:
        self.general = Decoder(Config(lm=_MODEL + "en-us.lm.bin", dict=_MODEL + "cmudict-en-us.dict", **_COMMON))
        self.own: Decoder | None = None
        """None: there is neither question nor hot word."""
        self.known: frozenset[str] = frozenset()
        self.display = dict(_ALWAYS_CAPITAL)
        self._questions = tuple(questions)
        self._hints: tuple[str, ...] = ()
        self._espeak = Espeak()
        self._espeak.select("en-us", 165, 50)
        self._build()

    def warm_up(self) -> None:
        """Decode a synthetic sentence: the forks find pages touched and a front end that has heard speech.

        Measured: 15.6 % -> 14.1 % word errors of foreign sentences, and 80 -> 81 of 90 own questions exact.
        """
        sample = array("h")

        def heard(sound: bytes, events: list[Event]) -> bool:
            sample.frombytes(sound)
            return True

        self._espeak.synthesize("Good morning, how are you today?", heard)
        pcm = array("h", (sample[i * RATE // 16000] for i in range(len(sample) * 16000 // RATE))).tobytes()
        for decoder in filter(None, (self.general, self.own)):
            decoder.start_utt()
            decoder.process_raw(pcm, False, False)
            decoder.end_utt()

    def learn(self, hints: Sequence[str]) -> None:
        """Hear these hot words too, from now on."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self._build()

    def _build(self) -> None:
        # A dictionary of just the words: with the whole one, a new language model takes 0.8 s to activate.
        dictionary: dict[str, str] = {}
        corpus = []
        for sentence in sentences(self._questions, self._hints):
            strange = [word for word in sentence if not self._pronounce(word, dictionary)]
            if strange:
                log.warning("No pronunciation for %s: a sentence is left out of the language model", strange)
                continue
            corpus.append([word.lower() for word in sentence])
            for word in sentence[1:]:
                if word != word.lower():
                    self.display.setdefault(word.lower(), word)
        for hint in self._hints:
            self.display.update({word.lower(): word for word in words(hint) if word != word.lower()})
        self.known = frozenset(" ".join(sentence) for sentence in corpus)
        if not corpus:
            self.own = None
            return
        with tempfile.TemporaryDirectory() as folder:
            model, entries = Path(folder, "own.lm"), Path(folder, "own.dict")
            model.write_text(arpa(corpus))
            entries.write_text("".join(f"{word} {phones}\n" for word, phones in dictionary.items()))
            self.own = Decoder(
                Config(lm=str(model), dict=str(entries), lw=_OWN_WEIGHT, fwdflat=False, bestpath=False, **_COMMON)
            )

    def _pronounce(self, word: str, dictionary: dict[str, str]) -> bool:
        """Put the word into the dictionary, with all its pronunciations. False where there is none."""
        lower = word.lower()
        if lower in dictionary:
            return True
        if phones := self.general.lookup_word(lower):
            dictionary[lower] = phones
            n = 2
            while other := self.general.lookup_word(f"{lower}({n})"):
                dictionary[f"{lower}({n})"] = other
                n += 1
            return True
        if phones := arpabet(self._espeak.phonemes(word)):
            dictionary[lower] = phones
        if word.isupper() and 1 < len(word) <= 5 and (letters := arpabet(self._espeak.phonemes(" ".join(word)))):
            dictionary[f"{lower}(2)" if lower in dictionary else lower] = letters
        return lower in dictionary


class Turn:
    """One utterance. Only one at a time in a process."""

    def __init__(self, models: Models, channel: str = "") -> None:
        """channel: what `channel` was after the former turn on the same microphone; "" = not heard yet."""
        self.samples = 0
        self._models = models
        self._decoders = [models.general, *([models.own] if models.own else [])]
        self._vad = webrtcvad.Vad(3)
        self._speech = 0
        """Windows of speech so far."""
        self._unsorted = b""
        """Less than a window, for the VAD."""
        self._beginning = bytearray()
        self._begun = False
        """The decoders run."""
        if channel:
            self._start(channel)

    @property
    def channel(self) -> str:
        """Cepstral mean of microphone and voice, for the next turn. "" while nothing was decoded."""
        return str(self._models.general.get_cmn(True)) if self._begun else ""

    def hear(self, pcm: bytes) -> None:
        self.samples += len(pcm) // 2
        self._unsorted += pcm
        while len(self._unsorted) >= 2 * _FRAME:
            self._speech += self._vad.is_speech(self._unsorted[: 2 * _FRAME], 16000)
            self._unsorted = self._unsorted[2 * _FRAME :]
        if self._begun:
            self._decode(pcm)
            return
        self._beginning += pcm
        if len(self._beginning) >= _BEGINNING:
            self._begin()

    def _begin(self) -> None:
        """Learn the channel from the beginning, then decode it.

        PocketSphinx starts from a guess of the cepstral mean and adapts too slowly for short questions. Measured on
        three voices: 11.9 % word errors with the guess, 6.0 % so; over a talk of mixed turns 10.5 % so, 6.6 % with the
        mean of the turn before.
        """
        beginning = bytes(self._beginning)
        general = self._models.general
        general.start_utt()
        general.process_raw(beginning, True, False)
        mean = general.get_cmn(True)
        general.end_utt()
        self._start(mean)
        self._decode(beginning)

    def _start(self, mean: str) -> None:
        self._begun = True
        for decoder in self._decoders:
            decoder.set_cmn(mean)
            decoder.start_utt()

    def _decode(self, pcm: bytes) -> None:
        for decoder in self._decoders:
            decoder.process_raw(pcm, False, False)

    def partial(self) -> str:
        if not self._begun or self._speech < _LEAST_SPEECH:
            return ""
        own = self._own_text()
        return self._shown(own if own is not None else _text(self._models.general))

    def finish(self) -> str:
        """The text; "" where nothing was understood."""
        if self._speech < _LEAST_SPEECH:
            return ""
        if not self._begun:
            self._begin()
        if self._models.own:
            self._models.own.end_utt()
        if (own := self._own_text()) is not None:
            return self._shown(own)  # The process ends now: it need not wait for the general model.
        # Its second pass takes 40 to 100 ms.
        self._models.general.end_utt()
        return self._shown(_text(self._models.general))

    def margin(self) -> float:
        """Own minus general score per frame; -inf without an own hypothesis."""
        own = self._models.own.hyp() if self._models.own else None
        general = self._models.general.hyp()
        if own is None or not own.hypstr or own.score <= 0:
            return -math.inf
        if general is None or general.score <= 0:
            return math.inf
        return (math.log(own.score) - math.log(general.score)) / max(1, self.samples // _FRAME)

    def _own_text(self) -> str | None:
        """What the own model heard, if it is to be believed."""
        if self._models.own is None:
            return None
        text = _text(self._models.own)
        return text if self.margin() > (_MARGIN_KNOWN if text in self._models.known else _MARGIN_MIXED) else None

    def _shown(self, text: str) -> str:
        shown = " ".join(self._models.display.get(word, word) for word in text.split())
        return shown[:1].upper() + shown[1:]


def _text(decoder: Decoder) -> str:
    hypothesis = decoder.hyp()
    return str(hypothesis.hypstr).lower() if hypothesis and hypothesis.hypstr else ""
