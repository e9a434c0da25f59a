"""The error table is complete, and every answer of an error looks the same."""

from __future__ import annotations

import inspect

import httpx
import pytest

from visavis.core import errors as e
from visavis.rest.errors import STATUS, body_of, message_of, status_of

TREE = sorted(
    (cls for _, cls in inspect.getmembers(e, inspect.isclass) if issubclass(cls, e.VisavisError)),
    key=lambda cls: cls.__name__,
)


def test_the_table_names_every_class_of_the_tree_and_no_other() -> None:
    assert set(STATUS) == set(TREE)
    assert len(TREE) > 25


@pytest.mark.parametrize(
    ("family", "status"),
    [
        (e.InvalidParameter, 400),
        (e.Unauthorized, 401),
        (e.Forbidden, 403),
        (e.NotFound, 404),
        (e.MethodNotAllowed, 405),
        (e.Throttled, 429),
        (e.QuotaExceeded, 400),
        (e.EntryRefused, 403),
        (e.MediaRefused, 400),
        (e.InternalError, 500),
    ],
)
def test_a_family_answers_alike(family: type[e.VisavisError], status: int) -> None:
    assert {STATUS[cls] for cls in TREE if issubclass(cls, family)} == {status}


def test_providers_and_talks_fail_on_our_side() -> None:
    failures = [cls for cls in TREE if issubclass(cls, e.ProviderFailed | e.TalkFailed)]
    assert {STATUS[cls] for cls in failures} == {500, 503}


def test_a_plugins_own_error_answers_like_its_parent() -> None:
    class Moody(e.ProviderUnavailable):
        """Not today"""

    assert status_of(Moody()) == 503


@pytest.mark.parametrize("cls", TREE)
def test_every_error_has_a_code_and_words(cls: type[e.VisavisError]) -> None:
    error = cls()
    assert error.code
    assert message_of(error)
    assert body_of(error, "/v1/p/x") == {"error_code": error.code, "error_msg": error.message}


def test_samples_of_the_contract() -> None:
    assert body_of(e.InvalidParameter(), "") == {"error_code": "MSS.00000003", "error_msg": "Invalid parameter"}
    assert body_of(e.Unauthorized(), "") == {"error_code": "MSS.00000001", "error_msg": "Unauthorized"}
    assert body_of(e.InternalError(), "") == {"error_code": "MSS.00000004", "error_msg": "Internal Error"}
    assert body_of(e.InvalidParameter("limit: 0"), "")["error_msg"] == "Invalid parameter: limit: 0"


def test_identity_paths_answer_in_keystones_form() -> None:
    assert body_of(e.Unauthorized(), "/v3/auth/tokens") == {
        "error": {"code": 401, "message": "Unauthorized", "title": "Unauthorized"}
    }


@pytest.mark.parametrize("cls", TREE)
async def test_over_http(client: httpx.AsyncClient, things: str, cls: type[e.VisavisError]) -> None:
    answer = await client.get(f"{things}/{cls.__name__}")
    assert answer.status_code == STATUS[cls]
    assert answer.json() == {"error_code": cls.code, "error_msg": cls().message}
    assert len(answer.headers["X-Request-Id"]) == 32
