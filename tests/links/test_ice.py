"""Addresses, ports and relays."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aioice import ice as aioice
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection
from tests.links.webrtc_client import Client, joined, linked, noticing, playing, speaking, until, visiting

from visavis.core.errors import MediaRefused
from visavis.core.jobs import Peer
from visavis.links import ice
from visavis.links.ice import IceSettings

SECRET = "s3cret"


def candidates(sdp: str) -> list[tuple[str, int, str]]:
    """Address, port, type; the best first."""
    words = [line.split() for line in sdp.splitlines() if line.startswith("a=candidate")]
    found = {(w[4], int(w[5]), w[7]): int(w[3]) for w in words}
    return sorted(found, key=lambda c: -found[c])


async def answer_to(settings: IceSettings) -> list[tuple[str, int, str]]:
    client = Client()
    try:
        async with linked(ice=settings) as link:
            offer = await client.offer()
            return candidates((await link.attach(Peer(user_type="END_USER", user_id="v", sdp=offer))).sdp)
    finally:
        await client.close()


@pytest.fixture
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice, "get_host_addresses", lambda use_ipv4, use_ipv6: [])


def test_no_server_is_asked_unless_set() -> None:
    assert IceSettings().browser_servers("v", 0.0) == []
    assert IceSettings().configuration(0.0).iceServers == []


def test_turn_credentials_are_timed_and_signed() -> None:
    settings = IceSettings(
        stun_urls=("stun:a.example.org",), turn_urls=("turn:a.example.org",), turn_secret=SECRET, turn_ttl=600
    )
    stun, turn = settings.browser_servers("visitor-1", 1_000_000.7)
    assert stun == {"urls": ["stun:a.example.org"]}
    assert turn["urls"] == ["turn:a.example.org"]
    assert turn["username"] == "1000600:visitor-1"
    mac = hmac.new(SECRET.encode(), b"1000600:visitor-1", hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == mac


@pytest.mark.parametrize(
    "bad", [{"advertised_address": "example.org"}, {"udp_low": 5}, {"udp_high": 5}, {"udp_low": 9, "udp_high": 8}]
)
def test_settings_that_never_work_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        IceSettings(**bad)  # type: ignore[arg-type]


@pytest.mark.usefixtures("only_loopback")
async def test_loopback_is_used_where_there_is_nothing_else() -> None:
    begun = asyncio.get_running_loop().time()
    [(address, port, kind)] = await answer_to(IceSettings())
    assert (address, kind) == ("127.0.0.1", "host")
    assert port > 0
    assert asyncio.get_running_loop().time() - begun < 0.5
    async with linked() as link, visiting(link) as client, playing(link, speaking()):
        await until(lambda: client.pictures and client.sound)


def test_loopback_is_left_out_beside_other_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["192.0.2.7", "fe80::1"])
    assert ice.host_addresses() == ["192.0.2.7"]


@pytest.mark.usefixtures("only_loopback")
async def test_ports_come_from_the_range_until_it_is_used_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        low = min(probe.getsockname()[1], 65_000)
    settings = IceSettings(udp_low=low, udp_high=low + 2)
    clients = [Client() for _ in range(4)]
    async with linked(ice=settings) as link:
        ports = set()
        for number, client in enumerate(clients[:3]):
            peer = Peer(user_type="PLAYER", user_id=f"p{number}", sdp=await client.offer())
            ports |= {port for _, port, _ in candidates((await link.attach(peer)).sdp)}
        assert ports == {low, low + 1, low + 2}
        with pytest.raises(MediaRefused, match=f"{low}-{low + 2}"):
            await link.attach(Peer(user_type="PLAYER", user_id="p3", sdp=await clients[3].offer()))
    for client in clients:
        await client.close()


@pytest.mark.usefixtures("only_loopback")
async def test_the_advertised_address_comes_first_and_the_real_one_still_works() -> None:
    settings = IceSettings(advertised_address="203.0.113.9")
    first, second = await answer_to(settings)
    assert (first[0], second[0]) == ("203.0.113.9", "127.0.0.1")
    assert first[1] == second[1]
    async with linked(ice=settings) as link, visiting(link) as client, playing(link, speaking()):
        await until(lambda: client.pictures)


async def test_a_silent_relay_delays_the_answer_by_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "_SERVER_WAIT", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        settings = IceSettings(
            stun_urls=(f"stun:127.0.0.1:{port}",), turn_urls=(f"turn:127.0.0.1:{port}",), turn_secret=SECRET
        )
        begun = asyncio.get_running_loop().time()
        found = await answer_to(settings)
        assert asyncio.get_running_loop().time() - begun < 1.5
    assert {kind for _, _, kind in found} == {"host"}


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[int]:
    """A real coturn on 127.0.0.1; its port."""
    if not shutil.which("turnserver"):
        pytest.skip("coturn is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = tmp_path / "coturn.log"
    command = [
        "turnserver", "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}",
        "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=example.org", "--allow-loopback-peers",
        "--no-tls", "--no-dtls", "--no-cli", f"--log-file={log}", "--simple-log", f"--pidfile={tmp_path}/pid",
        f"--userdb={tmp_path}/db",
    ]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, log.read_text(errors="replace")
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.usefixtures("only_loopback")
async def test_a_talk_through_relays_only(relay: int, transport: str) -> None:
    settings = IceSettings(turn_urls=(f"turn:127.0.0.1:{relay}?transport={transport}",), turn_secret=SECRET)
    async with linked(ice=settings) as link, noticing(link) as notices, playing(link, speaking()):
        [server] = settings.browser_servers("visitor-1", link._clock.wall())
        policy = RTCIceTransportPolicy.RELAY
        client = Client(
            connection=RTCPeerConnection(RTCConfiguration([RTCIceServer(**server)], iceTransportPolicy=policy))
        )
        offer = await client.offer()
        assert {kind for _, _, kind in candidates(offer)} == {"relay"}
        answer = await link.attach(Peer(user_type="END_USER", user_id="v", sdp=offer))
        assert {kind for _, _, kind in candidates(answer.sdp)} == {"host", "relay"}
        relayed = [line for line in answer.sdp.splitlines() if not line.startswith("a=candidate") or "relay" in line]
        await client.accept("\r\n".join(relayed) + "\r\n")
        await until(lambda: joined(notices) == ["v"] and client.pictures and len(client.sound) > 20)
        assert len((await anext(link.hear())).pcm) == 640
        await client.close()
