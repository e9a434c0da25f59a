"""What goes down to the talking side (JobSpec, Command) and what comes up (Answer, JobUpdate).

These cross process borders as JSON, so they are Pydantic models, frozen.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

JobState = Literal["WAITING", "PROCESSING", "SUCCEED", "FAILED", "DELETING"]
FinishReason = Literal["NORMAL", "MUTE_TIMEOUT"]

LEGAL_MOVES: dict[JobState, frozenset[JobState]] = {
    "WAITING": frozenset({"PROCESSING", "SUCCEED", "FAILED", "DELETING"}),
    "PROCESSING": frozenset({"SUCCEED", "FAILED", "DELETING"}),
    "SUCCEED": frozenset({"DELETING"}),
    "FAILED": frozenset({"DELETING"}),
    "DELETING": frozenset(),
}
ACTIVE: frozenset[JobState] = frozenset({"WAITING", "PROCESSING"})
"""States that count against quota."""


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProviderChoice(_Wire):
    """A provider by its name in the registry, and its options (validated by the provider's own Options model)."""

    name: str
    options: dict[str, Any] = {}


class VoiceSpec(_Wire):
    """One entry of voice_config_list, resolved to a provider."""

    language: str
    name: str
    """Provider's own voice name."""
    provider: ProviderChoice
    speed: int = 100
    pitch: int = 100
    volume: int = 140


class SubtitleBox(_Wire):
    """chat_subtitle_config: canvas 1920x1080 landscape, 1080x1920 portrait."""

    dx: int
    dy: int
    width: int
    height: int


class Limits(_Wire):
    """Seconds; 0 = off where it says so."""

    join: float = 60.0
    """Nobody joined: FAILED."""
    grace: float = 30.0
    """The visitor is gone: SUCCEED/NORMAL."""
    mute: float = 0.0
    """Nobody said a word: SUCCEED/MUTE_TIMEOUT. 0 = off."""


class TalkContext(_Wire):
    """Who talks to whom. Every provider call carries it."""

    project_id: str
    room_id: str
    job_id: str
    session_id: str
    """Dialog session, as in the third-party model callback."""
    language: str = "EN"
    client_id: str = ""
    app_user_id: str = ""
    extend_param: str = ""


class JobSpec(_Wire):
    """All the talking side needs to know to hold one talk."""

    talk: TalkContext
    robot_id: str = ""
    region: str = ""
    room_type: Literal["RTC", "METALINK"] = "RTC"
    avatar: str = "sara"
    """Avatar pack: name of a built-in pack, or the digest of a published one."""
    width: int = 720
    height: int = 1280
    transparent: bool = False
    background: str = ""
    """"" = the pack's own; "#rrggbb" = that colour."""
    subtitles: SubtitleBox | None = None
    languages: tuple[str, ...] = ("EN",)
    """Contract codes this talk may use, the first is spoken first."""
    voices: tuple[VoiceSpec, ...] = ()
    vad: ProviderChoice = ProviderChoice(name="silero")
    asr: ProviderChoice | None = ProviderChoice(name="pocketsphinx")
    """None = typing only."""
    brain: ProviderChoice = ProviderChoice(name="knowledge")
    knowledge: str = ""
    """Digest of the published knowledge file; "" = none."""
    hot_words: tuple[str, ...] = ()
    tail_silence: float = 0.5
    """Seconds of silence that end the visitor's turn."""
    chat_rounds: int = 1
    """Questions, with their answers, that the brain sees."""
    interruptible: bool = True
    """The visitor's voice may interrupt her (the button always may)."""
    welcome: tuple[str, ...] = ()
    """Spoken when the first visitor joins."""
    limits: Limits = Limits()


class Peer(_Wire):
    """A browser (or any client) that wants to join the room."""

    user_type: Literal["END_USER", "PLAYER"]
    user_id: str
    transport: Literal["webrtc", "metalink", "loopback"] = "webrtc"
    sdp: str = ""
    """Offer."""


class Answer(_Wire):
    sdp: str
    session: str
    """Names this attachment; a peer that comes back gets a new one."""


class Offer(_Wire):
    """Command: let this peer in. Reply value: Answer as a dict."""

    type: Literal["offer"] = "offer"
    peer: Peer


class Leave(_Wire):
    """Command: this attachment hung up."""

    type: Literal["leave"] = "leave"
    session: str


class End(_Wire):
    """Command: end the talk. The verdict is SUCCEED/NORMAL."""

    type: Literal["end"] = "end"


class Cut(_Wire):
    """Command: stop speaking at once (the API's interrupt)."""

    type: Literal["cut"] = "cut"


Command = Annotated[Offer | Leave | End | Cut, Field(discriminator="type")]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


class Reply(_Wire):
    """What a command came to. `code` is "" on success, else an error code of core.errors."""

    code: str = ""
    message: str = ""
    value: dict[str, Any] = {}


class Verdict(_Wire):
    """How a talk ended."""

    state: Literal["SUCCEED", "FAILED"]
    reason: FinishReason | None = "NORMAL"
    """Only with SUCCEED."""
    code: str = ""
    message: str = ""


class JobUpdate(_Wire):
    """A report of the talking side. Times are Unix seconds."""

    job_id: str
    kind: Literal["joined", "left", "finished"]
    at: float
    user_id: str = ""
    verdict: Verdict | None = None
    """With finished."""


class Placement(_Wire):
    """Where a job runs."""

    worker: str
    """Worker id; also the owner of the job's lease."""
    region: str = ""
