"""SDK-HMAC-SHA256: the published vectors, the signer's quirks, and what must not pass."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from visavis.control.iam.signature import Claim, claim_of, fault, signature_of
from visavis.core.errors import Unauthorized
from visavis.rest.door import Call

AK, SK = "EXAMPLEAKEXAMPLEAK01", "ExampleSecretKeyExampleSecretKeyExample0"
PROJECT = "0123456789abcdef0123456789abcdef"
NOW = 1767323045.0  # 2026-01-02T03:04:05Z
HEADERS = {
    "content-type": "application/json",
    "host": "metastudio.example.test",
    "x-project-id": PROJECT,
    "x-sdk-date": "20260102T030405Z",
}
A = Call(
    "GET",
    f"/v1/{PROJECT}/smart-chat-rooms",
    "limit=10&offset=0&room_name=%E5%B1%95%E5%8E%85%201",
    HEADERS,
    b"",
)
A_SIGNED = tuple(sorted(HEADERS))
A_SIGNATURE = "16c0adb635786ec04b5307085332c1c9b61184b54e63b8e2b816651dc973c20e"
B = Call(
    "POST",
    f"/v1/{PROJECT}/smart-chat-rooms/24bad716-87b1-45e5-8912-6102f7693265/smart-chat-jobs",
    "",
    {**HEADERS, "x-app-userid": "user01"},
    b'{"region":"cn-north-4","room_type":"RTC"}',
)
B_SIGNED = ("content-type", "host", "x-app-userid", "x-project-id", "x-sdk-date")
B_SIGNATURE = "2a2a5d10d4ce32e5bbb75b4d848838512e64eb8ea94f8050405e36dada21b7d2"


def _fault(call: Call, signed: tuple[str, ...], signature: str, now: float = NOW) -> str:
    return fault(call, Claim(AK, signed, signature), SK, now=now, skew=900)


def test_published_vectors() -> None:
    assert signature_of(A, A_SIGNED, SK) == A_SIGNATURE
    assert signature_of(B, B_SIGNED, SK) == B_SIGNATURE
    assert _fault(A, A_SIGNED, A_SIGNATURE) == ""
    assert _fault(B, B_SIGNED, B_SIGNATURE) == ""


def test_authorization_header_is_read() -> None:
    text = f"SDK-HMAC-SHA256 Access={AK}, SignedHeaders={';'.join(A_SIGNED)}, Signature={A_SIGNATURE}"
    assert claim_of(text) == Claim(AK, A_SIGNED, A_SIGNATURE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer abc",
        f"SDK-HMAC-SM3 Access={AK}, SignedHeaders=host, Signature={A_SIGNATURE}",
        f"SDK-HMAC-SHA256 Access={AK}, SignedHeaders=host, Signature={A_SIGNATURE[:-1]}",
        f"SDK-HMAC-SHA256 Access={AK}, SignedHeaders=host, Signature={A_SIGNATURE}, Extra=1",
        f"SDK-HMAC-SHA256 Access={AK}, Signature={A_SIGNATURE}",
        f"SDK-HMAC-SHA256 Access=, SignedHeaders=host, Signature={A_SIGNATURE}",
    ],
)
def test_other_authorization_headers_are_refused(text: str) -> None:
    with pytest.raises(Unauthorized):
        claim_of(text)


@pytest.mark.parametrize(
    "changed",
    [
        replace(B, method="PUT"),
        replace(B, path=B.path + "x"),
        replace(B, query="a=1"),
        replace(B, body=B.body + b" "),
        replace(B, body=b""),
        replace(B, headers={**B.headers, "host": "other.example.test"}),
        replace(B, headers={**B.headers, "x-app-userid": "user02"}),
        replace(B, headers={**B.headers, "x-sdk-date": "20260102T030406Z"}),
    ],
)
def test_whatever_was_signed_can_not_be_changed(changed: Call) -> None:
    assert _fault(changed, B_SIGNED, B_SIGNATURE) == "the signature does not match"


def test_what_was_not_signed_may_change() -> None:
    added = replace(B, headers={**B.headers, "x-forwarded-for": "192.0.2.1"})
    assert _fault(added, B_SIGNED, B_SIGNATURE) == ""


@pytest.mark.parametrize("path", [B.path + "/", B.path.replace("smart", "%73mart"), B.path])
def test_equal_spellings_of_a_path_sign_alike(path: str) -> None:
    assert signature_of(replace(B, path=path), B_SIGNED, SK) == B_SIGNATURE


def test_query_is_sorted_after_decoding() -> None:
    shuffled = replace(A, query="room_name=%e5%b1%95%e5%8e%85%201&offset=0&limit=10")
    assert signature_of(shuffled, A_SIGNED, SK) == A_SIGNATURE
    repeated = signature_of(replace(A, query="a=2&a=1&%61=0"), A_SIGNED, SK)
    assert repeated == signature_of(replace(A, query="a=0&a=1&a=2"), A_SIGNED, SK)
    assert signature_of(replace(A, query="a="), A_SIGNED, SK) == signature_of(replace(A, query="a"), A_SIGNED, SK)


def test_host_and_date_must_be_signed() -> None:
    for left_out in ("host", "x-sdk-date"):
        signed = tuple(name for name in B_SIGNED if name != left_out)
        assert _fault(B, signed, signature_of(B, signed, SK)) == "Host and X-Sdk-Date must be signed"


def test_a_signed_header_must_arrive() -> None:
    signed = (*B_SIGNED, "x-lost")
    assert _fault(B, signed, signature_of(B, signed, SK)) == "signed headers did not arrive: x-lost"


@pytest.mark.parametrize(("off", "good"), [(0, True), (900, True), (-900, True), (901, False), (-901, False)])
def test_the_clock_may_be_off_by_the_skew(off: float, good: bool) -> None:
    assert (_fault(B, B_SIGNED, B_SIGNATURE, NOW + off) == "") is good


@pytest.mark.parametrize("date", ["", "20260102", "2026-01-02T03:04:05Z", "20261302T030405Z"])
def test_a_date_of_another_form_is_refused(date: str) -> None:
    call = replace(B, headers={**B.headers, "x-sdk-date": date})
    assert _fault(call, B_SIGNED, signature_of(call, B_SIGNED, SK)) == "X-Sdk-Date is not YYYYMMDDTHHMMSSZ"


def test_a_content_header_stands_for_the_body_if_it_is_signed_and_true() -> None:
    signed = tuple(sorted((*B_SIGNED, "x-sdk-content-sha256")))

    def verdict(content: str, names: tuple[str, ...] = signed) -> str:
        call = replace(B, headers={**B.headers, "x-sdk-content-sha256": content})
        return _fault(call, names, signature_of(call, names, SK))

    assert verdict("UNSIGNED-PAYLOAD") == ""
    assert verdict(hashlib.sha256(B.body).hexdigest()) == ""
    assert verdict(hashlib.sha256(b"another body").hexdigest()) == "X-Sdk-Content-Sha256 is not the body's"
    assert verdict("UNSIGNED-PAYLOAD", B_SIGNED) == "X-Sdk-Content-Sha256 must be signed"


def test_an_empty_body_hashes_as_nothing_whatever_its_header_says() -> None:
    call = replace(A, headers={**HEADERS, "x-sdk-content-sha256": "UNSIGNED-PAYLOAD"})
    assert signature_of(call, A_SIGNED, SK) == A_SIGNATURE


def test_header_values_are_signed_as_the_bytes_that_came() -> None:
    call = replace(B, headers={**B.headers, "x-app-userid": "  é ".encode().decode("latin-1")})
    trimmed = replace(B, headers={**B.headers, "x-app-userid": "é".encode().decode("latin-1")})
    assert signature_of(call, B_SIGNED, SK) == signature_of(trimmed, B_SIGNED, SK)
