"""Pronunciations of words that the recogniser's dictionary lacks: eSpeak NG's IPA mapped to ARPAbet. Pure."""

from __future__ import annotations

_ARPABET = {
    "eɪ": "EY", "aɪ": "AY", "ɔɪ": "OY", "aʊ": "AW", "oʊ": "OW", "əʊ": "OW", "tʃ": "CH", "dʒ": "JH",
    "ɪɹ": "IH R", "ɛɹ": "EH R", "ʊɹ": "UH R", "oɹ": "AO R", "ɔɹ": "AO R", "ɑɹ": "AA R", "əl": "AH L", "aɪɚ": "AY ER",
    "aɪə": "AY AH", "iə": "IY AH",
    "i": "IY", "ɪ": "IH", "ᵻ": "IH", "e": "EH", "ɛ": "EH", "æ": "AE", "a": "AE", "ɐ": "AH", "ə": "AH", "ʌ": "AH",
    "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "o": "OW", "ʊ": "UH", "u": "UW", "ɜ": "ER", "ɚ": "ER", "ɝ": "ER",
    "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "ɡ": "G", "g": "G", "ʔ": "T", "ɾ": "T", "m": "M", "n": "N",
    "ŋ": "NG", "f": "F", "v": "V", "θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "h": "HH",
    "x": "K", "l": "L", "ɫ": "L", "ɹ": "R", "r": "R", "j": "Y", "w": "W",
}  # fmt: skip
_SILENT = str.maketrans("", "", "ˈˌː̩̃ʲ-_ ")
_LONGEST = max(map(len, _ARPABET))


def arpabet(ipa: str) -> str:
    """CMU phones, space-separated; "" where the IPA has a sound that American English lacks."""
    rest = ipa.translate(_SILENT)
    phones: list[str] = []
    while rest:
        for size in range(min(_LONGEST, len(rest)), 0, -1):
            if rest[:size] in _ARPABET:
                phones.append(_ARPABET[rest[:size]])
                rest = rest[size:]
                break
        else:
            return ""
    return " ".join(phones)
