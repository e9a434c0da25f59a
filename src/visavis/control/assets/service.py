"""What rooms and tasks need to know of assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from visavis.control.assets.repository import AssetRepository
from visavis.core.errors import AssetUnknown
from visavis.store import Door

AssetType = Literal["HUMAN_MODEL_2D", "VOICE_MODEL"]


@dataclass(frozen=True, slots=True)
class Asset:
    asset_id: str
    type: AssetType
    name: str
    payload: Mapping[str, Any]


class AssetService:
    def __init__(self, db: Door) -> None:
        self._db = db

    async def get(self, project_id: str, kind: AssetType, asset_ids: Iterable[str]) -> dict[str, Asset]:
        """These assets, by id. Raises AssetUnknown for one that the project can't use or that is of another type."""
        wanted = set(asset_ids)
        found = await AssetRepository(self._db, project_id).named(wanted) if wanted else {}
        for asset_id in sorted(wanted):
            if asset_id not in found or found[asset_id].type != kind:
                raise AssetUnknown(f"There is no {kind} asset {asset_id!r}")
        return {key: _asset(row) for key, row in found.items()}

    async def system(self, project_id: str, kind: AssetType) -> list[Asset]:
        """What a room without an avatar or a voice falls back to."""
        return [_asset(row) for row in await AssetRepository(self._db, project_id).system(kind)]


def _asset(row: Any) -> Asset:
    return Asset(row.asset_id, row.type, row.name, row.payload)
