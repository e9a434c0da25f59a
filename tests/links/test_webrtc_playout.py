"""The link's one clock, hand-turned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from visavis.core.clock import FakeClock
from visavis.core.media import Samples
from visavis.links.webrtc_playout import LEAD, Playout
from visavis.links.webrtc_sound import CHUNK

LOUD = np.full(2 * CHUNK, 5000, np.int16)


class Desk:
    """A playout and all that it let go: time, slot, loudest sample."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.gone: list[tuple[float, int, int]] = []
        self.playout = Playout(self.clock, self._note)
        self.task: asyncio.Task[None] | None = None

    def _note(self, slot: int, samples: Samples) -> None:
        assert samples.shape == (CHUNK,)
        self.gone.append((round(self.clock.now(), 3), slot, int(np.abs(samples).max())))

    def place(self, reply: int = 1) -> int:
        number = self.playout.place(LOUD, reply)
        self.task = self.task or asyncio.create_task(self.playout.run())
        return number


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    if made.task:
        made.task.cancel()
        await asyncio.gather(made.task, return_exceptions=True)


async def test_moments_go_out_after_the_lead_every_20_ms(desk: Desk) -> None:
    assert [desk.place(), desk.place()] == [0, 1]
    await desk.clock.advance(0.2)
    assert desk.gone[:4] == [(LEAD + 0.02 * slot, slot, 5000) for slot in range(4)]
    assert {loud for _, _, loud in desk.gone[4:]} == {0}, "silence fills what nobody handed over"


async def test_handing_over_is_paced_at_40_ms(desk: Desk) -> None:
    begun: list[float] = []

    async def produce() -> None:
        while True:
            begun.append(round(desk.clock.now(), 3))
            await desk.playout.paced(desk.place())

    task = asyncio.create_task(produce())
    await desk.clock.advance(0.41)
    task.cancel()
    assert begun == [round(0.04 * n, 3) for n in range(11)]
    assert all(loud for _, _, loud in desk.gone)


async def test_a_late_moment_takes_the_next_free_place_and_the_lead_is_regained(desk: Desk) -> None:
    desk.place()
    await desk.clock.advance(0.25)
    number = desk.place()
    assert number == 5, "slots 0..9 are gone"
    before = desk.clock.now()
    waiting = asyncio.create_task(desk.playout.paced(number))
    await desk.clock.settle()
    assert waiting.done(), "the next one is asked for at once"
    assert desk.place() == 6
    await desk.clock.advance(0.2)
    assert [slot for at, slot, loud in desk.gone if at > before and loud] == [10, 11, 12, 13]
    steps = np.diff([at for at, _, _ in desk.gone])
    assert steps == pytest.approx(0.02), "no burst"


async def test_a_stall_moves_the_start_instead_of_a_burst(desk: Desk) -> None:
    for _ in range(3):
        desk.place()
    await desk.clock.advance(0.07)
    desk.clock._now += 1.0  # the process did not run for a second
    await desk.clock.advance(0.2)
    times = [at for at, _, _ in desk.gone]
    assert [slot for _, slot, _ in desk.gone] == list(range(len(times)))
    assert np.diff(times).min() >= 0.019
    assert sum(loud > 0 for _, _, loud in desk.gone) == 6, "nothing is lost"


async def test_hush_takes_back_speech_and_leaves_silence(desk: Desk) -> None:
    desk.place(reply=0)
    desk.place(reply=1)
    desk.place(reply=1)
    await desk.clock.advance(LEAD + 0.05)
    assert [slot for _, slot, _ in desk.gone] == [0, 1, 2]
    assert desk.playout.hush() == pytest.approx(0.06)
    assert desk.playout.hush() == 0
    await desk.clock.advance(0.1)
    fading = [loud for _, slot, loud in desk.gone if slot == 3]
    assert fading == [5000], "the cut fades"
    assert {loud for _, slot, loud in desk.gone if slot > 3} == {0}
