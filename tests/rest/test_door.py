"""Who may pass: the credential, the project of the path, the permission in the endpoint's signature."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from visavis.core.errors import Throttled
from visavis.rest.throttling import Throttle


async def test_no_credential_no_answer_whatever_the_body(client: httpx.AsyncClient, things: str) -> None:
    for content in ("", "{", '{"size": "x"}'):
        answer = await client.post(things, content=content, headers={"X-Auth-Token": ""})
        assert answer.status_code == 401
        assert answer.json() == {"error_code": "MSS.00000001", "error_msg": "Unauthorized"}
    assert (await client.get(f"{things}?limit=0", headers={"X-Auth-Token": ""})).status_code == 401


async def test_another_projects_path_is_forbidden(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/q/things")
    assert answer.status_code == 403
    assert answer.json()["error_code"] == "MSS.47010009"


async def test_x_project_id_must_agree(client: httpx.AsyncClient, things: str) -> None:
    assert (await client.get(things, headers={"X-Project-Id": "p"})).status_code == 200
    assert (await client.get(things, headers={"X-Project-Id": "q"})).status_code == 403


@pytest.mark.parametrize(
    ("user", "status"),
    [
        ("user01", 200),
        ("!~", 200),
        ("a" * 64, 200),
        ("a" * 65, 400),
        ("", 400),
        ("a b", 400),
        ("用户", 400),
        ("é", 400),
    ],
)
async def test_third_party_user(client: httpx.AsyncClient, things: str, user: str, status: int) -> None:
    answer = await client.get(things, headers={"X-App-UserId": user.encode()})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error_code"] == "MSS.00000003"


async def test_a_reader_may_not_write(client: httpx.AsyncClient) -> None:
    headers = {"X-Auth-Token": "reader"}
    assert (await client.get("/v1/reader/things", headers=headers)).status_code == 200
    assert (await client.post("/v1/reader/things", headers=headers)).status_code == 403


async def test_the_authenticator_sees_the_request_as_it_came(client: httpx.AsyncClient, who: Any, things: str) -> None:
    await client.post(httpx.URL("http://test/v1/p/things?b=%20x&a=%E5%B1%95"), content=b'{"name":"n"}')
    call = who.calls[-1]
    assert (call.method, call.path, call.query) == ("POST", "/v1/p/things", "b=%20x&a=%E5%B1%95")
    assert call.body == b'{"name":"n"}'
    assert call.headers["host"] == "test"
    await client.get(httpx.URL("http://test/v1/p/things/%E5%B1%95%20x"))
    assert who.calls[-1].path == "/v1/p/things/%E5%B1%95%20x"


@pytest.mark.parametrize("content", ["", "null", " null ", "{}"])
async def test_an_optional_body_may_be_missing(client: httpx.AsyncClient, things: str, content: str) -> None:
    assert (await client.post(things, content=content)).json() == {"name": "nothing", "size": 0}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "Invalid parameter: invalid JSON"),
        ("[]", "Invalid parameter: input should be"),
        ('{"size": "7"}', "Invalid parameter: size: "),
        ('{"size": 1.5}', "Invalid parameter: size: "),
        ('{"size": 2147483648}', "Invalid parameter: size: "),
        ('{"size": 1e400}', "Invalid parameter: size: "),
        ('{"name": "a\\u0000"}', "Invalid parameter: name: must not contain"),
        ('{"name": "\\ud800"}', "Invalid parameter: "),
        ('{"name": null}', "Invalid parameter: name: "),
        (b"\xff\xfe", "Invalid parameter: invalid JSON"),
    ],
)
async def test_a_bad_body_names_its_fault(
    client: httpx.AsyncClient, things: str, content: str | bytes, says: str
) -> None:
    answer = await client.post(things, content=content)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "MSS.00000003"
    assert answer.json()["error_msg"].startswith(says)


async def test_unknown_fields_of_newer_clients_do_not_hurt(client: httpx.AsyncClient, things: str) -> None:
    assert (await client.post(things, json={"size": 1, "new_field": [1]})).json()["size"] == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "offset=2147483648", "limit=x", "offset="])
async def test_paging_has_its_ranges(client: httpx.AsyncClient, things: str, query: str) -> None:
    answer = await client.get(f"{things}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error_msg"].startswith(f"Invalid parameter: {query.partition('=')[0]}: ")


async def test_paging_has_its_defaults_and_ends(client: httpx.AsyncClient, things: str) -> None:
    assert (await client.get(things)).json() == {"offset": 0, "limit": 10}
    answer = await client.get(f"{things}?offset=2147483647&limit=100")
    assert answer.json() == {"offset": 2147483647, "limit": 100}


def test_throttle_lets_a_burst_through_and_then_the_rate() -> None:
    clock = [0.0]
    throttle = Throttle(read_rate=2.0, write_rate=0.5, now=lambda: clock[0])
    throttle.take("p", "read")
    throttle.take("p", "read")
    with pytest.raises(Throttled):
        throttle.take("p", "read")
    throttle.take("q", "read")
    throttle.take("p", "write")
    with pytest.raises(Throttled):
        throttle.take("p", "write")
    clock[0] = 0.5
    throttle.take("p", "read")
    with pytest.raises(Throttled):
        throttle.take("p", "read")
    clock[0] = 1e9
    for _ in range(2):
        throttle.take("p", "read")
    with pytest.raises(Throttled):
        throttle.take("p", "read")


def test_no_rate_no_limit() -> None:
    throttle = Throttle(0.0, 0.0, now=lambda: 0.0)
    for _ in range(1000):
        throttle.take("p", "write")


async def test_throttled_calls_say_when_to_come_back(app: Any, client: httpx.AsyncClient, things: str) -> None:
    app.state.throttle = Throttle(1.0, 0.0)
    assert (await client.get(things)).status_code == 200
    answer = await client.get(things)
    assert (answer.status_code, answer.json()["error_code"]) == (429, "APIGW.0308")
    assert answer.headers["Retry-After"] == "1"
