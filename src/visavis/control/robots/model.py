"""Table of applications (robots)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Boolean, Column, Double, Integer, LargeBinary, String, Table, UniqueConstraint

from visavis.store import metadata

robot: Final = Table(
    "robot",
    metadata,
    Column("robot_id", String(64), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("name", String(256), nullable=False),
    Column("app_type", Integer, nullable=False),
    Column("room_id", String(256)),
    Column("robot_type", String(8)),
    Column("language", String(16)),
    Column("tail_silence_time", Integer, nullable=False, comment="milliseconds"),
    Column("enable_question_audit", Boolean),
    Column("configs", JSON, nullable=False, comment="the vendor objects of the contract, less their secrets"),
    Column("sealed_secrets", LargeBinary, comment="JSON: vendor object -> field -> secret"),
    Column("knowledge_digest", String(64), nullable=False),
    Column("welcome_words", JSON, nullable=False, comment="language -> what is said when the visitor joins"),
    Column("hot_words", JSON, nullable=False),
    Column("create_time", Double, nullable=False),
    Column("update_time", Double, nullable=False),
    UniqueConstraint("project_id", "name"),
)
