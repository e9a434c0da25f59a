"""Idling in segments that every session may share: each begins and ends in the neutral pose, breathed out."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Final

from visavis.avatars.life import BREATH_FRAMES, NEUTRAL, Life, mix, smoothstep
from visavis.core.errors import AvatarFailed
from visavis.core.media import Face

IDLE: Final = ("idle-1", "idle-2", "idle-3", "idle-4")
"""Played in random order; 64.8 s together."""
_BREATHS: Final = {"idle-1": 4, "idle-2": 5, "idle-3": 5, "idle-4": 4}
_JOIN_FRAMES: Final = 24
"""Frames of easing out of and into the neutral pose."""


@cache
def cycle_faces(name: str) -> tuple[Face, ...]:
    """The poses of a segment; `cycle` is set on each. Raises AvatarFailed for unknown names."""
    if name not in _BREATHS:
        raise AvatarFailed(f"There is no cycle {name!r}")
    life = Life(random.Random(f"visavis {name}"))
    count = _BREATHS[name] * BREATH_FRAMES
    faces = []
    for index in range(count):
        face = life.step("idle")
        away = smoothstep(index / _JOIN_FRAMES) * smoothstep((count - 1 - index) / _JOIN_FRAMES)
        eased = mix(NEUTRAL, face, away)
        faces.append(replace(eased, breath=face.breath, cycle=(name, index)))
    return tuple(faces)
