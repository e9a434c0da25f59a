"""The migrations and the models agree, and running them again does nothing."""

from __future__ import annotations

import importlib
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import visavis.control
from visavis.store import metadata, migrate
from visavis.store.migrate import _config


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'er' / 'test.db'}"


def _load_every_model() -> None:
    for path in Path(str(visavis.control.__file__)).parent.glob("*/model.py"):
        importlib.import_module(f"visavis.control.{path.parent.name}.model")


def test_migrations_make_exactly_the_models(url: str) -> None:
    _load_every_model()
    migrate(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        tables = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    assert tables == {*metadata.tables, "alembic_version"}
    assert "job" in tables


def test_running_them_again_changes_nothing(url: str) -> None:
    migrate(url)
    file = sqlite3.connect(sa.make_url(url).database or "")
    file.execute("insert into iam_domain values ('d', 'name')")
    file.commit()
    migrate(url)
    assert file.execute("select name from iam_domain").fetchall() == [("name",)]
    file.close()


def test_processes_that_start_together_wait_for_each_other(url: str) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            migrate(url)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_migration_that_fails_leaves_the_schema_as_it_was(url: str) -> None:
    path = Path(sa.make_url(url).database or "")
    path.parent.mkdir(parents=True)
    file = sqlite3.connect(path)
    file.execute("create table room (name)")  # in the way of ours
    file.commit()
    with pytest.raises(sa.exc.OperationalError):
        migrate(url)
    assert [name for (name,) in file.execute("select name from sqlite_master where type='table'")] == ["room"]
    file.close()


def test_every_step_can_be_taken_back(url: str) -> None:
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
