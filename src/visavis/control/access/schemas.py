"""Bodies of the open demo room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from visavis.control.jobs.schemas import Started, SubtitleBoxInfo, VideoSize
from visavis.control.rooms.schemas import Language
from visavis.rest.fields import Body, Text


class StartOpen(Body):
    client_id: Annotated[Text, Field(max_length=256)] | None = None
    language: Language | None = None


class LanguageInfo(TypedDict):
    code: str
    """Contract code."""
    tag: str
    """BCP 47."""
    name: str
    """What the language calls itself."""


class OpenRoom(TypedDict):
    room_name: str
    languages: list[LanguageInfo]
    default_language: str
    quota_free: int
    """Talks that may still start in the room."""
    capacity_free: bool
    """The installation can carry one more."""
    video_config: VideoSize
    chat_subtitle_config: SubtitleBoxInfo
    hot_questions: list[str]


class OpenStarted(Started):
    ice_servers: list[Mapping[str, Any]]
    languages: list[LanguageInfo]
