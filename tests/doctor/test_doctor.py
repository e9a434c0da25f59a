"""Each check sees the trouble it is for, and says what to do about it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from visavis import doctor
from visavis.doctor import Finding, examine
from visavis.settings import Settings


def finding(name: str, **values: Any) -> Finding:
    return next(f for f in examine(Settings(**values)) if f.name == name)


def test_a_good_machine_has_nothing_bad(tmp_path: Path) -> None:
    names = {f.name: f.state for f in examine(Settings(data=tmp_path, port=0))}
    assert len(names) == len(doctor.CHECKS)
    assert [name for name, state in names.items() if state == "bad" and name != "page"] == []


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        found = finding("http port", data=tmp_path, host="127.0.0.1", port=port)
    assert (found.state, str(port) in found.cause) == ("bad", True)
    assert "PORT" in found.cure


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    found = finding("data folder", data=tmp_path / "data")
    assert found.state == "bad"
    assert "DATA" in found.cure


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("http://avatar.example.org", "bad"),
        ("https://avatar.example.org", "good"),
        ("http://localhost:8080", "good"),
        ("http://127.0.0.1:9000", "good"),
    ],
)
def test_browsers_give_the_microphone_to_https_and_this_machine(tmp_path: Path, url: str, state: str) -> None:
    assert finding("microphone", data=tmp_path, public_url=url).state == state


def test_udp_ports_that_are_taken(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        port = other.getsockname()[1]
        found = finding("media ports", data=tmp_path, udp_ports=f"{port}-{port}")
    assert (found.state, found.cure) == ("bad", "widen VISAVIS_UDP_PORTS")


def test_a_relay_without_its_secret(tmp_path: Path) -> None:
    relay = ("turn:turn.example.org",)
    assert finding("media path", data=tmp_path, turn_urls=relay).state == "bad"
    assert finding("media path", data=tmp_path, turn_urls=relay, turn_secret="s").state == "good"


def test_no_relay_on_a_public_server_is_a_warning(tmp_path: Path) -> None:
    assert finding("media path", data=tmp_path, public_url="https://avatar.example.org").state == "warning"


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Settings) -> Finding:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(doctor, "CHECKS", (broken,))
    [found] = examine(Settings())
    assert (found.name, found.state) == ("broken", "bad")
    assert "no such thing" in found.cause
