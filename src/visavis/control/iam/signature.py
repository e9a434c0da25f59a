"""SDK-HMAC-SHA256: sign and verify a request with an access key and its secret.

Rebuilt from the request as it came: the raw path is decoded and encoded anew segment by segment and ends with a slash,
the query is sorted after decoding, an empty body hashes as nothing whatever its header says, and a content header
stands in for the body's hash (`UNSIGNED-PAYLOAD` for bodies that are not JSON).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote_to_bytes

from visavis.core.errors import Unauthorized
from visavis.rest.door import Call

ALGORITHM = "SDK-HMAC-SHA256"
_EMPTY = hashlib.sha256(b"").hexdigest()
_UNSIGNED = "UNSIGNED-PAYLOAD"
_CONTENT = "x-sdk-content-sha256"
_DATE = "%Y%m%dT%H%M%SZ"
_HEADER = re.compile(
    rf"{ALGORITHM} +Access=(?P<access>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+),"
    r" *Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an Authorization header says."""

    access_key: str
    signed_headers: tuple[str, ...]
    signature: str


def claim_of(authorization: str) -> Claim:
    """Raises Unauthorized for another algorithm or a malformed header."""
    match = _HEADER.fullmatch(authorization.strip())
    if match is None:
        raise Unauthorized
    return Claim(match["access"], tuple(match["headers"].split(";")), match["signature"])


def _encoded(raw: str) -> str:
    return quote(unquote_to_bytes(raw), safe="~")


def _canonical_path(path: str) -> str:
    # Decoded whole before it is split: an encoded slash separates segments, as in the signer.
    encoded = "/".join(quote(part, safe="~") for part in unquote_to_bytes(path).split(b"/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def _canonical_query(query: str) -> str:
    pairs = [
        (unquote_to_bytes(k), unquote_to_bytes(v)) for k, _, v in (p.partition("=") for p in query.split("&") if p)
    ]
    return "&".join(f"{quote(key, safe='~')}={quote(value, safe='~')}" for key, value in sorted(pairs))


def _payload_hash(headers: Mapping[str, str], body: bytes) -> str:
    return (headers.get(_CONTENT) or hashlib.sha256(body).hexdigest()) if body else _EMPTY


def signature_of(call: Call, signed_headers: tuple[str, ...], secret: str) -> str:
    """Lower-case hex signature of the request over these headers (lower-case names, in their order)."""
    canonical = "\n".join(
        (
            call.method.upper(),
            _canonical_path(call.path),
            _canonical_query(call.query),
            "".join(f"{name}:{call.headers.get(name, '').strip()}\n" for name in signed_headers),
            ";".join(signed_headers),
            _payload_hash(call.headers, call.body),
        )
    ).encode("latin-1")  # header values are the bytes that came
    to_sign = f"{ALGORITHM}\n{call.headers.get('x-sdk-date', '')}\n{hashlib.sha256(canonical).hexdigest()}"
    return hmac.new(secret.encode(), to_sign.encode("latin-1"), hashlib.sha256).hexdigest()


def fault(call: Call, claim: Claim, secret: str, *, now: float, skew: float) -> str:
    """Why this request is not one signed with `secret` at most `skew` seconds from `now`; "" if it is.

    The reason is for the server's log; the caller learns nothing from it. Replay within the skew is not prevented by
    the scheme.
    """
    names = claim.signed_headers
    if not {"host", "x-sdk-date"} <= set(names):
        return "Host and X-Sdk-Date must be signed"
    if missing := [name for name in names if name not in call.headers]:
        return f"signed headers did not arrive: {', '.join(missing)}"
    if not hmac.compare_digest(signature_of(call, names, secret), claim.signature):
        return "the signature does not match"
    try:
        date = datetime.strptime(call.headers["x-sdk-date"].strip(), _DATE).replace(tzinfo=UTC)
    except ValueError:
        return "X-Sdk-Date is not YYYYMMDDTHHMMSSZ"
    if abs(now - date.timestamp()) > skew:
        return f"X-Sdk-Date is {now - date.timestamp():+.0f} s from this server's clock"
    content = call.headers.get(_CONTENT)
    if call.body and content:
        # The header replaces the body's hash in what is signed, so it must be signed itself and must not lie.
        if _CONTENT not in names:
            return "X-Sdk-Content-Sha256 must be signed"
        if content not in (_UNSIGNED, hashlib.sha256(call.body).hexdigest()):
            return "X-Sdk-Content-Sha256 is not the body's"
    return ""
