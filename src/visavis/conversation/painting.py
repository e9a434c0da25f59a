"""Faces to pictures in one thread of their own: the event loop never paints, the sound never waits long."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from visavis.core.media import MOMENT_S, Face, Picture
from visavis.core.ports import Painter

_PATIENCE = 0.75 * MOMENT_S
"""Seconds a moment waits for its picture; then the former one is shown again."""


class Painting:
    def __init__(self, painter: Painter, patience: float = _PATIENCE) -> None:
        self._painter = painter
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")
        self._brush: asyncio.Future[Picture] | None = None
        self._last: Picture | None = None
        self.late = 0
        """Pictures that were not ready in time."""

    async def picture(self, face: Face) -> Picture | None:
        """The face's picture; the former one while the painter is slow. Raises what the painter raises."""
        if self._brush is None:
            self._brush = asyncio.get_running_loop().run_in_executor(self._thread, self._painter.paint, face)
        done, _ = await asyncio.wait({self._brush}, timeout=self._patience)
        if done:
            brush, self._brush = self._brush, None
            self._last = brush.result()
        else:
            self.late += 1
        return self._last

    def close(self) -> None:
        """Returns at once; a picture that is being painted is finished and thrown away."""
        if self._brush is not None:
            self._brush.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)
