"""The seams of the house. Providers, links and avatars implement these; the conversation knows nothing else of them.

A provider instance is keyed by (name, options) and shared by all talks of a worker: it is entered once
(`async with`), called many times, and state of one talk lives in what a call returns. An abandoned generator
(`aclose`) releases everything it holds. Blocking work runs in a thread or another process. Foreign errors are
translated to `core.errors.ProviderFailed` inside the provider.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from visavis.core.events import Event, Notice
from visavis.core.feed import SpeechFeed
from visavis.core.jobs import Answer, Command, JobSpec, Peer, Placement, Reply, TalkContext
from visavis.core.media import Face, Moment, Picture, Sound, SpeechMark
from visavis.core.text import Delta, Message, Tool, ToolCall, Transcript, Voice


class VadStream(Protocol):
    def probability(self, sound: Sound) -> float:
        """How likely the newest part of the stream is speech, 0..1. Any chunk length; 16 kHz; stateful."""
        ...


class Vad(Protocol):
    def stream(self) -> VadStream:
        """A detector for one talk."""
        ...


class Asr(Protocol):
    def transcribe(
        self, speech: AsyncIterator[Sound], *, talk: TalkContext, hints: Sequence[str]
    ) -> AsyncIterator[Transcript]:
        """One turn: sound at 16 kHz in while the visitor speaks, partial transcripts out, a final one last.

        The end of `speech` is the end of the turn. An empty final text means: nothing understood.
        """
        ...


class Brain(Protocol):
    def reply(
        self, messages: Sequence[Message], *, talk: TalkContext, tools: Sequence[Tool]
    ) -> AsyncIterator[Delta | ToolCall]:
        """The answer to the last message, as it grows."""
        ...


class Tts(Protocol):
    def speak(self, text: AsyncIterator[str], *, voice: Voice, talk: TalkContext) -> AsyncIterator[Sound | SpeechMark]:
        """Speak sentences as they come. Marks precede their sound; times and spans count over all of `text` joined.

        `reply` of what comes out is 0: the caller numbers it. Sound has one rate per call.
        """
        ...


class Avatar(Protocol):
    def perform(self, feed: SpeechFeed) -> AsyncIterator[Moment]:
        """Moments without pictures, one per `anext`, as fast as they are asked for. Never ends by itself.

        Idles (silence, living face) while the feed is empty or held.
        """
        ...


class Painter(Protocol):
    def paint(self, face: Face) -> Picture:
        """Draw one face. Called from one thread at a time, in the order of time."""
        ...


class Link(Protocol):
    """The room's side of sound and picture travel. Peers attach and detach; the room stays."""

    async def attach(self, peer: Peer) -> Answer:
        """Let a peer in. Raises MediaRefused. The same user_id again replaces the former attachment."""
        ...

    async def detach(self, session: str) -> None:
        """That attachment hung up. Unknown sessions are ignored."""
        ...

    def hear(self) -> AsyncIterator[Sound]:
        """The END_USER's microphone: 20 ms mono sounds at 16 kHz. Silent while nobody is attached; never ends."""
        ...

    def notices(self) -> AsyncIterator[Notice]:
        """Typed questions, buttons, peers that come and go. Never ends."""
        ...

    @property
    def watched(self) -> bool:
        """Some peer wants pictures."""
        ...

    async def show(self, moment: Moment) -> None:
        """Hand over the next moment; waits for its time: the pace of the whole line."""
        ...

    async def tell(self, event: Event) -> None:
        """Send an event to all peers. Never waits long, never raises for a lost peer."""
        ...

    async def hush(self) -> float:
        """Drop speech that was not played yet. Returns the seconds of speech dropped."""
        ...

    async def close(self) -> None: ...


class Dispatcher(Protocol):
    """Where conversations run: in this process, in worker processes of this machine, or elsewhere."""

    async def place(self, job: JobSpec) -> Placement:
        """Start the talk somewhere. Raises BoxFull, WorkerLost."""
        ...

    async def send(self, job_id: str, command: Command) -> Reply:
        """Hand a command to the talk. Raises JobUnknown, WorkerLost, and what the talk raised."""
        ...


class Blobs(Protocol):
    async def fetch(self, digest: str) -> Path:
        """The published file of that digest on this machine. Raises ProviderUnavailable."""
        ...
