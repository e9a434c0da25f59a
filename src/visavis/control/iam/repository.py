"""Identity in the database. The only repositories that look across projects are this one and the leases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from visavis.control.iam import model as m
from visavis.store import Door

# Built once: every request asks one of these.
_KEY = (
    select(m.access_key, m.user.c.role, m.user.c.domain_id)
    .join(m.user, m.user.c.user_id == m.access_key.c.user_id)
    .join(m.project, m.project.c.project_id == m.access_key.c.project_id)
    .where(m.access_key.c.access_key == bindparam("wanted"))
    .where(m.access_key.c.enabled, m.user.c.enabled, m.project.c.enabled)
)
_TOKEN = (
    select(m.token, m.user.c.role, m.user.c.domain_id)
    .join(m.user, m.user.c.user_id == m.token.c.user_id)
    .outerjoin(m.project, m.project.c.project_id == m.token.c.project_id)
    .where(m.token.c.digest == bindparam("wanted"), m.token.c.expire_time > bindparam("now"), m.user.c.enabled)
    .where(m.token.c.project_id.is_(None) | m.project.c.enabled)
)


class IamRepository:
    def __init__(self, door: Door) -> None:
        self.door = door

    async def key(self, access_key: str) -> Row[Any] | None:
        """An enabled key of an enabled user and project: access key, sealed secret, user, role, project, domain."""
        return (await self.door.execute(_KEY, {"wanted": access_key})).first()

    async def token(self, digest: str, now: float) -> Row[Any] | None:
        """A token that is good at `now`, of an enabled user (and project), with the user's role and domain."""
        return (await self.door.execute(_TOKEN, {"wanted": digest, "now": now})).first()

    async def add_token(self, values: dict[str, Any], now: float) -> None:
        """Also clears away what expired."""
        await self.door.execute(delete(m.token).where(m.token.c.expire_time <= now))
        await self.door.execute(insert(m.token).values(**values))

    async def user(
        self, *, user_id: str = "", name: str = "", domain: str = "", domain_id: str = ""
    ) -> Row[Any] | None:
        """A user by id, or by name within a domain (name or id); with the domain's name."""
        query = select(m.user, m.domain.c.name.label("domain_name")).join(
            m.domain, m.domain.c.domain_id == m.user.c.domain_id
        )
        if user_id:
            query = query.where(m.user.c.user_id == user_id)
        elif domain_id:
            query = query.where(m.user.c.name == name, m.domain.c.domain_id == domain_id)
        else:
            query = query.where(m.user.c.name == name, m.domain.c.name == domain)
        return (await self.door.execute(query.where(m.user.c.enabled))).first()

    async def projects(
        self, domain_id: str, *, name: str | None = None, project_id: str | None = None
    ) -> list[Row[Any]]:
        query = select(m.project).where(m.project.c.domain_id == domain_id).order_by(m.project.c.name)
        if name is not None:
            query = query.where(m.project.c.name == name)
        if project_id is not None:
            query = query.where(m.project.c.project_id == project_id)
        return list(await self.door.execute(query))

    async def domain(self, domain_id: str) -> Row[Any] | None:
        return (await self.door.execute(select(m.domain).where(m.domain.c.domain_id == domain_id))).first()

    async def domain_named(self, name: str) -> bool:
        return (
            await self.door.execute(select(m.domain.c.domain_id).where(m.domain.c.name == name))
        ).first() is not None

    async def add_key(self, values: dict[str, Any]) -> None:
        await self.door.execute(insert(m.access_key).values(**values))

    async def add_identity(self, domain: dict[str, Any], project: dict[str, Any], user: dict[str, Any]) -> None:
        """A domain with its first project and user. Raises Conflict if the domain's name is taken."""
        await self.door.execute(insert(m.domain).values(**domain))
        await self.add_project(project)
        await self.door.execute(insert(m.user).values(**user))

    async def add_project(self, project: dict[str, Any]) -> None:
        """Raises Conflict if the domain has a project of that name."""
        await self.door.execute(insert(m.project).values(**project))

    async def find_project(self, name_or_id: str) -> list[Row[Any]]:
        """Projects of any domain by id or name; for the command line of the installation's owner."""
        where = (m.project.c.project_id == name_or_id) | (m.project.c.name == name_or_id)
        return list(await self.door.execute(select(m.project).where(where)))

    async def first_user(self, domain_id: str) -> Row[Any] | None:
        query = select(m.user).where(m.user.c.domain_id == domain_id, m.user.c.enabled, m.user.c.role == "te_admin")
        return (await self.door.execute(query.order_by(m.user.c.name))).first()

    async def remembered(self, name: str) -> str | None:
        found = await self.door.execute(select(m.installation.c.value).where(m.installation.c.name == name))
        return None if (value := found.scalar()) is None else str(value)

    async def remember(self, name: str, value: str) -> None:
        """Write or overwrite one value of the installation."""
        row = m.installation
        if not (await self.door.execute(update(row).where(row.c.name == name).values(value=value))).count:
            await self.door.execute(insert(row).values(name=name, value=value))
