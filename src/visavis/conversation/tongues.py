"""Which of the talk's languages a text is in, and the few phrases the conversation says by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_SCRIPTS: Final = {
    "CN": re.compile("[\u4e00-\u9fff]"),
    "Arabic": re.compile("[\u0600-\u06ff]"),
    "Thai": re.compile("[\u0e00-\u0e7f]"),
}
"""Languages that their letters give away; the others share the Latin ones."""

_SORRY: Final = {
    "CN": "抱歉，刚才出了点问题，请您再说一遍。",
    "EN": "Sorry, something went wrong. Please ask me again.",
    "ESP": "Lo siento, algo ha fallado. Pregúntame otra vez, por favor.",
    "por": "Desculpe, algo deu errado. Pergunte de novo, por favor.",
    "Arabic": "عذرًا، حدث خطأ ما. من فضلك اسألني مرة أخرى.",
    "Thai": "ขออภัย มีบางอย่างผิดพลาด กรุณาถามอีกครั้ง",
    "fr": "Désolée, un problème est survenu. Posez-moi la question encore une fois.",
}
"""Spoken when a reply fails."""


def sorry(language: str) -> str:
    """An apology in that language."""
    return _SORRY.get(language, _SORRY["EN"])


def language_of(text: str, languages: Sequence[str], present: str) -> str:
    """The one of `languages` that `text` is written in; `present` where its letters do not tell."""
    counts = {code: len(script.findall(text)) for code, script in _SCRIPTS.items()}
    latin = len(re.findall(r"[A-Za-zÀ-ɏ]", text))
    code = max(counts, key=lambda c: counts[c])
    if counts[code] and 3 * counts[code] >= latin:  # a brand name in Latin letters does not make a sentence English
        return code if code in languages else present
    if latin and present in _SCRIPTS:
        return next((c for c in languages if c not in _SCRIPTS), present)
    return present
