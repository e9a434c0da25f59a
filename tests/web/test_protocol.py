"""The page's types of events and messages are those of `visavis.core.events`."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from tests.web.rehearsal import Rehearsal

from visavis.control.access.schemas import LanguageInfo, OpenRoom
from visavis.control.jobs.schemas import Started
from visavis.core.events import CLIENT_MESSAGE, EVENT

PROTOCOL = Path(__file__).parents[2] / "web/packages/protocol/src"
Shape = dict[str, str]


def normal(written: str) -> str:
    """A TypeScript type in one spelling: no spaces, no tuple labels, no parentheses."""
    return re.sub(r"\s|\w+:(?=\s)|\(|\)", "", written)


def typescript(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The TypeScript type of a JSON schema."""
    match schema:
        case {"$ref": str(name)}:
            return typescript(definitions[name.rpartition("/")[2]], definitions)
        case {"const": 1}:
            return "typeof VERSION"
        case {"const": value}:
            return f"'{value}'"
        case {"enum": values}:
            return " | ".join(f"'{value}'" for value in values)
        case {"anyOf": choices}:
            return " | ".join(typescript(choice, definitions) for choice in choices)
        case {"type": "array", "prefixItems": items}:
            return f"[{', '.join(typescript(item, definitions) for item in items)}]"
        case {"type": "array", "items": items}:
            return f"{typescript(items, definitions)}[]"
        case {"type": "integer" | "number"}:
            return "number"
        case {"type": str(plain)}:
            return plain
    raise AssertionError(f"no TypeScript for {schema}")


def declared() -> dict[str, Shape]:
    """Interfaces of events.ts by the value of their `type`."""
    source = re.sub(r"/\*\*.*?\*/", "", (PROTOCOL / "events.ts").read_text(), flags=re.S)
    aliases = dict(re.findall(r"export type (\w+) = ('[^\n]+)", source))
    shapes: dict[str, Shape] = {}
    for extends, body in re.findall(r"export interface \w+( extends Versioned)? \{(.*?)\n\}", source, flags=re.S):
        fields = dict(re.findall(r"^  (\w+): (.+)$", body, flags=re.M))
        if extends:
            fields["v"] = "typeof VERSION"
        shape = {name: normal(aliases.get(written, written)) for name, written in fields.items()}
        shapes[shape["type"].strip("'")] = shape
    return shapes


def required(schema: dict[str, Any]) -> dict[str, Shape]:
    definitions = schema["$defs"]
    shapes: dict[str, Shape] = {}
    for name in schema["discriminator"]["mapping"]:
        message = definitions[schema["discriminator"]["mapping"][name].rpartition("/")[2]]
        shapes[name] = {field: normal(typescript(value, definitions)) for field, value in message["properties"].items()}
    return shapes


def test_events_and_messages_are_the_same_on_both_sides() -> None:
    events = required(EVENT.json_schema(mode="serialization"))
    messages = required(CLIENT_MESSAGE.json_schema())
    assert declared() == events | messages


@pytest.mark.parametrize(
    ("old", "new"), [("spoken: number", "spoken: string"), ("heard: string", ""), ("'stop'", "'halt'")]
)
def test_the_comparison_notices_a_drift(old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (PROTOCOL / "events.ts").read_text()
    assert old in source
    (tmp_path / "events.ts").write_text(source.replace(old, new, 1))
    monkeypatch.setattr(f"{__name__}.PROTOCOL", tmp_path)
    with pytest.raises(AssertionError):
        test_events_and_messages_are_the_same_on_both_sides()


def test_the_longest_question_is_the_same() -> None:
    limit = CLIENT_MESSAGE.json_schema()["$defs"]["Ask"]["properties"]["text"]["maxLength"]
    assert f"ASK_LIMIT = {limit}\n" in (PROTOCOL / "events.ts").read_text()


@pytest.mark.parametrize("shape", [OpenRoom, LanguageInfo])
def test_the_page_reads_what_the_open_room_answers(shape: type) -> None:
    source = (PROTOCOL / "rooms.ts").read_text()
    body = re.search(rf"export interface {shape.__name__} \{{(.*?)\n\}}", source, flags=re.S)
    assert body
    needed = set(re.findall(r"^  (\w+): ", body[1], flags=re.M))
    optional = set(re.findall(r"^  (\w+)\?: ", body[1], flags=re.M))
    answered = set(shape.__annotations__)
    assert needed <= answered
    assert answered <= needed | optional


def test_the_rehearsal_answers_as_the_server_does() -> None:
    with Rehearsal() as rehearsal:
        room = json.load(urllib.request.urlopen(rehearsal.url + "v1/open-room?language=CN"))
        room.pop("cover_url")
        TypeAdapter(OpenRoom).validate_python(room, strict=True, extra="forbid")
        assert "门票多少钱？" in room["hot_questions"]
        start = urllib.request.Request(
            rehearsal.url + "v1/open-room/jobs", b'{"language":"EN"}', {"Content-Type": "application/json"}
        )
        job = json.load(urllib.request.urlopen(start))
    TypeAdapter(Started).validate_python({k: v for k, v in job.items() if k != "ice_servers"}, extra="forbid")
