"""What is served agrees with the contract's OpenAPI document: routes, statuses, parameters, fields."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

CONTRACT = Path(__file__).with_name("openapi.yaml")
SERVED_HERE = {
    "ListSmartChatRooms",
    "CreateSmartChatRoom",
    "ShowSmartChatRoom",
    "UpdateSmartChatRoom",
    "DeleteSmartChatRoom",
    "ListRobot",
    "CreateRobot",
    "ShowRobot",
    "UpdateRobot",
    "DeleteRobot",
    "StartSmartChat",
    "StartSmartChatJob",
    "ListSmartChatJob",
    "ShowSmartChatJob",
    "StopSmartChatJob",
    "ListSmartChatJobShortPrefix",
    "ShowSmartChatJobShortPrefix",
    "StopSmartChatJobShortPrefix",
    "KeystoneCreateToken",
    "KeystoneListProjects",
    "KeystoneListAuthDomains",
}
OURS = {("/v1/open-room", "get"), ("/v1/open-room/jobs", "post")}
BEYOND = {
    "StartSmartChat": {"language"},  # answered by both starts: unknown fields do not hurt
    "KeystoneListProjects": set(),
    "KeystoneCreateToken": {"domain"},
}


@cache
def _contract() -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C where there is one: twenty times faster
    return yaml.load(CONTRACT.read_text(), Loader=loader)  # noqa: S506


def _operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        operation["operationId"]: (path, method, operation)
        for path, methods in _contract()["paths"].items()
        for method, operation in methods.items()
        if operation["operationId"] in SERVED_HERE
    }


def _resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        node = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        schema = node
    return schema


def _fields(document: Any, schema: Any) -> set[str]:
    """Names of all fields, nested ones as `outer.inner`."""
    found: set[str] = set()
    schema = _resolved(document, schema)
    for name, inner in schema.get("properties", {}).items():
        found.add(name)
        inner = _resolved(document, inner)
        options = [o for o in inner.get("anyOf", [inner]) if o.get("type") != "null"]
        inner = _resolved(document, options[0]) if options else {}
        if inner.get("type") == "array":
            inner = inner["items"]
        found |= {f"{name}.{deep}" for deep in _fields(document, inner)}
    return found


@pytest.fixture(scope="module")
def document(served: Any) -> Any:
    return httpx.get(f"{served.endpoint}/openapi.json").json()


def test_every_route_is_of_the_contract_or_named_here(document: Any) -> None:
    operations = _operations()
    assert set(operations) == SERVED_HERE
    expected = {(path, method) for path, method, _ in operations.values()} | OURS
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == expected


PUBLIC = {("/v3/auth/tokens", "post"), ("/v1/open-room", "get"), ("/v1/open-room/jobs", "post")}


def test_every_operation_but_the_named_ones_wants_a_credential(served: Any, document: Any) -> None:
    """Whoever forgets `CanRead` or `CanWrite` in a signature is found here."""
    open_to_all = set()
    for path, methods in document["paths"].items():
        filled = path.replace("{project_id}", served.demo.project_id).replace("{room_id}", served.demo.room_id)
        filled = filled.replace("{robot_id}", served.demo.robot_id).replace("{job_id}", "some-job")
        for method in methods:
            answer = httpx.request(method, f"{served.endpoint}{filled}", content="{}")
            if answer.status_code != 401:
                open_to_all.add((path, method))
    assert open_to_all == PUBLIC


@pytest.mark.parametrize("name", sorted(SERVED_HERE))
def test_status_parameters_and_fields(document: Any, name: str) -> None:
    path, method, wanted = _operations()[name]
    ours = document["paths"][path][method]
    status = next(code for code in wanted["responses"] if code[0] == "2")
    assert status in ours["responses"]
    queries = {
        p["name"]: p for p in wanted.get("parameters", ()) if p.get("in") == "query" and p["name"] != "nocatalog"
    }
    mine = {p["name"]: p for p in ours.get("parameters", ()) if p["in"] == "query"}
    assert set(mine) == set(queries)
    for key, query in queries.items():
        assert mine[key]["required"] == query.get("required", False)
        for rule in ("minimum", "maximum", "default"):
            assert mine[key]["schema"].get(rule) == query["schema"].get(rule), (key, rule)
    answer = wanted["responses"][status].get("content", {}).get("application/json", {}).get("schema")
    if answer is not None:
        shape = ours["responses"][status]["content"]["application/json"]["schema"]
        missing = _fields(_contract(), answer) - _fields(document, shape)
        # Nested free-form objects come back as they were given: their fields are the request's.
        free = re.compile(r"(video_config|background_config|layer_config|review_config|chat_subtitle_config|catalog)\.")
        resource = {
            f"chat_resource_config.{f}"
            for f in _fields(_contract(), _contract()["components"]["schemas"]["ChatResourceConfigInfo"])
        }
        assert {f for f in missing if not free.match(f)} - resource == set()
        extra = {f for f in _fields(document, shape) - _fields(_contract(), answer) if "." not in f}
        assert extra <= BEYOND.get(name, set())


@pytest.mark.parametrize(
    "name",
    ["CreateSmartChatRoom", "UpdateSmartChatRoom", "CreateRobot", "UpdateRobot", "StartSmartChat", "StartSmartChatJob"],
)
def test_bodies_have_the_contracts_fields(document: Any, name: str) -> None:
    path, method, wanted = _operations()[name]
    ours = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    theirs = wanted["requestBody"]["content"]["application/json"]["schema"]
    assert _fields(document, ours) == _fields(_contract(), theirs)


def _conforms(value: Any, schema: Any, where: str = "") -> None:
    """The parts of JSON Schema that the contract uses, on a live answer."""
    schema = _resolved(_contract(), schema)
    kind = schema.get("type")
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
    if isinstance(kind, str):
        assert isinstance(value, kinds[kind]), where  # type: ignore[arg-type]
    if "enum" in schema:
        assert value in schema["enum"], (where, value)
    if "minimum" in schema:
        assert schema["minimum"] <= value <= schema["maximum"], (where, value)
    if schema.get("format") == "date-time":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value), (where, value)
    if kind == "array":
        for item in value:
            _conforms(item, schema["items"], f"{where}[]")
    if kind == "object":
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                _conforms(inner, schema["properties"][key], f"{where}.{key}")


def test_live_answers_keep_types_ranges_and_enumerations(served: Any, http: httpx.Client) -> None:
    room, robot = served.demo.room_id, served.demo.robot_id
    # The SDK's language enumeration on rooms has no French; the demo room does.
    voice = {"voice_asset_id": served.demo.voice_asset_id, "language": "EN"}
    body = {
        "room_name": "typed",
        "concurrency": 3,
        "robot_id": robot,
        "voice_config_list": [voice],
        "chat_video_type": "hub",
    }
    room = http.post("smart-chat-rooms", json=body).json()["room_id"]
    long = f"digital-human-chat/smart-chat-rooms/{room}/smart-chat-jobs"
    short = f"smart-chat-rooms/{room}/smart-chat-jobs"
    job = http.post(short, json={"region": "cn-southwest-2", "client_id": "c"}).json()["job_id"]
    calls = {
        "ListSmartChatRooms": ("GET", "smart-chat-rooms?room_name=typed"),
        "ShowSmartChatRoom": ("GET", f"smart-chat-rooms/{room}"),
        "ListRobot": ("GET", "digital-human-chat/robot"),
        "ShowRobot": ("GET", f"digital-human-chat/robot/{robot}"),
        "StartSmartChat": ("POST", short),
        "StartSmartChatJob": ("POST", f"{long}?robot_id={robot}"),
        "ListSmartChatJob": ("GET", long),
        "ShowSmartChatJob": ("GET", f"{long}/{job}/state"),
    }
    for name, (method, url) in calls.items():
        wanted = _operations()[name][2]["responses"]
        answer = http.request(method, url)
        assert str(answer.status_code) in wanted, (name, answer.text)
        schema = wanted[str(answer.status_code)]["content"]["application/json"]["schema"]
        assert answer.json(), name
        _conforms(answer.json(), schema, name)
