"""Avatar packs of one process: loaded once, made into a performer and a painter for each talk."""

from __future__ import annotations

import asyncio

from visavis.avatars.pack import load
from visavis.avatars.painter import PackPainter
from visavis.avatars.performer import Performer
from visavis.core.jobs import JobSpec
from visavis.core.ports import Avatar, Painter
from visavis.lipsync import LipTrack


class Stage:
    async def warm(self, name: str) -> None:
        """Have the pack's images in memory. Raises AvatarFailed."""
        await asyncio.to_thread(load, name)

    async def set(self, job: JobSpec) -> tuple[Avatar, Painter]:
        """Raises AvatarFailed. Scaling layers takes tens of milliseconds: not on the event loop."""
        return await asyncio.to_thread(self._set, job)

    def _set(self, job: JobSpec) -> tuple[Avatar, Painter]:
        pack = load(job.avatar)
        return Performer(LipTrack), PackPainter(pack, job.width, job.height, job.background)
