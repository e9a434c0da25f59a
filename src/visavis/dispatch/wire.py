"""What a box and its worker processes say to each other: one JSON object a line over a socket pair."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from visavis.core.jobs import Command, JobSpec, JobUpdate, Reply

LINE_LIMIT = 4 * 1024 * 1024
"""Bytes; an SDP offer is a few kilobytes, a job's settings a few more."""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Configure(_Wire):
    """First line down: the installation's settings."""

    type: Literal["configure"] = "configure"
    settings: dict[str, Any]


class Start(_Wire):
    type: Literal["start"] = "start"
    id: int
    job: JobSpec


class Send(_Wire):
    type: Literal["send"] = "send"
    id: int
    job_id: str
    command: Command


class Abandon(_Wire):
    """Forget a talk nobody joined, without a verdict: it goes on in another worker."""

    type: Literal["abandon"] = "abandon"
    id: int
    job_id: str


class Down(_Wire):
    body: Annotated[Configure | Start | Send | Abandon, Field(discriminator="type")]


class Ready(_Wire):
    """First line up: warmed up, talks may start."""

    type: Literal["ready"] = "ready"


class Done(_Wire):
    """The answer to the line of that id."""

    type: Literal["done"] = "done"
    id: int
    reply: Reply


class Report(_Wire):
    type: Literal["report"] = "report"
    update: JobUpdate


class Up(_Wire):
    body: Annotated[Ready | Done | Report, Field(discriminator="type")]


DOWN: TypeAdapter[Down] = TypeAdapter(Down)
UP: TypeAdapter[Up] = TypeAdapter(Up)


def line(body: Any) -> bytes:
    """Encode one message; JSON never holds a raw newline."""
    model = Down if isinstance(body, Configure | Start | Send | Abandon) else Up
    return model(body=body).model_dump_json().encode() + b"\n"
