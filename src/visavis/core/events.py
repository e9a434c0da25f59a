"""What the world may know of a talk: one tagged union, versioned. Sent to peers as JSON text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

VERSION: Literal[1] = 1


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Event(_Wire):
    v: Literal[1] = VERSION


class Ready(_Event):
    """The talk can begin. Sent to each peer when it joins, also when it comes back."""

    type: Literal["ready"] = "ready"
    job_id: str
    language: str
    listening: bool
    """False where no recogniser understands the language here; then `why` says so and the visitor types."""
    why: str = ""
    history: tuple[tuple[Literal["user", "assistant"], str], ...] = ()
    """What was said so far, for a peer that comes back."""


class State(_Event):
    type: Literal["state"] = "state"
    state: Literal["idle", "listening", "thinking", "speaking"]


class SpeechStarted(_Event):
    type: Literal["speech_started"] = "speech_started"


class SpeechRecognized(_Event):
    """The visitor's words; each notice replaces the former one of the same chat."""

    type: Literal["speech_recognized"] = "speech_recognized"
    chat_id: str
    text: str
    is_last: bool


class SemanticRecognized(_Event):
    """The answer; each notice is an increment to append. Same chat_id as the question."""

    type: Literal["semantic_recognized"] = "semantic_recognized"
    chat_id: str
    text: str
    is_last: bool


class Subtitle(_Event):
    """The sentence now heard. Sent again at each word, with `spoken` moved on."""

    type: Literal["subtitle"] = "subtitle"
    reply: int
    sentence: int
    """Counts from 0 in the reply."""
    text: str
    spoken: int
    """Characters of `text` heard or being heard."""


class ReplyFinished(_Event):
    type: Literal["reply_finished"] = "reply_finished"
    reply: int
    heard: str
    """The text as far as it was heard."""
    interrupted: bool


class Timing(_Event):
    """Times of one turn, in milliseconds after the end of the visitor's speech (or the arrival of the typed text)."""

    type: Literal["timing"] = "timing"
    chat_id: str
    final_text: float | None = None
    first_token: float | None = None
    first_sound: float | None = None
    first_moment: float | None = None
    """First audible moment handed to the link's pacing."""


class Failure(_Event):
    """A reply or a piece of it failed; the talk goes on unless `fatal`."""

    type: Literal["error"] = "error"
    code: str
    message: str
    fatal: bool = False


class JobFinished(_Event):
    type: Literal["job_finished"] = "job_finished"
    state: Literal["SUCCEED", "FAILED"]
    reason: str
    """NORMAL, MUTE_TIMEOUT, or the error code."""


Event = Annotated[
    Ready
    | State
    | SpeechStarted
    | SpeechRecognized
    | SemanticRecognized
    | Subtitle
    | ReplyFinished
    | Timing
    | Failure
    | JobFinished,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Ask(_Wire):
    """A typed question, or one that the browser's own recogniser heard."""

    type: Literal["ask"] = "ask"
    text: Annotated[str, Field(max_length=4096)]


class Interrupt(_Wire):
    type: Literal["interrupt"] = "interrupt"


class Stop(_Wire):
    """The visitor ends the talk."""

    type: Literal["stop"] = "stop"


class Microphone(_Wire):
    """The visitor muted or opened the microphone."""

    type: Literal["microphone"] = "microphone"
    open: bool


ClientMessage = Annotated[Ask | Interrupt | Stop | Microphone, Field(discriminator="type")]
CLIENT_MESSAGE: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)


class PeerJoined(_Wire):
    """The link's own notice: a peer's media is connected."""

    user_id: str
    user_type: str = "END_USER"


class PeerLeft(_Wire):
    """The link's own notice: a peer hung up or was lost."""

    user_id: str
    user_type: str = "END_USER"
    hung_up: bool = False
    """True: it said good-bye (WHIP DELETE). False: lost, may come back."""


Notice = Ask | Interrupt | Stop | Microphone | PeerJoined | PeerLeft
"""Everything a link reports that is not sound."""
