"""Pipecat in a virtual environment of its own: it needs other versions of what we also use, and 800 MB."""

from __future__ import annotations

import asyncio
import sys

from bench.processes import ROOT

_FOLDER = ROOT / "bench" / ".venv-pipecat"
_PYTHON = _FOLDER / "bin" / "python"
REQUIREMENT = "pipecat-ai[webrtc,silero]==1.14.0"
"""Pinned: the API of this young project moves, and so would the figures."""


async def install() -> None:
    """Make the environment unless it is there. Raises RuntimeError when pip fails."""
    if not _PYTHON.exists():
        await _run(sys.executable, "-m", "venv", str(_FOLDER))
    # A no-op of half a second where it is installed already; finishes what was broken off.
    await _run(str(_PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", REQUIREMENT)


def server(seconds: float, pictures: tuple[str, str] | None = None) -> list[str]:
    """Command of the peer's server; `pictures` as bench.pipecat_server takes them, None for sound alone."""
    more = ["--pictures", *pictures] if pictures else []
    return [str(_PYTHON), "-m", "bench.pipecat_server", "--speech", str(seconds), *more]


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    if await process.wait():
        raise RuntimeError(f"failed: {' '.join(command)}")
