"""The README's first command in an empty folder, no virtual environment and nothing built; then a talk by voice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.e2e.browsing import ask_by_voice
from tests.e2e.serving import Server, free_port

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_make_run_in_an_empty_folder_serves_a_page_one_can_talk_with(tmp_path: Path) -> None:
    clone = tmp_path / "visavis"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    assert not (clone / ".venv").exists()
    port = free_port()
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")
    }
    inherited["PATH"] = os.pathsep.join(p for p in inherited["PATH"].split(os.pathsep) if ".venv" not in p)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env={**inherited, "PORT": str(port), "DATA": str(tmp_path / "data")},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 570
        while True:
            assert process.poll() is None, (tmp_path / "log").read_text(errors="replace")[-4000:]
            assert time.monotonic() < end, "not ready in time"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):
                    break
            except OSError:
                time.sleep(0.5)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            assert b"<html" in page.read().lower()
        assert (tmp_path / "data" / "demo.json").stat().st_mode & 0o777 == 0o600
        assert "access key" in (tmp_path / "log").read_text()
        ask_by_voice(Server(tmp_path / "data", port), tmp_path)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        shutil.rmtree(clone, ignore_errors=True)
