"""Keystone v3 bodies, as far as the SDKs need them. Secrets never show in a repr."""

from __future__ import annotations

from pydantic import Field
from typing_extensions import TypedDict

from visavis.rest.fields import Body, Text


class NameOrId(Body):
    id: Text | None = None
    name: Text | None = None


class PasswordUser(Body):
    id: Text | None = None
    name: Text | None = None
    password: Text = Field(repr=False)
    domain: NameOrId | None = None


class Password(Body):
    user: PasswordUser


class Token(Body):
    id: Text = Field(repr=False)


class Key(Body):
    key: Text = Field(repr=False)


class HwAkSk(Body):
    access: Key
    secret: Key


class Identity(Body):
    methods: list[Text] = Field(min_length=1, max_length=1)
    password: Password | None = None
    token: Token | None = None
    hw_ak_sk: HwAkSk | None = None


class Scope(Body):
    project: NameOrId | None = None
    domain: NameOrId | None = None


class Auth(Body):
    identity: Identity
    scope: Scope | None = None


class TokenRequest(Body):
    auth: Auth


class Named(TypedDict):
    id: str
    name: str


class Links(TypedDict):
    self: str
    next: str | None
    previous: str | None


class ScopedTo(TypedDict):
    id: str
    name: str
    domain: Named


class TokenUser(TypedDict):
    id: str
    name: str
    domain: Named
    password_expires_at: str


class TokenBody(TypedDict, total=False):
    methods: list[str]
    issued_at: str
    expires_at: str
    user: TokenUser
    roles: list[Named]
    project: ScopedTo
    domain: Named
    catalog: list[dict[str, str]]


class TokenAnswer(TypedDict):
    token: TokenBody


class Project(TypedDict):
    id: str
    name: str
    domain_id: str
    parent_id: str
    enabled: bool
    is_domain: bool
    description: str
    links: Links


class ProjectList(TypedDict):
    projects: list[Project]
    links: Links


class Domain(TypedDict):
    id: str
    name: str
    enabled: bool
    description: str
    links: Links


class DomainList(TypedDict):
    domains: list[Domain]
    links: Links
