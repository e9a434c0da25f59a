"""Table of tasks (jobs). Times are Unix seconds."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Column, Double, Index, LargeBinary, String, Table

from visavis.core.jobs import ACTIVE
from visavis.store import metadata

ACTIVE_STATES: Final = tuple(sorted(ACTIVE))

job: Final = Table(
    "job",
    metadata,
    Column("job_id", String(64), primary_key=True),
    Column("project_id", String(64), nullable=False),
    Column("room_id", String(64), nullable=False),
    Column("robot_id", String(64), nullable=False),
    Column("app_user_id", String(64), nullable=False),
    Column("client_id", String(256)),
    Column("region", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("create_time", Double, nullable=False),
    Column("update_time", Double, nullable=False),
    Column("start_time", Double, comment="the visitor joined for the first time"),
    Column("end_time", Double),
    Column("joined_at", Double, comment="the visitor is in the talk since then; NULL: not in it now"),
    Column("duration", Double, nullable=False, comment="seconds the visitor was in the talk before joined_at"),
    Column("finish_reason", String(16)),
    Column("error_code", String(32)),
    Column("error_msg", String(1024)),
    Column("lease_owner", String(128)),
    Column("lease_until", Double),
    Column("shown", JSON, nullable=False, comment="settings at the start, as the answers show them"),
    Column("entries", JSON, nullable=False, comment="user type -> user id in the RTC room"),
    Column("sealed_spec", LargeBinary, nullable=False, comment="core.jobs.JobSpec; may hold a vendor's secret"),
    Index(None, "room_id", "state"),
    Index(None, "room_id", "create_time"),
    Index(None, "state", "lease_owner", "create_time"),
    Index(None, "lease_owner", "state"),
)
"""The indexes carry the two hot questions: how many run in this room, and which task waits longest for a worker."""
