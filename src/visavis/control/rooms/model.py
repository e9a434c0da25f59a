"""Table of interactive dialogs (rooms)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Double, Index, Integer, String, Table, UniqueConstraint

from visavis.store import metadata

room: Final = Table(
    "room",
    metadata,
    Column("room_id", String(64), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("room_name", String(256), nullable=False),
    Column("room_description", String(4096)),
    Column("model_asset_id", String(256)),
    Column("voice_config_list", JSON, nullable=False),
    Column("robot_id", String(256)),
    Column("billing_mode", String(16), nullable=False),
    Column("reuse_resource", Boolean, nullable=False),
    Column("concurrency", Integer, comment="NULL: never given, so no task can start"),
    Column("client_nums", Integer),
    Column("default_language", String(16), nullable=False),
    Column("chat_video_type", String(16)),
    Column("exit_mute_threshold", Integer, comment="minutes without a word; 0 or NULL: never"),
    Column("enable_semantic_action", Boolean),
    Column("video_config", JSON(none_as_null=True)),
    Column("background_config", JSON(none_as_null=True)),
    Column("layer_config", JSON(none_as_null=True)),
    Column("review_config", JSON(none_as_null=True)),
    Column("chat_subtitle_config", JSON(none_as_null=True)),
    Column("chat_resource_config", JSON(none_as_null=True)),
    Column("create_time", Double, nullable=False),
    Column("update_time", Double, nullable=False),
    UniqueConstraint("project_id", "room_name"),
    Index(None, "project_id", "create_time"),
)
