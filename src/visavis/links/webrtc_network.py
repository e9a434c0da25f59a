"""How much picture the network carries, from what the receivers report."""

from __future__ import annotations

from collections.abc import Sequence

from visavis.links.webrtc_encoders import LOWEST_BITRATE

_CONGESTED = 0.9
"""A receiver that estimates less than this share of what it is sent can't take it."""
_RAISE = 1.15
_FREE = 8_000_000
"""Bits a second from which no limit is needed."""


class NetworkEstimate:
    """Asked once a second. A receiver's estimate is only believed where it is lower than what was really sent:

    browsers estimate little more than they get, so a quiet picture would otherwise starve the lively one after it.
    """

    def __init__(self) -> None:
        self._limit: float | None = None
        self._sent: dict[str, int] = {}

    def estimate(self, peers: Sequence[tuple[int | None, int, str]]) -> int | None:
        """peers: (reported bits a second, bytes sent so far, session). None = no limit known."""
        congested: float | None = None
        for reported, sent, session in peers:
            rate = (sent - self._sent.get(session, sent)) * 8
            if reported is not None and rate > LOWEST_BITRATE and reported < _CONGESTED * rate:
                congested = min(reported, congested if congested is not None else reported)
        self._sent = {session: sent for _, sent, session in peers}
        if congested is not None:
            self._limit = max(LOWEST_BITRATE, _CONGESTED * congested)
        elif self._limit is not None:
            self._limit *= _RAISE
            if self._limit > _FREE:
                self._limit = None
        return None if self._limit is None else round(self._limit)
