"""From a room, its application and assets to the JobSpec that the talking side works from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from visavis.control.assets.service import Asset, AssetService
from visavis.control.robots.service import Robot
from visavis.core.errors import AssetUnknown, InvalidParameter
from visavis.core.jobs import JobSpec, Limits, ProviderChoice, SubtitleBox, TalkContext, VoiceSpec

_BRAINS: Final = {0: "aiui", 1: "cbs", 2: "spark", 5: "drive", 6: "third_party_llm", 7: "knowledge", 8: "mobvoi"}
"""app_type -> provider. One that this installation lacks fails the replies, not the task."""
_LANDSCAPE: Final = (1280, 720)
_PORTRAIT: Final = (720, 1280)
_SMALLEST, _LARGEST = 320, 2560
"""Pixels a side: the contract's prose for the picture of a task."""


def picture_size(room: Any) -> tuple[int, int]:
    """Width and height shown in answers: what the room says, else what suits its kind of screen."""
    video = room.video_config or {}
    if video.get("width") and video.get("height"):
        return video["width"], video["height"]
    return _LANDSCAPE if room.chat_video_type == "COMPUTER" else _PORTRAIT


def drawn_size(width: int, height: int) -> tuple[int, int]:
    """What is drawn for it: within 320 to 2560 a side, even (the encoders halve the chroma)."""
    return _side(width), _side(height)


def _side(pixels: int) -> int:
    return min(max(pixels, _SMALLEST), _LARGEST) // 2 * 2


def subtitle_box(room: Any, width: int, height: int) -> SubtitleBox:
    """The room's box; what it leaves out comes from a box at the foot of the 1920x1080 or 1080x1920 canvas."""
    foot = (
        {"dx": 240, "dy": 860, "width": 1440, "height": 180}
        if width > height
        else {"dx": 60, "dy": 1500, "width": 960, "height": 300}
    )
    return SubtitleBox(**{**foot, **(room.chat_subtitle_config or {})})


def background(room: Any) -> str:
    """`#rrggbb`, or "" for the avatar pack's own."""
    config = room.background_config or {}
    colour = str(config.get("background_color_config") or "")
    is_colour = len(colour) == 7 and colour[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in colour[1:])
    return colour.lower() if config.get("background_type") == "COLOR" and is_colour else ""


class SpecBuilder:
    def __init__(self, assets: AssetService) -> None:
        self._assets = assets

    async def build(
        self,
        room: Any,
        robot: Robot,
        talk: TalkContext,
        limits: Limits,
        *,
        language: str | None,
        region: str,
        room_type: str,
    ) -> JobSpec:
        """`talk.language` is decided here: `language` if asked for, else the room's default where it has a voice for
        it, else its first voice's. Raises AssetUnknown, InvalidParameter (no voice for the language asked for)."""
        voices = await self._voices(room)
        languages = [voice.language for voice in voices]
        if language is not None and language not in languages:
            raise InvalidParameter(f"language: this room speaks {', '.join(languages)}")
        first = language or (room.default_language if room.default_language in languages else languages[0])
        width, height = picture_size(room)
        drawn = drawn_size(width, height)
        return JobSpec(
            talk=talk.model_copy(update={"language": first}),
            robot_id=robot.robot_id,
            region=region,
            room_type="METALINK" if room_type == "METALINK" else "RTC",
            avatar=await self._pack(room),
            width=drawn[0],
            height=drawn[1],
            background=background(room),
            subtitles=subtitle_box(room, width, height),
            languages=(first, *(code for code in languages if code != first)),
            voices=voices,
            brain=_brain(robot),
            knowledge=robot.knowledge_digest,
            hot_words=tuple(robot.hot_words),
            tail_silence=robot.tail_silence_ms / 1000,
            chat_rounds=robot.chat_rounds,
            welcome=tuple(robot.welcome_words.get(first, ())),
            limits=limits.model_copy(update={"mute": 60.0 * (room.exit_mute_threshold or 0)}),
        )

    async def _voices(self, room: Any) -> tuple[VoiceSpec, ...]:
        """One per language of the room; a room without voices gets the system's voice for its default language."""
        listed: Sequence[dict[str, Any]] = room.voice_config_list
        if listed:
            wanted = {voice["voice_asset_id"] for voice in listed}
            assets = await self._assets.get(room.project_id, "VOICE_MODEL", wanted)
            return tuple(_voice(assets[entry["voice_asset_id"]], entry["language"], entry) for entry in listed)
        system = await self._assets.system(room.project_id, "VOICE_MODEL")
        if not system:
            raise AssetUnknown("The room has no voice, and the system has none either")
        fit = next((a for a in system if a.payload.get("language") == room.default_language), system[0])
        return (_voice(fit, fit.payload["language"], {}),)

    async def _pack(self, room: Any) -> str:
        if room.model_asset_id:
            asset = (await self._assets.get(room.project_id, "HUMAN_MODEL_2D", [room.model_asset_id])).popitem()[1]
            return str(asset.payload["pack"])
        system = await self._assets.system(room.project_id, "HUMAN_MODEL_2D")
        if not system:
            raise AssetUnknown("The room has no avatar, and the system has none either")
        return str(system[0].payload["pack"])


def _voice(asset: Asset, language: str, entry: dict[str, Any]) -> VoiceSpec:
    return VoiceSpec(
        language=language,
        name=asset.payload["voice"],
        provider=ProviderChoice(name=asset.payload["provider"]),
        speed=entry.get("speed", 100),
        pitch=entry.get("pitch", 100),
        volume=entry.get("volume", 140),
    )


def _brain(robot: Robot) -> ProviderChoice:
    # The knowledge brain reads the published file that the spec names; the others are told who the vendor knows us as.
    return ProviderChoice(name=_BRAINS[robot.app_type], options={} if robot.app_type == 7 else robot.config)
