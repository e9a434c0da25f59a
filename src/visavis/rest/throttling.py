"""Optional limit on requests a second and project: a token bucket in memory, for this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from visavis.core.errors import Throttled

Kind = Literal["read", "write"]


class Throttle:
    """A bucket holds one second's worth of requests (at least one), so a short burst passes."""

    def __init__(self, read_rate: float, write_rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rates: dict[Kind, float] = {"read": read_rate, "write": write_rate}
        self._now = now
        self._buckets: dict[tuple[str, Kind], tuple[float, float]] = {}

    def take(self, project_id: str, kind: Kind) -> None:
        """Raises Throttled. A rate of 0 never does."""
        rate = self._rates[kind]
        if not rate:
            return
        size = max(1.0, rate)
        now = self._now()
        level, since = self._buckets.get((project_id, kind), (size, now))
        level = min(size, level + (now - since) * rate)
        if level < 1.0:
            raise Throttled
        self._buckets[project_id, kind] = (level - 1.0, now)
