"""POST /v3/auth/tokens, GET /v3/projects, and both ways to sign in on /v1."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from visavis.control.iam import model
from visavis.control.iam.authenticator import IamAuthenticator
from visavis.control.iam.service import create_key
from visavis.control.iam.signature import ALGORITHM, signature_of
from visavis.control.plane import sealer_of
from visavis.core.errors import InternalError, InvalidParameter
from visavis.rest.door import Call


def _password(house: Any, **more: Any) -> dict[str, Any]:
    user = {
        "name": house.demo.user_name,
        "password": house.demo.password,
        "domain": {"name": house.demo.domain_name},
        **more,
    }
    return {"methods": ["password"], "password": {"user": user}}


def _keys(house: Any, secret: str | None = None) -> dict[str, Any]:
    return {
        "methods": ["hw_ak_sk"],
        "hw_ak_sk": {
            "access": {"key": house.demo.access_key},
            "secret": {"key": house.demo.secret_key if secret is None else secret},
        },
    }


async def _ask(house: Any, identity: dict[str, Any], scope: Any = None) -> Any:
    auth = {"identity": identity, **({"scope": scope} if scope is not None else {})}
    return await house.client.post("/v3/auth/tokens", json={"auth": auth})


async def _status_on_v1(house: Any, token: str) -> int:
    return int((await house.client.get(house.rooms, headers={"X-Auth-Token": token})).status_code)


async def test_password_for_a_project_scoped_token(house: Any) -> None:
    answer = await _ask(house, _password(house), {"project": {"name": "demo"}})
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert token["methods"] == ["password"]
    assert token["project"]["id"] == house.demo.project_id
    assert token["project"]["domain"]["name"] == token["user"]["domain"]["name"] == house.demo.domain_name
    assert token["roles"] == [{"id": "te_admin", "name": "te_admin"}]
    expires = datetime.strptime(token["expires_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs(expires.timestamp() - time.time() - 86400) < 60
    assert await _status_on_v1(house, answer.headers["X-Subject-Token"]) == 200
    assert answer.headers["X-Request-Id"] == answer.headers["X-IAM-Trace-Id"]


async def test_every_method_and_scope_by_id(house: Any) -> None:
    scope = {"project": {"id": house.demo.project_id}}
    first = await _ask(house, _keys(house), scope)
    by_token = {"methods": ["token"], "token": {"id": first.headers["X-Subject-Token"]}}
    second = await _ask(house, by_token, scope)
    for answer in (first, second):
        assert answer.status_code == 201
        assert await _status_on_v1(house, answer.headers["X-Subject-Token"]) == 200


async def test_a_token_got_for_a_token_does_not_outlive_it(house: Any) -> None:
    first = await _ask(house, _password(house))
    soon = time.time() + 30
    await house.db.execute(sa.update(model.token).values(expire_time=soon))
    second = await _ask(house, {"methods": ["token"], "token": {"id": first.headers["X-Subject-Token"]}})
    expires = datetime.strptime(second.json()["token"]["expires_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    assert abs(expires.timestamp() - soon) < 0.001


async def test_a_keys_token_reaches_no_further_than_the_key(house: Any) -> None:
    other, _, _ = await create_key(house.db, sealer_of(house.settings), "other", create=True)
    assert (await _ask(house, _password(house), {"project": {"id": other}})).status_code == 201
    assert (await _ask(house, _keys(house), {"project": {"id": other}})).status_code == 403
    unscoped = await _ask(house, _keys(house))
    assert unscoped.json()["token"]["project"]["id"] == house.demo.project_id
    again = {"methods": ["token"], "token": {"id": unscoped.headers["X-Subject-Token"]}}
    assert (await _ask(house, again, {"project": {"id": other}})).status_code == 403
    assert (await _ask(house, again, {"domain": {"name": house.demo.domain_name}})).status_code == 403


async def test_unscoped_and_domain_tokens_see_projects_but_nothing_in_them(house: Any) -> None:
    for scope in (None, {"domain": {"name": house.demo.domain_name}}):
        answer = await _ask(house, _password(house), scope)
        token = answer.headers["X-Subject-Token"]
        assert "project" not in answer.json()["token"]
        assert await _status_on_v1(house, token) == 403
        listed = await house.client.get("/v3/projects", headers={"X-Auth-Token": token})
        assert [p["id"] for p in listed.json()["projects"]] == [house.demo.project_id]


@pytest.mark.parametrize(
    "wrong", [{"password": "x"}, {"name": "nobody"}, {"domain": {"name": "nowhere"}}, {"domain": {"id": "x"}}]
)
async def test_wrong_passwords_and_users_answer_alike(house: Any, wrong: dict[str, Any]) -> None:
    answer = await _ask(house, _password(house, **wrong))
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": 401, "message": "Unauthorized", "title": "Unauthorized"}}


async def test_wrong_secrets_and_tokens_are_unauthorized(house: Any) -> None:
    assert (await _ask(house, _keys(house, "x"))).status_code == 401
    assert (await _ask(house, {"methods": ["token"], "token": {"id": "x"}})).status_code == 401
    assert await _status_on_v1(house, "x") == 401
    assert await _status_on_v1(house, "x" * 5000) == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"auth": {}},
        {"auth": {"identity": {"methods": []}}},
        {"auth": {"identity": {"methods": ["totp"]}}},
        {"auth": {"identity": {"methods": ["password"]}}},
        {"auth": {"identity": {"methods": ["password", "token"]}}},
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {"password": "x"}}}}},
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "x", "password": "x"}}}}},
        {"auth": {"identity": {"methods": ["token"], "token": {"id": 7}}}},
    ],
)
async def test_malformed_requests_for_tokens(house: Any, body: dict[str, Any]) -> None:
    answer = await house.client.post("/v3/auth/tokens", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["title"] == "Bad Request"


async def test_scope_must_exist_and_be_the_users(house: Any) -> None:
    for scope in ({"project": {"name": "x"}}, {"project": {"id": "x"}}, {"domain": {"name": "x"}}):
        assert (await _ask(house, _password(house), scope)).status_code == 403
    assert (await _ask(house, _password(house), {"project": {}})).status_code == 400


async def test_expired_tokens_are_refused_and_cleared_away(house: Any) -> None:
    answer = await _ask(house, _password(house), {"project": {"name": "demo"}})
    token = answer.headers["X-Subject-Token"]
    await house.db.execute(sa.update(model.token).values(expire_time=time.time() - 1))
    assert await _status_on_v1(house, token) == 401
    await _ask(house, _password(house))
    assert (await house.db.execute(sa.select(sa.func.count()).select_from(model.token))).scalar() == 1


async def test_nothing_secret_is_stored_in_clear(house: Any) -> None:
    text = (house.settings.data / "visavis.db").read_bytes() + (house.settings.data / "visavis.db-wal").read_bytes()
    rtc = await house.plane.installation.rtc()
    for secret in (house.demo.secret_key, house.demo.password, house.token, rtc.app_key):
        assert secret.encode() not in text
    assert house.demo.access_key.encode() in text


async def test_projects_are_found_by_name(house: Any) -> None:
    for name, found in {"demo": 1, "other": 0}.items():
        answer = await house.call("GET", "/v3/projects", params={"name": name})
        assert len(answer.json()["projects"]) == found
    project = (await house.call("GET", "/v3/projects")).json()["projects"][0]
    assert project["enabled"] is True
    assert project["links"]["self"].endswith(project["id"])
    domains = (await house.call("GET", "/v3/auth/domains")).json()["domains"]
    assert [d["name"] for d in domains] == [house.demo.domain_name]
    assert (await house.client.get("/v3/projects")).status_code == 401


def _signed(house: Any, method: str, path: str, query: str = "", body: bytes = b"", **extra: str) -> dict[str, str]:
    headers = {
        "Host": "avatar.example.test",
        "X-Sdk-Date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
        **{name.replace("_", "-"): value for name, value in extra.items()},
    }
    lower = {name.lower(): value for name, value in headers.items()}
    names = tuple(sorted(lower))
    signature = signature_of(Call(method, path, query, lower, body), names, house.demo.secret_key)
    access = house.demo.access_key
    headers["Authorization"] = f"{ALGORITHM} Access={access}, SignedHeaders={';'.join(names)}, Signature={signature}"
    return headers


async def test_signed_requests_pass(house: Any) -> None:
    headers = _signed(house, "GET", house.rooms, "limit=10&room_name=%E5%B1%95")
    answer = await house.client.get(f"{house.rooms}?room_name=%E5%B1%95&limit=10", headers=headers)
    assert answer.status_code == 200
    body = b'{"room_type": "RTC"}'
    answer = await house.client.post(house.jobs(), content=body, headers=_signed(house, "POST", house.jobs(), "", body))
    assert answer.status_code == 202


async def test_a_signature_for_another_request_is_refused(house: Any) -> None:
    answer = await house.client.get(house.robots, headers=_signed(house, "GET", house.rooms))
    assert answer.status_code == 401
    old = _signed(house, "GET", house.rooms, X_Sdk_Date="20200101T000000Z")
    answer = await house.client.get(house.rooms, headers=old)
    assert answer.json() == {"error_code": "MSS.00000001", "error_msg": "Unauthorized"}


async def test_the_token_counts_where_both_are_sent(house: Any) -> None:
    good = {**_signed(house, "GET", house.rooms), "X-Auth-Token": "wrong"}
    assert (await house.client.get(house.rooms, headers=good)).status_code == 401
    good = {"X-Auth-Token": house.token, "Authorization": "nonsense"}
    assert (await house.client.get(house.rooms, headers=good)).status_code == 200


async def test_a_disabled_key_user_or_project_is_out_at_once(house: Any) -> None:
    for table in (model.access_key, model.user, model.project):
        await house.db.execute(sa.update(table).values(enabled=False))
        answer = await house.client.get(house.rooms, headers=_signed(house, "GET", house.rooms))
        assert answer.status_code == 401
        assert await _status_on_v1(house, house.token) == (200 if table is model.access_key else 401)
        await house.db.execute(sa.update(table).values(enabled=True))
    assert (await house.client.get(house.rooms, headers=_signed(house, "GET", house.rooms))).status_code == 200
    await house.db.execute(sa.update(model.user).values(enabled=False))
    assert await _status_on_v1(house, house.token) == 401


async def test_a_reader_may_read_and_not_write(house: Any) -> None:
    await house.db.execute(sa.update(model.user).values(role="readonly"))
    assert (await house.call("GET", house.rooms)).status_code == 200
    assert (await house.call("POST", house.rooms, json={"room_name": "x"})).status_code == 403
    await house.db.execute(sa.update(model.user).values(role="unheard of"))
    assert (await house.call("GET", house.rooms)).status_code == 403


async def test_more_keys_for_the_command_line(house: Any) -> None:
    sealer = sealer_of(house.settings)
    project, access, secret = await create_key(house.db, sealer)
    assert project == house.demo.project_id
    token = await house.token_for(project, access, secret)
    assert await _status_on_v1(house, token) == 200
    assert (await create_key(house.db, sealer, house.demo.project_id))[0] == project
    assert (await create_key(house.db, sealer, "demo"))[0] == project
    with pytest.raises(InvalidParameter):
        await create_key(house.db, sealer, "unheard of")


async def test_another_key_file_can_not_open_what_this_one_sealed(house: Any) -> None:
    path = house.settings.data / "secret.key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(bytes(32))
    authenticator = IamAuthenticator(house.db, sealer_of(house.settings), skew=900)
    headers = {k.lower(): v for k, v in _signed(house, "GET", house.rooms).items()}
    with pytest.raises(InternalError, match="does not open with this key file"):
        await authenticator.authenticate(Call("GET", house.rooms, "", headers, b""), None)
    path.write_bytes(b"short")
    with pytest.raises(InternalError, match="must hold 32 bytes"):
        sealer_of(house.settings)
