"""Servers for end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.serving import Server, make_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of this test alone."""
    made = make_server(tmp_path / "data")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a file."""
    made = make_server(tmp_path_factory.mktemp("shared") / "data")
    made.start()
    yield made
    made.stop()
