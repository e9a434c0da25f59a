"""The page's types of events and messages are those of `visavis.core.events`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from visavis.core.events import CLIENT_MESSAGE, EVENT
from visavis.core.languages import BCP47

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


def test_limits_and_languages_are_the_same() -> None:
    limit = CLIENT_MESSAGE.json_schema()["$defs"]["Ask"]["properties"]["text"]["maxLength"]
    assert f"ASK_LIMIT = {limit}\n" in (PROTOCOL / "events.ts").read_text()
    table = re.search(r"BCP47.*?\{(.*?)\}", (PROTOCOL / "rooms.ts").read_text(), flags=re.S)
    assert table
    assert dict(re.findall(r"(\w+): '([^']+)'", table[1])) == BCP47
