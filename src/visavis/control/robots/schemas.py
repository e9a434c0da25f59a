"""Bodies of the application operations (CreateRobotReq, UpdateRobotReq, RobotInfo of the contract)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from visavis.core.languages import canonical
from visavis.rest.fields import Body, Id, Text

Region = Annotated[int, Field(ge=0, le=32)]
_APP_TYPES = (0, 1, 2, 5, 6, 7, 8)


def _known_type(number: int) -> int:
    if number not in _APP_TYPES:
        raise ValueError(f"must be one of {', '.join(map(str, _APP_TYPES))}")
    return number


AppType = Annotated[int, Field(ge=0, le=32), AfterValidator(_known_type)]
"""0 iFLYTEK AIUI, 1 Huawei CBS, 2 iFLYTEK Spark, 5 third-party drive, 6 third-party language model, 7 assistant,
8 Mobvoi. A plain Literal would take `true` for 1."""
Language = Annotated[
    Literal["zh_CN", "en_US", "CN", "EN", "ESP", "por", "Arabic", "Thai", "fr"], AfterValidator(canonical)
]
"""A discontinued code is taken and stored as its present one."""
RobotType = Literal["LIVE", "CHAT"]
Secret = Annotated[Text | None, Field(repr=False)]
Name = Annotated[Text, Field(min_length=1, max_length=256, pattern=r"\S")]


class HuaweiEiCbs(Body):
    app_id: Text | None = None
    region: Region | None = None
    cbs_project_id: Text | None = None
    sis_region: Region | None = None
    sis_project_id: Text | None = None
    enable_hot_words: bool | None = None


class Iflytek(Body):
    """iflytek_aiui_config and iflytek_spark."""

    app_id: Text | None = None
    app_key: Secret = None
    api_secret: Secret = None
    is_production: bool | None = None


class ThirdPartyModelConfig(Body):
    app_id: Text | None = None
    app_key: Secret = None
    llm_url: Text | None = None
    is_stream: bool = False
    chat_rounds: Annotated[int, Field(ge=1, le=10)] = 1
    sis_region: Region | None = None
    sis_project_id: Text | None = None
    enable_hot_words: bool | None = None
    asr_type: Literal["EI_SIS", "MOBVOI"] | None = None
    asr_account: Text | None = None
    asr_secret: Secret = None


class MobvoiConfig(Body):
    app_key: Secret = None
    app_secret: Secret = None
    role_id: Text | None = None
    sis_region: Region | None = None
    sis_project_id: Text | None = None
    enable_hot_words: bool | None = None


class WiseBrainConfig(Body):
    role_id: Text | None = None
    sis_region: Region | None = None
    sis_project_id: Text | None = None
    enable_hot_words: bool | None = None


class UpdateRobot(Body):
    """What is absent or null stays as it is."""

    name: Name | None = None
    app_type: AppType | None = None
    room_id: Id | None = None
    robot_type: RobotType | None = None
    language: Language | None = None
    tail_silence_time: Annotated[int, Field(ge=0, le=3000)] | None = None
    enable_question_audit: bool | None = None
    huawei_ei_cbs: HuaweiEiCbs | None = None
    iflytek_aiui_config: Iflytek | None = None
    iflytek_spark: Iflytek | None = None
    third_party_model_config: ThirdPartyModelConfig | None = None
    mobvoi_config: MobvoiConfig | None = None
    wise_brain_config: WiseBrainConfig | None = None


class CreateRobot(UpdateRobot):
    name: Name
    app_type: AppType


class RobotInfo(TypedDict, total=False):
    robot_id: str
    name: str
    room_id: str
    app_id: str
    app_type: int
    app_key: str
    robot_type: RobotType
    language: str
    create_time: str
    update_time: str
    region: int
    cbs_project_id: str
    llm_url: str
    is_stream: bool
    chat_rounds: int
    is_ifly_production: bool
    tail_silence_time: int
    role_id: str
    sis_region: int
    sis_project_id: str
    enable_hot_words: bool
    enable_question_audit: bool
    asr_type: str
    asr_account: str


class RobotList(TypedDict):
    offset: int
    limit: int
    count: int
    data: list[RobotInfo]


class RobotCreated(TypedDict):
    robot_id: str
