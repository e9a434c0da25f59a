"""Tables of identity. Secrets are hashed (passwords, tokens) or sealed (access keys: HMAC needs them back)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, LargeBinary, String, Table, UniqueConstraint

from visavis.store import metadata

domain: Final = Table(
    "iam_domain",
    metadata,
    Column("domain_id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
)

project: Final = Table(
    "iam_project",
    metadata,
    Column("project_id", String(64), primary_key=True),
    Column("domain_id", ForeignKey(domain.c.domain_id), nullable=False),
    Column("name", String(64), nullable=False),
    Column("enabled", Boolean, nullable=False),
    UniqueConstraint("domain_id", "name"),
)

user: Final = Table(
    "iam_user",
    metadata,
    Column("user_id", String(64), primary_key=True),
    Column("domain_id", ForeignKey(domain.c.domain_id), nullable=False),
    Column("name", String(64), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("role", String(32), nullable=False),
    Column("enabled", Boolean, nullable=False),
    UniqueConstraint("domain_id", "name"),
)

access_key: Final = Table(
    "iam_access_key",
    metadata,
    Column("access_key", String(64), primary_key=True),
    Column("user_id", ForeignKey(user.c.user_id), nullable=False),
    Column("project_id", ForeignKey(project.c.project_id), nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("create_time", Double, nullable=False),
)

token: Final = Table(
    "iam_token",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", ForeignKey(user.c.user_id), nullable=False),
    Column("project_id", ForeignKey(project.c.project_id)),
    Column("methods", JSON, nullable=False),
    Column("issue_time", Double, nullable=False),
    Column("expire_time", Double, nullable=False, index=True),
)

installation: Final = Table(
    "installation",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", String(4096), nullable=False),
)
"""What this installation made up for itself at its first start; secret values are sealed."""
