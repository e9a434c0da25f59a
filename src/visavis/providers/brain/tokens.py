"""Text to what two wordings of one question have in common: stems, character pairs, concepts. Pure.

Latin and Arabic scripts: light stems (endings only, no dictionary). Scripts without spaces: single characters and
pairs. Phrases of one meaning (`thesaurus.json`: "how much", "price", "cost") become one concept, written "=price".
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

_JOINED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Thai, kana, Han: no spaces between words."""
_RUN = re.compile(rf"=\w+|[{_JOINED}]+|[^\W_{_JOINED}]+(?:['’][^\W_{_JOINED}]+)*")
_SPACELESS = re.compile(rf"[{_JOINED}]")

_STOP = {
    "EN": "a an the is are was were be been am do does did can could may might will would shall should i you he she it "
    "we they me my your our us his her its their this that these those to of for at on in by with from and or not so "
    "if there here please hi hello hey some any have has had get got just also about it's i'm you're let tell want "
    "like know need help find uh um well okay ok sara when where what who how why which much many",
    "ESP": "el la los las un una unos unas de del a al en y o que es son esta estan hay por para con me mi tu su se "
    "lo le puedo puede pueden podria quiero hola favor usted yo donde cuando como cual quien cuanto",
    "por": "o a os as um uma uns umas de do da dos das em no na nos nas e ou que ser esta estao ha por para com me meu "
    "minha seu sua se posso pode podem poderia quero ola favor voce eu onde quando como qual quem quanto",
    "fr": "le la les un une des de du d l a au aux en et ou que qui est sont il elle y je tu vous nous me mon ma votre "
    "se ce cet cette ca c s j n qu peux peut pouvez puis voudrais veux bonjour plait svp où quand comment quel quelle "
    "combien avez ai avoir",
    "Arabic": "في من على الى عن هل ما هو هي هذا هذه ذلك انا انت لي لك كيف اين متى كم هناك يوجد "
    "يمكن يمكنني اريد لو سمحت",
}
_ASKING = {
    "EN": "when where who how why which",
    "ESP": "donde cuando como quien cuanto cual",
    "por": "onde quando como quem quanto qual",
    "fr": "ou quand comment combien qui quel quelle",
    "Arabic": "كيف اين متى كم من",
}
"""Question words: they decide between two questions about one thing."""
_CHATTER = {
    "CN": "请问|麻烦|你好|您好|想问|我想|想知道|告诉我|能不能|可不可以|可以|能够|是不是|有没有|你们|您|"
    "吗|呢|啊|吧|呀|嘛|哦|这里|这儿|一下|的|了|我|是|有|在|请|多少|今天|现在|什么时候|何时|什么|怎么样|怎么|哪些|一个|个",
    "Thai": "ครับ|ค่ะ|คะ|หน่อย|ไหม|ช่วย|ขอ|สวัสดี",
}
_WEIGHT_STOP = 0.08
_WEIGHT_ASKING = 0.35
_WEIGHT_SINGLE = 0.4


def normal(text: str, language: str) -> str:
    """One spelling for one word: width, case, accents, Arabic letter variants."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if language != "Thai":  # Its vowels are combining characters.
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", text)
    return text.translate(_ARABIC)


def tokens(text: str, language: str) -> dict[str, float]:
    """Tokens with their weight as words (0..1), before any statistics."""
    text = normal(text, language)
    for phrase, concept in _phrases(language):
        text = phrase.sub(f" ={concept} ", text)
    for chatter in _chatter(language):
        text = text.replace(chatter, " ")
    found: dict[str, float] = {}
    for run in _RUN.findall(text):
        for token, weight in _split(run, language):
            found[token] = max(weight, found.get(token, 0.0))
    return found


def _split(run: str, language: str) -> Iterator[tuple[str, float]]:
    if run[0] == "=":
        yield run, 1.0
    elif _SPACELESS.match(run):
        yield from ((c, _WEIGHT_SINGLE) for c in run)
        yield from ((run[i : i + 2], 1.0) for i in range(len(run) - 1))
    else:
        for word in _words(run):
            yield stem(word, language), _weight(word, language)


def _words(run: str) -> list[str]:
    """Without the clitics: "where's" where, "l'été" été, "don't" don't."""
    head, _, tail = run.partition("'")
    if not tail or tail == "t":
        return [run.replace("'", "")]
    return [tail] if len(head) <= 2 and tail not in ("s", "m", "re", "ve", "ll", "d") else [head]


def _weight(word: str, language: str) -> float:
    if word in _set(_ASKING, language):
        return _WEIGHT_ASKING
    return _WEIGHT_STOP if word in _set(_STOP, language) else 1.0


def stem(word: str, language: str) -> str:
    """Cut endings. Light on purpose: two words in one stem are worse than one word in two."""
    if language == "Arabic" and "\u0600" <= word[0] <= "\u06ff":
        return _arabic(word)
    if len(word) < 4 or not word.isalpha():
        return word
    if language in ("ESP", "por", "fr"):
        return _romance(word)
    return _english(word)


def _english(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("ches", "shes", "sses", "xes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) > 2 and re.search("[aeiouy]", base):
            word = base[:-1] if base[-1] == base[-2] and base[-1] not in "lsz" else base
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _romance(word: str) -> str:
    for ending in ("amente", "mente"):
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word[: -len(ending)]
    if word[-1] in "sx":
        word = word[:-1]
    while len(word) > 3 and word[-1] in "aeo":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] == "r" else word


def _arabic(word: str) -> str:
    for prefix in ("وال", "بال", "كال", "فال", "لل", "ال"):
        if word.startswith(prefix) and len(word) - len(prefix) > 2:
            word = word[len(prefix) :]
            break
    for suffix in ("ات", "ون", "ين", "ها", "كم", "ه", "ي"):
        if word.endswith(suffix) and len(word) - len(suffix) > 2:
            return word[: -len(suffix)]
    return word


_ARABIC = {
    **str.maketrans("أإآٱىةؤئ", "اااايهوي"),
    **dict.fromkeys([*range(0x064B, 0x0660), 0x0640]),
}


@lru_cache(maxsize=64)
def _split_words(text: str, language: str) -> frozenset[str]:
    return frozenset(normal(text, language).split())


def _set(table: dict[str, str], language: str) -> frozenset[str]:
    # Latin words inside a text of another script are taken for English.
    return _split_words(table.get(language, table["EN"]), language)


@lru_cache(maxsize=16)
def _chatter(language: str) -> tuple[str, ...]:
    """Politeness and particles of scripts without spaces, longest first."""
    return tuple(sorted(filter(None, _CHATTER.get(language, "").split("|")), key=len, reverse=True))


@lru_cache(maxsize=16)
def _phrases(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The thesaurus as (pattern, concept), longest phrases first."""
    thesaurus = json.loads(files(__package__).joinpath("thesaurus.json").read_text("utf-8"))
    found: list[tuple[str, str]] = []
    for concept, phrases in thesaurus.get(language, {}).items():
        found += [(normal(phrase, language), concept) for phrase in phrases]
    found.sort(key=lambda item: len(item[0]), reverse=True)
    return tuple((_pattern(phrase), concept) for phrase, concept in found)


def _pattern(phrase: str) -> re.Pattern[str]:
    """Whole words (a plural s is the same) where words have spaces. Never inside a concept that stands already."""
    if _SPACELESS.search(phrase):
        return re.compile(re.escape(phrase))
    letter = rf"[^\W{_JOINED}]"
    # What may hang on a word: "and" before, a plural behind.
    before, behind = ("[وف]?", "(?:ون|ين)?") if "\u0600" <= phrase[0] <= "\u06ff" else ("", "(?:e?s)?")
    return re.compile(rf"(?<!{letter})(?<![='])" + before + re.escape(phrase) + behind + rf"(?!{letter})")
