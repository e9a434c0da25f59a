"""Table of digital assets."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Column, Double, String, Table

from visavis.store import metadata

asset: Final = Table(
    "asset",
    metadata,
    Column("asset_id", String(64), primary_key=True),
    Column("project_id", String(64), index=True, comment="NULL: a system asset, which every project may use"),
    Column("type", String(32), nullable=False),
    Column("name", String(256), nullable=False),
    Column("payload", JSON, nullable=False, comment="HUMAN_MODEL_2D: pack. VOICE_MODEL: provider, voice, language"),
    Column("create_time", Double, nullable=False),
)
