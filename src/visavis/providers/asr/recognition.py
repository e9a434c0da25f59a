"""PocketSphinx, twice at once: a model of the application's own questions beside the general one.

Both hear every sound. The own model is far surer of its sentences than the general one, and strains to make something
of a foreign sentence; the difference of the two path scores, per frame of 10 ms, decides whose text is the answer.

Only ever used in a helper process: decoding holds the interpreter lock.
"""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import webrtcvad
from pocketsphinx import Config, Decoder, get_model_path

from visavis.providers.asr.language_model import arpa, sentences, words
from visavis.providers.asr.pronunciation import arpabet
from visavis.providers.tts.espeak_library import Espeak

log = logging.getLogger(__name__)

_MODEL = get_model_path() + "/en-us/"
_COMMON = {"hmm": _MODEL + "en-us", "loglevel": "FATAL"}
_MARGIN_KNOWN = 1e-4
_MARGIN_MIXED = 7e-4
"""Own minus general score per frame above which the own model's text is taken: where it is one of the application's
own questions, and where it is pieced together from them. Measured on three voices of flite: 90 own questions 3.2e-4 to
22e-4, 45 foreign sentences at most -1.1e-4."""
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
            self.own = Decoder(Config(lm=str(model), dict=str(entries), fwdflat=False, bestpath=False, **_COMMON))

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

    def __init__(self, models: Models) -> None:
        self.samples = 0
        self._models = models
        self._decoders = [models.general, *([models.own] if models.own else [])]
        self._vad = webrtcvad.Vad(3)
        self._speech = 0
        """Windows of speech so far."""
        self._unsorted = b""
        """Less than a window, for the VAD."""
        self._held: bytearray | None = bytearray()
        """The beginning; None when the decoders run."""

    def hear(self, pcm: bytes) -> None:
        self.samples += len(pcm) // 2
        self._unsorted += pcm
        while len(self._unsorted) >= 2 * _FRAME:
            self._speech += self._vad.is_speech(self._unsorted[: 2 * _FRAME], 16000)
            self._unsorted = self._unsorted[2 * _FRAME :]
        if self._held is None:
            self._decode(pcm)
            return
        self._held += pcm
        if len(self._held) >= _BEGINNING:
            self._begin()

    def _begin(self) -> None:
        """Learn the channel from the beginning, then decode it.

        The cepstral mean depends on microphone and level; PocketSphinx starts from a guess and adapts too slowly for
        short questions. Measured on three voices, 45 sentences: 11.9 % word errors with the guess, 6.0 % so.
        """
        if self._held is None:
            return
        beginning, self._held = bytes(self._held), None
        general = self._models.general
        general.start_utt()
        general.process_raw(beginning, True, False)
        mean = general.get_cmn(True)
        general.end_utt()
        for decoder in self._decoders:
            decoder.set_cmn(mean)
            decoder.start_utt()
        self._decode(beginning)

    def _decode(self, pcm: bytes) -> None:
        for decoder in self._decoders:
            decoder.process_raw(pcm, False, False)

    def partial(self) -> str:
        if self._held is not None or self._speech < _LEAST_SPEECH:
            return ""
        own = self._own_text()
        return self._shown(own if own is not None else _text(self._models.general))

    def finish(self) -> str:
        """The text; "" where nothing was understood."""
        if self._speech < _LEAST_SPEECH:
            return ""
        self._begin()
        if self._models.own:
            self._models.own.end_utt()
        own = self._own_text()
        if own is None:
            # The general model's second pass takes 40 to 100 ms: only where its text counts.
            self._models.general.end_utt()
            own = _text(self._models.general)
        return self._shown(own)

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
