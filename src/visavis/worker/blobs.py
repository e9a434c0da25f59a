"""Published files on this machine."""

from __future__ import annotations

import re
from pathlib import Path

from visavis.core.errors import ProviderUnavailable

_DIGEST = re.compile(r"[0-9a-f]{64}")


class LocalBlobs:
    """A folder of immutable files, each named by its SHA-256. Satisfies `core.ports.Blobs`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, digest: str) -> Path:
        path = self._folder / digest
        if not _DIGEST.fullmatch(digest) or not path.is_file():
            raise ProviderUnavailable(f"The published file {digest[:12]}… is not on this machine")
        return path
