"""Language codes of the contract and their BCP 47 twins."""

from __future__ import annotations

from typing import Final

BCP47: Final = {
    "CN": "zh-CN",
    "EN": "en-US",
    "ESP": "es-ES",
    "por": "pt-BR",
    "Arabic": "ar-SA",
    "Thai": "th-TH",
    "fr": "fr-FR",
}
"""Contract code -> BCP 47 tag, in the contract's order."""

_DISCONTINUED: Final = {"zh_CN": "CN", "en_US": "EN"}


def canonical(code: str) -> str:
    """Map a discontinued code to its present one. Raises KeyError for codes the contract does not know."""
    code = _DISCONTINUED.get(code, code)
    if code not in BCP47:
        raise KeyError(code)
    return code
