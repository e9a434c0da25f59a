"""What a peer offers (SDP, RFC 8866), looked at before aiortc sees it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.sdp import SessionDescription

from visavis.core.errors import MediaRefused
from visavis.links.webrtc_encoders import Codec

_LONGEST = 64_000
"""Characters; browsers send about 6,000."""
_MOST_SECTIONS = 8


@dataclass(frozen=True, slots=True)
class OfferedMedia:
    """The parts of an offer that decide how it is answered."""

    sdp: str
    """Without what would stall or mislead the ICE agent."""
    hears: bool
    """Wants the avatar's sound."""
    speaks: bool
    """Offers a microphone."""
    watches: bool
    """Wants pictures."""
    codec: Codec | None
    """For the pictures; None without them."""
    talks: bool
    """Offers a data channel."""


def read_offer(sdp: str, codecs: tuple[Codec, ...]) -> OfferedMedia:
    """codecs: ours, the best first. Raises MediaRefused."""
    if len(sdp) > _LONGEST:
        raise MediaRefused("The offer is too long")
    cleaned = _without_useless_candidates(sdp)
    try:
        session = SessionDescription.parse(cleaned)
    except Exception as error:
        # The parser has no error of its own: garbage makes it fail anywhere.
        raise MediaRefused(f"The offer is not SDP: {error}") from error
    kinds = [media.kind for media in session.media]
    if not kinds:
        raise MediaRefused("The offer has no media section")
    if len(kinds) > _MOST_SECTIONS or not set(kinds) <= {"audio", "video", "application"}:
        raise MediaRefused("The offer has media sections that nobody here understands")
    bundled = next((group.items for group in session.group if group.semantic == "BUNDLE"), [])
    if len(kinds) > 1 and any(media.rtp.muxId not in bundled for media in session.media):
        raise MediaRefused("The offer must bundle all media (a=group:BUNDLE)")
    if any(media.dtls is None or not media.dtls.fingerprints for media in session.media):
        raise MediaRefused("The offer has no DTLS fingerprint")
    audio = next((media for media in session.media if media.kind == "audio"), None)
    video = next((media for media in session.media if media.kind == "video"), None)
    if audio and not any(codec.mimeType.lower() == "audio/opus" for codec in audio.rtp.codecs):
        raise MediaRefused("The offer has no Opus sound")
    watches = video is not None and video.direction in ("recvonly", "sendrecv")
    codec: Codec | None = None
    if video is not None and watches:
        offered = {codec.mimeType.lower().removeprefix("video/") for codec in video.rtp.codecs}
        codec = next((ours for ours in codecs if ours.lower() in offered), None)
        if codec is None:
            raise MediaRefused(f"The offer has none of our picture codecs: {', '.join(codecs)}")
    return OfferedMedia(
        sdp=cleaned,
        hears=audio is not None and audio.direction in ("recvonly", "sendrecv"),
        speaks=audio is not None and audio.direction in ("sendonly", "sendrecv"),
        watches=watches,
        codec=codec,
        talks="application" in kinds,
    )


def preferences(kind: str, names: tuple[str, ...]) -> list[RTCRtpCodecCapability]:
    """aiortc's capabilities in our order, with retransmission. They only count before the remote description is set."""
    known = RTCRtpSender.getCapabilities(kind).codecs
    wanted = [codec for name in names for codec in known if codec.mimeType.lower() == f"{kind}/{name}".lower()]
    return wanted + [codec for codec in known if codec.mimeType.lower().endswith("/rtx")]


def _without_useless_candidates(sdp: str) -> str:
    """Drop candidates that aren't UDP to an IP address, and the end of the list.

    A browser's mDNS name (….local) would be resolved for a second, mostly in vain; the browser's own checks reach us
    and tell its address. For the same reason the list never counts as complete: an agent that knows no candidate
    would give up before the first check arrives.
    """
    return "\r\n".join(line for line in sdp.splitlines() if not _useless(line)) + "\r\n"


def _useless(line: str) -> bool:
    if line.startswith("a=end-of-candidates"):
        return True
    if not line.startswith("a=candidate:"):
        return False
    words = line.split()
    if len(words) < 8 or words[2].lower() != "udp":
        return True
    try:
        ipaddress.ip_address(words[4])
    except ValueError:
        return True
    return False
