"""Who sent this request: an X-Auth-Token, else an AK/SK signature."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Final

from visavis.control.iam import signature
from visavis.control.iam.repository import IamRepository
from visavis.control.iam.sealing import Sealer
from visavis.core.errors import Unauthorized
from visavis.rest.door import Call, Permission, Principal
from visavis.store import Database

log = logging.getLogger(__name__)

PERMISSIONS: Final[dict[str, frozenset[Permission]]] = {
    "te_admin": frozenset({"read", "write"}),
    "readonly": frozenset({"read"}),
}
"""Role of a user -> what it may do in its projects. Named as the public IAM's system roles."""


def digest_of(token: str) -> str:
    """A token has 256 random bits: a plain hash is enough to store it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class IamAuthenticator:
    """`rest.door.Authenticator` on the identity tables. The token wins where both credentials are sent."""

    def __init__(self, db: Database, sealer: Sealer, *, skew: float, now: Callable[[], float] = time.time) -> None:
        self._iam = IamRepository(db)
        self._sealer = sealer
        self._skew = skew
        self._now = now

    async def authenticate(self, call: Call, project_id: str | None) -> Principal:
        if token := call.headers.get("x-auth-token"):
            return await self._by_token(token, call)
        if authorization := call.headers.get("authorization"):
            return await self._by_signature(authorization, call)
        raise Unauthorized

    async def _by_token(self, token: str, call: Call) -> Principal:
        row = await self._iam.token(digest_of(token), self._now())
        if row is None:
            raise Unauthorized
        return Principal(
            project_id=row.project_id or "",
            user_id=row.user_id,
            domain_id=row.domain_id,
            permissions=PERMISSIONS.get(row.role, frozenset()),
            app_user_id=call.headers.get("x-app-userid", ""),
            whole_domain=True,
        )

    async def _by_signature(self, authorization: str, call: Call) -> Principal:
        claim = signature.claim_of(authorization)
        row = await self._iam.key(claim.access_key)
        if row is None:
            raise Unauthorized
        secret = self._sealer.unseal(row.sealed_secret, row.access_key)
        why = signature.fault(call, claim, secret, now=self._now(), skew=self._skew)
        if why:
            log.info("access key %s refused: %s", row.access_key, why)
            raise Unauthorized
        return Principal(
            project_id=row.project_id,
            user_id=row.user_id,
            domain_id=row.domain_id,
            permissions=PERMISSIONS.get(row.role, frozenset()),
            app_user_id=call.headers.get("x-app-userid", ""),
        )
