"""A table of our own and a fresh SQLite file: the store knows no resource."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from visavis.store import sqlite
from visavis.store.sqlite import SqliteDatabase

SCHEMA = sa.MetaData()
ROW = sa.Table(
    "row",
    SCHEMA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("project_id", sa.String),
    sa.Column("value", sa.JSON),
    sa.Column("number", sa.Integer),
)


@pytest.fixture
def url(tmp_path: Path) -> sa.URL:
    url = sa.make_url(f"sqlite:///{tmp_path / 'test.db'}")
    engine = sqlite.engine(url)
    SCHEMA.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture
def table() -> sa.Table:
    return ROW


@pytest.fixture
async def db(url: sa.URL) -> AsyncIterator[SqliteDatabase]:
    db = SqliteDatabase(url)
    yield db
    await db.close()
