"""The first schema: identity, assets, applications, dialogs, tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "asset",
        sa.Column("asset_id", sa.String(length=64), nullable=False),
        sa.Column(
            "project_id",
            sa.String(length=64),
            nullable=True,
            comment="NULL: a system asset, which every project may use",
        ),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column(
            "payload", sa.JSON(), nullable=False, comment="HUMAN_MODEL_2D: pack. VOICE_MODEL: provider, voice, language"
        ),
        sa.Column("create_time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_asset")),
    )
    op.create_index(op.f("ix_asset_project_id"), "asset", ["project_id"], unique=False)
    op.create_table(
        "iam_domain",
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("domain_id", name=op.f("pk_iam_domain")),
        sa.UniqueConstraint("name", name=op.f("uq_iam_domain_name")),
    )
    op.create_table(
        "installation",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=4096), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "job",
        sa.Column("job_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("room_id", sa.String(length=64), nullable=False),
        sa.Column("robot_id", sa.String(length=64), nullable=False),
        sa.Column("app_user_id", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=256), nullable=True),
        sa.Column("region", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("create_time", sa.Double(), nullable=False),
        sa.Column("update_time", sa.Double(), nullable=False),
        sa.Column("start_time", sa.Double(), nullable=True, comment="the visitor joined for the first time"),
        sa.Column("end_time", sa.Double(), nullable=True),
        sa.Column(
            "joined_at",
            sa.Double(),
            nullable=True,
            comment="the visitor is in the talk since then; NULL: not in it now",
        ),
        sa.Column(
            "duration", sa.Double(), nullable=False, comment="seconds the visitor was in the talk before joined_at"
        ),
        sa.Column("finish_reason", sa.String(length=16), nullable=True),
        sa.Column("error_code", sa.String(length=32), nullable=True),
        sa.Column("error_msg", sa.String(length=1024), nullable=True),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False, comment="settings at the start, as the answers show them"),
        sa.Column("entries", sa.JSON(), nullable=False, comment="user type -> user id in the RTC room"),
        sa.Column(
            "sealed_spec", sa.LargeBinary(), nullable=False, comment="core.jobs.JobSpec; may hold a vendor's secret"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_lease_owner_state"), "job", ["lease_owner", "state"], unique=False)
    op.create_index(op.f("ix_job_room_id_create_time"), "job", ["room_id", "create_time"], unique=False)
    op.create_index(op.f("ix_job_room_id_state"), "job", ["room_id", "state"], unique=False)
    op.create_index(
        op.f("ix_job_state_lease_owner_create_time"), "job", ["state", "lease_owner", "create_time"], unique=False
    )
    op.create_table(
        "robot",
        sa.Column("robot_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("app_type", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(length=256), nullable=True),
        sa.Column("robot_type", sa.String(length=8), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("tail_silence_time", sa.Integer(), nullable=False, comment="milliseconds"),
        sa.Column("enable_question_audit", sa.Boolean(), nullable=True),
        sa.Column(
            "configs", sa.JSON(), nullable=False, comment="the vendor objects of the contract, less their secrets"
        ),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=True, comment="JSON: vendor object -> field -> secret"),
        sa.Column("knowledge_digest", sa.String(length=64), nullable=False),
        sa.Column(
            "welcome_words", sa.JSON(), nullable=False, comment="language -> what is said when the visitor joins"
        ),
        sa.Column("hot_words", sa.JSON(), nullable=False),
        sa.Column("create_time", sa.Double(), nullable=False),
        sa.Column("update_time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("robot_id", name=op.f("pk_robot")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_robot_project_id_name")),
    )
    op.create_table(
        "room",
        sa.Column("room_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("room_name", sa.String(length=256), nullable=False),
        sa.Column("room_description", sa.String(length=4096), nullable=True),
        sa.Column("model_asset_id", sa.String(length=256), nullable=True),
        sa.Column("voice_config_list", sa.JSON(), nullable=False),
        sa.Column("robot_id", sa.String(length=256), nullable=True),
        sa.Column("billing_mode", sa.String(length=16), nullable=False),
        sa.Column("reuse_resource", sa.Boolean(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=True, comment="NULL: never given, so no task can start"),
        sa.Column("client_nums", sa.Integer(), nullable=True),
        sa.Column("default_language", sa.String(length=16), nullable=False),
        sa.Column("chat_video_type", sa.String(length=16), nullable=True),
        sa.Column(
            "exit_mute_threshold", sa.Integer(), nullable=True, comment="minutes without a word; 0 or NULL: never"
        ),
        sa.Column("enable_semantic_action", sa.Boolean(), nullable=True),
        sa.Column("video_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("background_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("layer_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("review_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("chat_subtitle_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("chat_resource_config", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("create_time", sa.Double(), nullable=False),
        sa.Column("update_time", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_room")),
        sa.UniqueConstraint("project_id", "room_name", name=op.f("uq_room_project_id_room_name")),
    )
    op.create_index(op.f("ix_room_project_id_create_time"), "room", ["project_id", "create_time"], unique=False)
    op.create_table(
        "iam_project",
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["iam_domain.domain_id"], name=op.f("fk_iam_project_domain_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_iam_project")),
        sa.UniqueConstraint("domain_id", "name", name=op.f("uq_iam_project_domain_id_name")),
    )
    op.create_table(
        "iam_user",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["domain_id"], ["iam_domain.domain_id"], name=op.f("fk_iam_user_domain_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_iam_user")),
        sa.UniqueConstraint("domain_id", "name", name=op.f("uq_iam_user_domain_id_name")),
    )
    op.create_table(
        "iam_access_key",
        sa.Column("access_key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("create_time", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["iam_project.project_id"], name=op.f("fk_iam_access_key_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["iam_user.user_id"], name=op.f("fk_iam_access_key_user_id")),
        sa.PrimaryKeyConstraint("access_key", name=op.f("pk_iam_access_key")),
    )
    op.create_table(
        "iam_token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("methods", sa.JSON(), nullable=False),
        sa.Column("issue_time", sa.Double(), nullable=False),
        sa.Column("expire_time", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["iam_project.project_id"], name=op.f("fk_iam_token_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["iam_user.user_id"], name=op.f("fk_iam_token_user_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_iam_token")),
    )
    op.create_index(op.f("ix_iam_token_expire_time"), "iam_token", ["expire_time"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_iam_token_expire_time"), table_name="iam_token")
    op.drop_table("iam_token")
    op.drop_table("iam_access_key")
    op.drop_table("iam_user")
    op.drop_table("iam_project")
    op.drop_index(op.f("ix_room_project_id_create_time"), table_name="room")
    op.drop_table("room")
    op.drop_table("robot")
    op.drop_index(op.f("ix_job_state_lease_owner_create_time"), table_name="job")
    op.drop_index(op.f("ix_job_room_id_state"), table_name="job")
    op.drop_index(op.f("ix_job_room_id_create_time"), table_name="job")
    op.drop_index(op.f("ix_job_lease_owner_state"), table_name="job")
    op.drop_table("job")
    op.drop_table("installation")
    op.drop_table("iam_domain")
    op.drop_index(op.f("ix_asset_project_id"), table_name="asset")
    op.drop_table("asset")
