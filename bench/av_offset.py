"""How far sound and picture are apart at the receiver, against the limits of EBU R 37.

Positive: the sound comes after its picture. EBU R 37: at most 60 ms after, at most 40 ms before. Two figures: by the
RTP clocks tied together by the sender reports, which is what a browser synchronises by; and by plain arrival.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
from aiortc.rtp import RtcpSrPacket

from bench import calls
from bench.plan import Plan
from bench.processes import ours, program
from bench.table import Row
from visavis.links.visitor import Heard, Visitor

_LATE, _EARLY = 60.0, -40.0
_FULL = 0.9
"""Share of the tone's level from which a packet counts as full."""


async def measure(plan: Plan) -> list[Row]:
    by_clock, by_arrival = [], []
    for _ in range(plan.rounds):
        async with program(ours("bench.flash_server")) as server, Visitor(decode=True) as visitor:
            clocks = await _join(visitor, calls.plain(server.url))
            await asyncio.sleep(max(4.0, plan.seconds(10.0)))
            clocked, arrived = _offsets(visitor, clocks)
            by_clock.append(statistics.median(clocked) * 1000)
            by_arrival.append(statistics.median(arrived) * 1000)
    return [
        Row("AV offset, RTP clocks", "ms", tuple(by_clock), "EBU R 37", (_limit(by_clock),), "+ = sound after picture"),
        Row("AV offset, arrival", "ms", tuple(by_arrival), "EBU R 37", (_limit(by_arrival),)),
    ]


def _limit(values: list[float]) -> float:
    return _LATE if statistics.median(values) >= 0 else _EARLY


class _SenderClock:
    """RTP time to the sender's wall clock, by its sender reports (RFC 3550, section 6.4.1)."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._reports: list[tuple[float, float, int]] = []
        """Arrival (monotonic s), the sender's wall time (s) and RTP time of each report."""

    def report(self, wall: float, timestamp: int) -> None:
        self._reports.append((time.monotonic(), wall, timestamp))

    def wall(self, timestamp: int, at: float) -> float:
        """By the newest report at monotonic time `at`, as a player would. Raises RuntimeError if there is none."""
        if not self._reports:
            raise RuntimeError("no sender report came")
        known = [report for report in self._reports if report[0] <= at] or self._reports[:1]
        _, wall, reference = known[-1]
        return wall + ((timestamp - reference + 2**31) % 2**32 - 2**31) / self._rate


async def _join(visitor: Visitor, exchange: calls.Exchange) -> dict[str, _SenderClock]:
    clocks = {"audio": _SenderClock(48_000), "video": _SenderClock(90_000)}
    await visitor.join(exchange)
    for transceiver in visitor._connection.getTransceivers():
        _note_reports(transceiver.receiver, clocks[transceiver.kind])
    return clocks


def _note_reports(receiver: Any, clock: _SenderClock) -> None:
    onward = receiver._handle_rtcp_packet

    async def noted(packet: Any) -> None:
        if isinstance(packet, RtcpSrPacket):
            info = packet.sender_info
            clock.report(info.ntp_timestamp / 2**32, info.rtp_timestamp)
        await onward(packet)

    receiver._handle_rtcp_packet = noted


def _offsets(visitor: Visitor, clocks: dict[str, _SenderClock]) -> tuple[list[float], list[float]]:
    """Seconds from picture to sound, a value a flash: by the clocks, by arrival. The first second is left out."""
    flashes = list(_flashes(visitor))[1:]
    beeps = list(_beeps(visitor.heard))[1:]
    arrivals = {seen.timestamp: seen.at for seen in visitor.seen if seen.last}
    clocked, arrived = [], []
    for beep, lead in beeps:
        near = [timestamp for timestamp in flashes if abs(arrivals.get(timestamp, 0.0) - beep.at) < 0.4]
        if near:
            seen_at = arrivals[near[0]]
            arrived.append(beep.at + lead - seen_at)
            sound = clocks["audio"].wall(beep.timestamp, beep.at) + lead
            clocked.append(sound - clocks["video"].wall(near[0], seen_at))
    if not clocked:
        raise RuntimeError(f"no flash met its beep ({len(flashes)} flashes, {len(beeps)} beeps)")
    return clocked, arrived


def _flashes(visitor: Visitor) -> Iterable[int]:
    """RTP times of pictures that are white after a dark one. aiortc counts decoded pictures from the first packet's."""
    origin = visitor.seen[0].timestamp
    dark = False
    for picture in visitor.pictures:
        white = float(np.mean(picture.to_ndarray(format="gray")[::16, ::16])) > 128
        if white and dark and picture.pts is not None:
            yield (origin + picture.pts) % 2**32
        dark = not white


def _beeps(heard: list[Heard]) -> Iterable[tuple[Heard, float]]:
    """The first packet of each tone, and where in it the tone begins (s): told by how much energy it holds."""
    full = max(h.rms for h in heard)
    quiet = False
    for packet, after in itertools.pairwise(heard):
        if quiet and packet.rms >= calls.AUDIBLE:
            level = max(packet.rms, after.rms, _FULL * full)
            yield packet, 0.02 * (1 - min(1.0, packet.rms / level) ** 2)
        quiet = packet.rms < calls.AUDIBLE
