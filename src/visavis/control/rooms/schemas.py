"""Bodies of the dialog operations (CreateSmartChatRoomReq and its parts)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from typing_extensions import TypedDict

from visavis.core.languages import canonical
from visavis.rest.fields import Body, Id, Int, Text

Language = Annotated[
    Literal["CN", "EN", "ESP", "por", "Arabic", "Thai", "fr", "zh_CN", "en_US"], AfterValidator(canonical)
]
BillingMode = Literal["CONCURRENCY", "CLIENT", "CLIENT_TOKENS"]
Count = Annotated[int, Field(ge=0, le=1024)]
Pixels = Annotated[int, Field(ge=0, le=3840)]


def _video_type(text: str) -> str:
    if text.upper() not in ("COMPUTER", "MOBILE", "HUB"):
        raise ValueError("must be COMPUTER, MOBILE or HUB")
    return text.upper()


def _plain_name(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    if not text.isprintable():
        raise ValueError("must not contain control characters")
    return text


VideoType = Annotated[Text, AfterValidator(_video_type)]
"""Seeds write Hub, the SDK HUB: any letter case comes in, one is stored."""
RoomName = Annotated[Text, Field(min_length=1, max_length=256), AfterValidator(_plain_name)]


class SubtitleStyle(Body):
    dx: Int | None = None
    dy: Int | None = None
    h: Int | None = None
    w: Int | None = None
    font_name: Annotated[Text, Field(max_length=64)] | None = None
    font_size: Int | None = None
    font_color: Annotated[Text, Field(max_length=7)] | None = None
    stroke_color: Annotated[Text, Field(max_length=7)] | None = None
    stroke_thickness: Annotated[float, Field(ge=0, le=50)] | None = None
    opacity: Annotated[float, Field(ge=0, le=1)] | None = None


class VideoConfig(Body):
    bitrate: Int
    width: Pixels
    height: Pixels
    clip_mode: Literal["RESIZE", "CROP"] | None = None
    codec: Literal["H264", "VP8", "QTRLE"] | None = None
    frame_rate: Text | None = None
    is_subtitle_enable: bool | None = None
    subtitle_config: SubtitleStyle | None = None
    dx: Int | None = None
    dy: Int | None = None
    is_enable_super_resolution: bool | None = None
    is_end_at_first_frame: bool | None = None
    output_external_url: Text | None = None
    is_vocabulary_config_enable: bool | None = None


class Voice(Body):
    """voice_config (deprecated, without a language) and the entries of voice_config_list."""

    voice_asset_id: Annotated[Text, Field(min_length=1, max_length=256)]
    speed: Annotated[int, Field(ge=50, le=200)] = 100
    pitch: Annotated[int, Field(ge=50, le=200)] = 100
    volume: Annotated[int, Field(ge=90, le=240)] = 140


class ChatVoice(Voice):
    provider: Literal["XIMALAYA", "HUAWEI_EI", "MOBVOI"] | None = None
    language: Language = "CN"


class ImageBox(Body):
    dx: Int
    dy: Int
    width: Int
    height: Int


class Background(Body):
    background_type: Literal["IMAGE", "COLOR"]
    background_config: Annotated[Text, Field(min_length=1, max_length=2048)] | None = None
    background_color_config: Annotated[Text, Field(max_length=16)] | None = None
    background_asset_id: Annotated[Text, Field(max_length=64)] | None = None
    background_image_config: ImageBox | None = None


class LayerPosition(Body):
    dx: Int
    dy: Int
    layer_index: Int


class LayerSize(Body):
    width: Int | None = None
    height: Int | None = None


class LayerRotation(Body):
    angle: Annotated[int, Field(ge=0, le=360)] = 0


class ImageLayer(Body):
    image_url: Annotated[Text, Field(min_length=1, max_length=2048)] | None = None


class VideoLayer(Body):
    video_url: Annotated[Text, Field(min_length=1, max_length=2048)] | None = None
    video_cover_url: Annotated[Text, Field(min_length=1, max_length=2048)] | None = None
    loop_count: Int | None = None
    video_sound: Int | None = None
    is_play_the_entire_video: bool = False


class TextLayer(Body):
    text_context: Annotated[Text, Field(max_length=1024)] | None = None
    font_name: Annotated[Text, Field(max_length=64)] | None = None
    font_size: Int | None = None
    font_color: Annotated[Text, Field(max_length=16)] | None = None


class Layer(Body):
    layer_type: Literal["HUMAN", "IMAGE", "VIDEO", "TEXT"]
    asset_id: Annotated[Text, Field(max_length=64)] | None = None
    group_id: Annotated[Text, Field(max_length=64)] | None = None
    sequence_no: Int | None = None
    position: LayerPosition | None = None
    size: LayerSize | None = None
    rotation: LayerRotation | None = None
    image_config: ImageLayer | None = None
    video_config: VideoLayer | None = None
    text_config: TextLayer | None = None


class Review(Body):
    no_need_review: bool | None = None


class SubtitleBoxConfig(Body):
    """chat_subtitle_config; what is absent takes the default box's value."""

    dx: Annotated[int, Field(ge=0, le=1920)] | None = None
    dy: Annotated[int, Field(ge=0, le=1920)] | None = None
    width: Annotated[int, Field(ge=1, le=7680)] | None = None
    height: Annotated[int, Field(ge=1, le=7680)] | None = None


class Resource(Body):
    resource_id: Text | None = None
    count_resource: Int | None = None


class UpdateRoom(Body):
    """What is absent or null stays as it is."""

    room_name: RoomName | None = None
    room_description: Annotated[Text, Field(max_length=4096)] | None = None
    video_config: VideoConfig | None = None
    model_asset_id: Id | None = None
    voice_config: Voice | None = None
    voice_config_list: Annotated[list[ChatVoice], Field(max_length=32)] | None = None
    robot_id: Id | None = None
    billing_mode: BillingMode | None = None
    reuse_resource: bool | None = None
    concurrency: Count | None = None
    client_nums: Count | None = None
    default_language: Language | None = None
    background_config: Background | None = None
    layer_config: Annotated[list[Layer], Field(max_length=100)] | None = None
    review_config: Review | None = None
    chat_subtitle_config: SubtitleBoxConfig | None = None
    chat_video_type: VideoType | None = None
    exit_mute_threshold: Annotated[int, Field(ge=0, le=1440)] | None = None
    enable_semantic_action: bool | None = None
    chat_resource_config: Annotated[list[Resource], Field(max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_voice_a_language(self) -> Self:
        languages = [voice.language for voice in self.voice_config_list or ()]
        if len(languages) != len(set(languages)):
            raise ValueError("voice_config_list: one voice per language")
        return self


class CreateRoom(UpdateRoom):
    room_name: RoomName


class VoiceConfig(TypedDict, total=False):
    voice_asset_id: str
    speed: int
    pitch: int
    volume: int


class VoiceConfigInfo(VoiceConfig, total=False):
    provider: str
    language: str
    language_desc: str


class ModelInfo(TypedDict, total=False):
    model_asset_id: str
    asset_name: str
    backup_model_asset_ids: list[str]


class RoomListed(TypedDict, total=False):
    room_id: str
    room_name: str
    room_description: str
    robot_id: str
    cover_url: str
    model_infos: ModelInfo
    voice_config: VoiceConfig
    billing_mode: BillingMode
    reuse_resource: bool
    concurrency: int
    client_nums: int
    voice_config_list: list[VoiceConfigInfo]
    default_language: str
    create_time: str
    update_time: str
    exit_mute_threshold: int


class RoomList(TypedDict):
    count: int
    count_concurrency: int
    count_client_nums: int
    count_client_nums_token: int
    smart_chat_rooms: list[RoomListed]


class RoomInfo(TypedDict, total=False):
    """Show and update. Nested objects come back as they were given."""

    room_id: str
    room_name: str
    room_description: str
    video_config: dict[str, object]
    model_asset_id: str
    voice_config: VoiceConfig
    voice_config_list: list[VoiceConfigInfo]
    robot_id: str
    billing_mode: BillingMode
    reuse_resource: bool
    concurrency: int
    client_nums: int
    default_language: str
    background_config: dict[str, object]
    layer_config: list[dict[str, object]]
    review_config: dict[str, object]
    chat_subtitle_config: dict[str, int]
    chat_video_type: str
    exit_mute_threshold: int
    enable_semantic_action: bool
    create_time: str
    update_time: str
    cover_url: str
    is_pool_mode: bool
    chat_resource_config: list[dict[str, object]]


class RoomCreated(TypedDict):
    room_id: str
