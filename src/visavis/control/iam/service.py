"""Tokens, keys and projects."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from visavis.control import ids
from visavis.control.iam.authenticator import digest_of
from visavis.control.iam.passwords import Passwords
from visavis.control.iam.repository import IamRepository
from visavis.control.iam.schemas import (
    Auth,
    Domain,
    DomainList,
    HwAkSk,
    Links,
    Named,
    PasswordUser,
    Project,
    ProjectList,
    Scope,
    TokenAnswer,
    TokenBody,
)
from visavis.control.iam.sealing import Sealer
from visavis.core.errors import Forbidden, InvalidParameter, Unauthorized
from visavis.rest.door import Principal
from visavis.store import Database


@dataclass(frozen=True, slots=True)
class _Proven:
    """A user who proved to be one, and how far the proof reaches."""

    user: Any
    until: float
    """A token got for another token does not outlive it."""
    only_project: str | None = None
    """A key is good for its project alone."""


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _links(path: str) -> Links:
    return {"self": path, "next": None, "previous": None}


class IamService:
    def __init__(
        self, db: Database, sealer: Sealer, *, token_validity: float, now: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._iam = IamRepository(db)
        self._sealer = sealer
        self._passwords = Passwords()
        self._validity = token_validity
        self._now = now

    async def create_token(self, auth: Auth) -> tuple[str, TokenAnswer]:
        """The token's text and what Keystone says about it. Raises Unauthorized, Forbidden, InvalidParameter."""
        method = auth.identity.methods[0]
        proven = await self._prove(auth)
        domain: Named = {"id": proven.user.domain_id, "name": proven.user.domain_name}
        project, on_domain = await self._scope(auth.scope, proven)
        now = self._now()
        until = min(proven.until, now + self._validity)
        text = secrets.token_urlsafe(32)
        async with self._db.transaction() as tx:
            await IamRepository(tx).add_token(
                {
                    "digest": digest_of(text),
                    "user_id": proven.user.user_id,
                    "project_id": project.project_id if project else None,
                    "methods": [method],
                    "issue_time": now,
                    "expire_time": until,
                },
                now,
            )
        body: TokenBody = {
            "methods": [method],
            "issued_at": _stamp(now),
            "expires_at": _stamp(until),
            "user": {
                "id": proven.user.user_id,
                "name": proven.user.name,
                "domain": domain,
                "password_expires_at": "",
            },
            "roles": [{"id": proven.user.role, "name": proven.user.role}],
            "catalog": [],
        }
        if project:
            body["project"] = {"id": project.project_id, "name": project.name, "domain": domain}
        elif on_domain:
            body["domain"] = domain
        return text, {"token": body}

    async def _prove(self, auth: Auth) -> _Proven:
        match auth.identity.methods[0]:
            case "password" if auth.identity.password:
                return await self._by_password(auth.identity.password.user)
            case "token" if auth.identity.token:
                return await self._by_token(auth.identity.token.id)
            case "hw_ak_sk" if auth.identity.hw_ak_sk:
                return await self._by_key(auth.identity.hw_ak_sk)
            case "password" | "token" | "hw_ak_sk" as known:
                raise InvalidParameter(f"auth.identity.{known}: field required")
        raise InvalidParameter("auth.identity.methods: must be one of password, token, hw_ak_sk")

    async def _by_password(self, said: PasswordUser) -> _Proven:
        domain = said.domain
        if not said.id and not (said.name and domain and (domain.id or domain.name)):
            raise InvalidParameter("auth.identity.password.user: give id, or name and domain")
        user = await self._iam.user(
            user_id=said.id or "",
            name=said.name or "",
            domain=(domain and domain.name) or "",
            domain_id=(domain and domain.id) or "",
        )
        if not await self._passwords.matches(said.password, user.password_hash if user else None):
            raise Unauthorized
        return _Proven(user, float("inf"))

    async def _by_token(self, text: str) -> _Proven:
        row = await self._iam.token(digest_of(text), self._now())
        user = await self._iam.user(user_id=row.user_id) if row else None
        if row is None or user is None:
            raise Unauthorized
        # A token got with a key reaches no further than the key, however often it is exchanged.
        bound = row.project_id if "hw_ak_sk" in row.methods else None
        return _Proven(user, row.expire_time, bound)

    async def _by_key(self, said: HwAkSk) -> _Proven:
        row = await self._iam.key(said.access.key)
        if row is None:
            raise Unauthorized
        secret = self._sealer.unseal(row.sealed_secret, row.access_key)
        user = await self._iam.user(user_id=row.user_id)
        if user is None or not hmac.compare_digest(secret.encode(), said.secret.key.encode("utf-8", "replace")):
            raise Unauthorized
        return _Proven(user, float("inf"), row.project_id)

    async def _scope(self, scope: Scope | None, proven: _Proven) -> tuple[Any, bool]:
        """The project's row, or None; and whether the token is for the domain. Raises Forbidden."""
        if scope is None or (scope.project is None and scope.domain is None):
            if proven.only_project is None:
                return None, False
            return (await self._iam.projects(proven.user.domain_id, project_id=proven.only_project))[0], False
        if scope.project is not None:
            if not (scope.project.id or scope.project.name):
                raise InvalidParameter("auth.scope.project: give id or name")
            found = await self._iam.projects(
                proven.user.domain_id, name=scope.project.name, project_id=scope.project.id
            )
            allowed = [p for p in found if p.enabled and proven.only_project in (None, p.project_id)]
            if not allowed:
                raise Forbidden("This user has no such project")
            return allowed[0], False
        wanted = scope.domain
        mine = wanted and (wanted.id or proven.user.domain_id) == proven.user.domain_id
        if not mine or (wanted and wanted.name not in (None, proven.user.domain_name)) or proven.only_project:
            raise Forbidden("This user has no such domain")
        return None, True

    async def projects(self, caller: Principal, name: str | None, path: str) -> ProjectList:
        """The projects that the caller's credential is good for."""
        only = None if caller.whole_domain else caller.project_id
        rows = await self._iam.projects(caller.domain_id, name=name, project_id=only)
        found: list[Project] = [
            {
                "id": row.project_id,
                "name": row.name,
                "domain_id": row.domain_id,
                "parent_id": row.domain_id,
                "enabled": row.enabled,
                "is_domain": False,
                "description": "",
                "links": _links(f"{path}/{row.project_id}"),
            }
            for row in rows
        ]
        return {"projects": found, "links": _links(path)}

    async def domains(self, caller: Principal, path: str) -> DomainList:
        row = await self._iam.domain(caller.domain_id)
        found: list[Domain] = []
        if row is not None:
            found.append(
                {"id": row.domain_id, "name": row.name, "enabled": True, "description": "", "links": _links(path)}
            )
        return {"domains": found, "links": _links(path)}

    async def create_key(self, user_id: str, project_id: str) -> tuple[str, str]:
        """A new access key for this project: (AK, SK). The secret is shown this once."""
        access, secret = ids.access_key(), ids.secret()
        await self._iam.add_key(
            {
                "access_key": access,
                "user_id": user_id,
                "project_id": project_id,
                "sealed_secret": self._sealer.seal(secret, access),
                "enabled": True,
                "create_time": self._now(),
            }
        )
        return access, secret

    async def domain_exists(self, name: str) -> bool:
        return await self._iam.domain_named(name)

    async def create_identity(self, domain: str, project: str, user: str, password: str) -> tuple[str, str, str]:
        """A domain with its first project and an administrator: (domain id, project id, user id)."""
        domain_id, project_id, user_id = ids.hex_text(), ids.hex_text(), ids.hex_text()
        hashed = await self._passwords.hash(password)
        async with self._db.transaction() as tx:
            await IamRepository(tx).add_identity(
                {"domain_id": domain_id, "name": domain},
                {"project_id": project_id, "domain_id": domain_id, "name": project, "enabled": True},
                {
                    "user_id": user_id,
                    "domain_id": domain_id,
                    "name": user,
                    "password_hash": hashed,
                    "role": "te_admin",
                    "enabled": True,
                },
            )
        return domain_id, project_id, user_id


async def create_key(
    db: Database, sealer: Sealer, project: str | None = None, *, create: bool = False
) -> tuple[str, str, str]:
    """For the command line: a new key for a project (name or id; None = the only one).

    `create`: make the project, in the first domain, if there is none of that name. Returns (project id, AK, SK).
    Raises InvalidParameter if the project can't be told.
    """
    iam = IamRepository(db)
    service = IamService(db, sealer, token_validity=0)
    demo = await iam.remembered("demo.project_id")
    found = await iam.find_project(project or demo or "")
    if not found and project and create and demo:
        domain_id = (await iam.find_project(demo))[0].domain_id
        await iam.add_project({"project_id": ids.hex_text(), "domain_id": domain_id, "name": project, "enabled": True})
        found = await iam.find_project(project)
    if len(found) != 1:
        problem = "there is no such project" if not found else "several projects have this name: give the id"
        raise InvalidParameter(f"project: {problem}")
    user = await iam.first_user(found[0].domain_id)
    if user is None:
        raise InvalidParameter("project: its domain has no administrator")
    access, secret = await service.create_key(user.user_id, found[0].project_id)
    return found[0].project_id, access, secret
