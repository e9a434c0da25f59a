from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from visavis.core.errors import ProviderUnavailable
from visavis.core.knowledge import Entry, Knowledge
from visavis.core.languages import BCP47
from visavis.core.text import Delta, Message
from visavis.providers.brain.knowledge import UNKNOWN, KnowledgeBrain
from visavis.providers.brain.retrieval import Index
from visavis.testing.contracts import TALK, check_brain

PRICE, OPEN, RETURN, REPAIR = "nine euros", "From nine to six", "four stations", "while you wait"


async def ask(brain: KnowledgeBrain, question: str, language: str = "EN") -> list[str]:
    talk = TALK.model_copy(update={"language": language})
    pieces = brain.reply([Message("user", question)], talk=talk, tools=())
    return [piece.text async for piece in pieces if isinstance(piece, Delta)]


async def test_contract(knowledge: Path) -> None:
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=knowledge)) as brain:
        await check_brain(brain, question="How much is a bicycle?", expect=PRICE)


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [
        ("EN", "how much does a bicycle cost", PRICE),
        ("EN", "what do I pay for renting bicycles", PRICE),
        ("EN", "hello, could you tell me the price of a bicycle please", PRICE),
        ("EN", "when do you close", OPEN),
        ("EN", "your opening times please", OPEN),
        ("EN", "where do I bring the bicycle back to return it", RETURN),
        ("EN", "can you repair my tyre", REPAIR),
        ("EN", "can you repare my flatt tyre", REPAIR),
        ("EN", "i have a punture", REPAIR),
        ("CN", "自行车租一天多少钱", "一天九欧元"),
        ("CN", "租车的价格", "一天九欧元"),
        ("CN", "请问你们几点关门呀", "九点到六点"),
        ("CN", "车还到哪里", "四个站点"),
        ("ESP", "cuanto cuestan las bicicletas", "Nueve euros"),
        ("Arabic", "متى تغلقون ومتى تفتحون", "من التاسعة"),
        ("Thai", "เปิดกี่โมงคะ", "เก้าโมง"),
    ],
)
async def test_other_words_for_a_known_question(knowledge: Path, language: str, question: str, answer: str) -> None:
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=knowledge)) as brain:
        assert answer in "".join(await ask(brain, question, language))


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("EN", "what is the capital of France"),
        ("EN", "tell me a joke"),
        ("EN", "who won the world cup in 1998"),
        ("EN", "how do I bake bread"),
        ("EN", "is there life on mars"),
        ("CN", "法国的首都是哪里"),
        ("CN", "给我讲个笑话"),
        ("CN", "今天天气怎么样"),
        ("ESP", "¿quién ganó la guerra?"),
        ("Arabic", "ما هي عاصمة فرنسا"),
        ("Thai", "เมืองหลวงของฝรั่งเศส"),
        ("fr", "How much is a bicycle?"),
        ("por", "quanto custa uma bicicleta"),
        ("EN", "租自行车多少钱"),
        ("EN", ""),
        ("EN", "?!"),
        ("EN", "the of a is"),
    ],
)
async def test_what_it_does_not_know_it_says_politely(knowledge: Path, language: str, question: str) -> None:
    """Also what only another language's entries know."""
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=knowledge)) as brain:
        assert "".join(await ask(brain, question, language)) in UNKNOWN[language]


async def test_every_language_has_several_ways_to_say_so() -> None:
    assert list(UNKNOWN) == list(BCP47)
    async with KnowledgeBrain(KnowledgeBrain.Options()) as brain:
        for language in BCP47:
            said = {"".join(await ask(brain, "?", language)) for _ in range(40)}
            assert said <= set(UNKNOWN[language])
            assert len(said) > 1


async def test_the_answer_comes_clause_by_clause(knowledge: Path) -> None:
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=knowledge)) as brain:
        assert await ask(brain, "How much is a bicycle?") == [
            "A day costs nine euros, ", "and a week costs forty. ", "Helmets are free.",
        ]  # fmt: skip
        assert await ask(brain, "租自行车多少钱？", "CN") == ["一天九欧元，", "一周四十欧元。", "头盔免费。"]


async def test_numbers_are_not_torn_apart(tmp_path: Path) -> None:
    path = tmp_path / "k.json"
    answer = "It costs 1,299.50 euros, at 10:30 a.m. sharp"
    path.write_bytes(Knowledge(entries=(Entry(language="EN", questions=("price",), answer=answer),)).encode())
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=path)) as brain:
        pieces = await ask(brain, "price")
    assert "".join(pieces) == answer
    assert pieces[0] == "It costs 1,299.50 euros, "


async def test_the_threshold_is_an_option(knowledge: Path) -> None:
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=knowledge, threshold=1.0)) as brain:
        assert "".join(await ask(brain, "can you repair my tyre")) in UNKNOWN["EN"]
        assert PRICE in "".join(await ask(brain, "how much is a bicycle"))


async def test_bad_files_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"entries": [{"language": "EN"}]}')
    for path, cause in ((tmp_path / "none.json", "read"), (broken, r"broken\.json")):
        with pytest.raises(ProviderUnavailable, match=cause):
            async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=path)):
                pass


async def test_many_visitors_ask_at_once(knowledge: Path) -> None:
    async with KnowledgeBrain(KnowledgeBrain.Options(knowledge=knowledge)) as brain:
        asked = ["how much is a bicycle", "when are you open", "who fixes a puncture"] * 20
        answers = await asyncio.gather(*(ask(brain, question) for question in asked))
    for answer, expected in zip(answers, [PRICE, OPEN, REPAIR] * 20, strict=True):
        assert expected in "".join(answer)


def test_the_right_product_among_thousands() -> None:
    """Wordings share all words but the product's."""
    colours = ["red", "blue", "green", "black", "white", "yellow", "purple", "orange", "silver", "golden"]
    things = ["lamp", "kettle", "tablet", "drone", "jacket", "camera", "pillow", "scooter", "blender", "monitor"]
    entries = [
        Entry(language="EN", questions=(f"{asked} the {colour} {thing}?",), answer=f"{asked} {colour} {thing}")
        for colour in colours
        for thing in things
        for asked in ("How much is", "Where can I find", "How heavy is", "How do I clean")
    ]
    index = Index(entries, "EN")
    for colour, thing in zip(colours, things, strict=True):
        for question, asked in (
            (f"what's the price of a {thing} in {colour}", "How much is"),
            (f"how do you clean {colour} {thing}s", "How do I clean"),
        ):
            found = index.best(question)
            assert found is not None
            assert found.entry.answer == f"{asked} {colour} {thing}"
