"""How much picture the network carries, from what the receivers report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from visavis.links.webrtc_encoders import LOWEST_BITRATE

_FALL = 0.95
"""A report below this share of the former one tells of an overused network."""
_LOSSY = 0.1
"""Share of lost packets from which the rate goes down (draft-ietf-rmcat-gcc, section 6)."""
_SHARE = 0.9
"""Of what the receiver says: sound and repeated packets need room too."""
_RAISE = 1.15
_FREE = 8_000_000
"""Bits a second from which no limit is needed."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What one peer got of the pictures."""

    session: str
    sent_bytes: int
    """So far."""
    remb: int | None
    """The receiver's newest estimate, bits a second (draft-alvestrand-rmcat-remb)."""
    lost: float = 0.0
    """Share of packets lost, 0..1, of the newest receiver report."""


class NetworkEstimate:
    """Asked once a second.

    Browsers estimate little more than they get, so the value itself says nothing: a quiet picture would starve the
    lively one after it. It counts where it falls, for that is how a receiver reports queues that grow.
    """

    def __init__(self) -> None:
        self._limit: float | None = None
        self._former: dict[str, Reception] = {}

    def estimate(self, receptions: Iterable[Reception]) -> int | None:
        """Bits a second that the slowest of them carries; None = no limit known."""
        newest = {reception.session: reception for reception in receptions}
        carried = [self._carried(r, self._former[r.session]) for r in newest.values() if r.session in self._former]
        congested = [rate for rate in carried if rate is not None]
        self._former = newest
        if congested:
            self._limit = max(LOWEST_BITRATE, min(congested))
        elif self._limit is not None:
            self._limit *= _RAISE
            if self._limit > _FREE:
                self._limit = None
        return None if self._limit is None else round(self._limit)

    @staticmethod
    def _carried(now: Reception, before: Reception) -> float | None:
        """None where nothing is wrong."""
        rate = (now.sent_bytes - before.sent_bytes) * 8
        if rate <= LOWEST_BITRATE:
            return None
        if now.remb is not None and before.remb is not None and now.remb < min(rate, _FALL * before.remb):
            return _SHARE * now.remb
        if now.lost > _LOSSY:
            return rate * (1 - now.lost / 2)
        return None
