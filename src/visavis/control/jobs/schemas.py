"""Bodies of the task operations."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from visavis.control.rooms.schemas import VoiceConfigInfo
from visavis.core.jobs import FinishReason, JobState
from visavis.rest.fields import Body, Text


def _json_object(text: str) -> str:
    try:
        if text and not isinstance(orjson.loads(text), dict):
            raise ValueError(text)
    except ValueError:
        raise ValueError("must be the text of a JSON object") from None
    return text


class StartSmartChat(Body):
    """StartSmartChat of the seeds."""

    region: Literal["cn-north-4", "cn-southwest-2"] | None = None
    client_id: Annotated[Text, Field(max_length=256)] | None = None
    room_type: Literal["RTC", "METALINK"] | None = None


class StartSmartChatJob(Body):
    """SmartChatJobsReq of the SDK."""

    extend_param: Annotated[Text, AfterValidator(_json_object)] | None = None
    """JSON text; known keys city, client_id, extra_json_param."""


class RtcUser(TypedDict):
    user_type: Literal["END_USER", "PLAYER"]
    user_id: str
    signature: str
    ctime: int


class RtcRoomInfo(TypedDict):
    app_id: str
    room_id: str
    users: list[RtcUser]


class SubtitleBoxInfo(TypedDict):
    dx: int
    dy: int
    width: int
    height: int


class VideoSize(TypedDict):
    width: int
    height: int


class JobSettings(TypedDict, total=False):
    """The room's settings as they were when the task started."""

    chat_subtitle_config: SubtitleBoxInfo
    video_config: VideoSize
    voice_config_list: list[VoiceConfigInfo]
    chat_video_type: str
    is_transparent: bool
    default_language: str


class Started(JobSettings, total=False):
    job_id: str
    rtc_room_info: RtcRoomInfo
    region: str
    language: str
    chat_access_address: str
    chat_access_rest_address: str


class ErrorInfo(TypedDict):
    error_code: str
    error_msg: str


class JobListed(JobSettings, total=False):
    job_id: str
    state: JobState
    duration: float
    start_time: str
    end_time: str
    error_info: ErrorInfo
    create_time: str
    lastupdate_time: str
    client_id: str
    is_pool_mode: bool
    job_finish_reason: FinishReason


class JobInfo(JobListed, total=False):
    rtc_room_info: RtcRoomInfo
    chat_state: Literal[0, 1, 2, 3, 4]
    language: str
    chat_access_address: str
    chat_access_rest_address: str


class JobList(TypedDict):
    count: int
    smart_chat_jobs: list[JobListed]
