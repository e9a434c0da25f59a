"""A real server in a process of its own, on a free port, with a data folder of its own; and a synthetic voice."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visavis.core.media import Samples


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> set[int]:
    """Process ids below `pid`, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found: set[int] = set()
    todo = [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.add(child)
            todo.append(child)
    return found


def alive(pid: int) -> bool:
    """Running, not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Server:
    data: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def demo(self) -> dict[str, str]:
        values: dict[str, str] = json.loads((self.data / "demo.json").read_text())
        return values

    def start(self, within: float = 60.0) -> None:
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "visavis.cli", "serve"],
                env={**os.environ, "PORT": str(self.port), "DATA": str(self.data), **self.environment},
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + within
        while True:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"no server:\n{self.log()}")
            try:
                if self.get("/ready")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(30)

    def log(self) -> str:
        return (self.data / "server.log").read_text(errors="replace")[-6000:]

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, decoded body (JSON where it is), headers. Statuses of 400 and more are returned, not raised."""
        data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
        kind = {} if isinstance(body, str) or body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, {**kind, **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, raw, got = answer.status, answer.read(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                status, raw, got = error.code, error.read(), dict(error.headers)
        try:
            return status, json.loads(raw), got
        except ValueError:
            return status, raw.decode(errors="replace"), got

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any, dict[str, str]]:
        return self.call("GET", path, headers=headers)

    def token(self) -> dict[str, str]:
        """Header with a fresh token of the demo user."""
        demo = self.demo
        user = {"name": demo["user_name"], "password": demo["password"], "domain": {"name": demo["domain_name"]}}
        body = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"id": demo["project_id"]}},
            }
        }
        status, _, headers = self.call("POST", "/v3/auth/tokens", body)
        assert status == 201
        return {"X-Auth-Token": next(v for k, v in headers.items() if k.lower() == "x-subject-token")}

    def jobs(self) -> dict[str, dict[str, Any]]:
        demo = self.demo
        path = (
            f"/v1/{demo['project_id']}/digital-human-chat/smart-chat-rooms/{demo['room_id']}/smart-chat-jobs?limit=100"
        )
        status, body, _ = self.get(path, self.token())
        assert status == 200, body
        return {job["job_id"]: job for job in body["smart_chat_jobs"]}

    def open_job(self, language: str = "EN") -> dict[str, Any]:
        status, body, _ = self.call("POST", "/v1/open-room/jobs", {"language": language})
        assert status == 202, body
        answer: dict[str, Any] = body
        return answer

    def exchange(self, job: dict[str, Any], offer: str) -> str:
        """WHIP: the answer to an SDP offer of the job's END_USER."""
        room = job["rtc_room_info"]
        user = next(u for u in room["users"] if u["user_type"] == "END_USER")
        bearer = ".".join(
            map(str, (room["app_id"], room["room_id"], user["user_id"], user["ctime"], user["signature"]))
        )
        headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {bearer}"}
        status, body, _ = self.call("POST", f"/rtc/{job['job_id']}/whip", offer, headers)
        if status != 201:
            raise AssertionError(f"{status}: {body}")
        return str(body)


def make_server(folder: Path, **environment: str) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    return Server(folder, free_port(), environment)


def spoken(text: str, folder: Path, rate: int = 48_000) -> Samples:
    """A sentence by flite, as mono int16 at `rate`."""
    if not shutil.which("flite"):
        pytest.skip("flite is not installed")
    path = folder / f"{abs(hash(text))}.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", str(path)], check=True, capture_output=True)
    with wave.open(str(path)) as wav:
        source, samples = wav.getframerate(), np.frombuffer(wav.readframes(wav.getnframes()), np.int16)
    count = int(len(samples) * rate / source)
    moved = np.interp(np.arange(count) * source / rate, np.arange(len(samples)), samples.astype(np.float64))
    return moved.astype(np.int16)
