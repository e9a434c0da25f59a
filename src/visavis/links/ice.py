"""Interactive Connectivity Establishment (RFC 8445): which addresses, ports and relays media may use.

No server is asked for anything unless the settings name it. aiortc leaves three things open, so gathering is done
here, on the instance of its ICE agent: hosts where loopback is the only interface, a UDP port range, and an advertised
address.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import logging
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aioice import Candidate, Connection
from aioice import ice as aioice
from aioice.candidate import candidate_foundation, candidate_priority
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection

from visavis.core.errors import MediaRefused

log = logging.getLogger(__name__)

_RECEIVE_BUFFER = 262_144
_SERVER_WAIT = 2
"""Seconds a STUN or TURN server may take; then the answer goes out without its candidate."""
_LOCAL_PREFERENCE = 65_535


@dataclass(frozen=True, slots=True)
class IceSettings:
    advertised_address: str = ""
    """Public IP address of this box behind a 1:1 NAT; named as a host candidate beside the real ones."""
    udp_low: int = 0
    """First UDP port for media; 0 = the system chooses."""
    udp_high: int = 0
    """Last UDP port for media."""
    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = ""
    """Shared secret of timed credentials (coturn: use-auth-secret)."""
    turn_ttl: int = 7200
    """Seconds a timed credential is good for."""

    def __post_init__(self) -> None:
        """Raises ValueError for settings that can never work."""
        if self.advertised_address:
            ipaddress.ip_address(self.advertised_address)
        if not 0 <= self.udp_low <= self.udp_high <= 65_535 or (self.udp_high and not self.udp_low):
            raise ValueError(f"no UDP port range: {self.udp_low}-{self.udp_high}")

    def browser_servers(self, user_id: str, now: float) -> list[dict[str, Any]]:
        """RTCIceServer dictionaries for `RTCPeerConnection` in a browser, [] unless servers are set.

        The credential is coturn's "TURN REST API" (draft-uberti-behave-turn-rest-00): the user name is
        "expiry:user_id", the password the base64 HMAC-SHA1 of it. `now` in Unix seconds.
        """
        servers: list[dict[str, Any]] = []
        if self.stun_urls:
            servers.append({"urls": list(self.stun_urls)})
        if self.turn_urls and self.turn_secret:
            user = f"{int(now) + self.turn_ttl}:{user_id}"
            digest = hmac.new(self.turn_secret.encode(), user.encode(), hashlib.sha1).digest()
            credential = base64.b64encode(digest).decode()
            servers.append({"urls": list(self.turn_urls), "username": user, "credential": credential})
        return servers

    def configuration(self, now: float) -> RTCConfiguration:
        """For this side of a connection. Never None for the servers: aiortc would ask a public one."""
        return RTCConfiguration(iceServers=[RTCIceServer(**server) for server in self.browser_servers("server", now)])


def prepare(connection: RTCPeerConnection, settings: IceSettings) -> None:
    """Make the ICE agents of `connection` gather by `settings`.

    Call it when all media sections exist and before the local description is set: that is when gathering starts.
    """
    transports = [transceiver.receiver.transport for transceiver in connection.getTransceivers()]
    if connection.sctp is not None:
        transports.append(connection.sctp.transport)
    for agent in {transport.transport.iceGatherer._connection for transport in transports}:
        agent.gather_candidates = _Gathering(agent, settings)  # type: ignore[method-assign]


def agent_of(connection: RTCPeerConnection) -> Connection:
    """The ICE agent that carries the (bundled) connection."""
    for transceiver in connection.getTransceivers():
        return transceiver.receiver.transport.transport.iceGatherer._connection
    assert connection.sctp is not None
    return connection.sctp.transport.transport.iceGatherer._connection


def host_addresses() -> list[str]:
    """Addresses of this host's interfaces; loopback only where there is nothing else."""
    found: list[str] = aioice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    routable = [a for a in found if not ipaddress.ip_address(a).is_link_local]
    return routable or found or ["127.0.0.1"]


@dataclass(frozen=True, slots=True)
class _Gathering:
    """Replaces `Connection.gather_candidates` of one agent."""

    agent: Any
    settings: IceSettings

    async def __call__(self) -> None:
        agent = self.agent
        if agent._local_candidates_start:
            return
        agent._local_candidates_start = True
        protocols = []
        if agent._transport_policy is not aioice.TransportPolicy.RELAY:
            for rank, address in enumerate(host_addresses()):
                if protocol := await self._bind(address, rank):
                    protocols.append(protocol)
            if not protocols:
                raise MediaRefused(f"No free UDP port for media{self._range()}")
        agent._protocols += protocols
        agent._local_candidates += [c for protocol in protocols for c in self._named(protocol.local_candidate)]
        if agent.stun_server:
            agent._local_candidates += await self._reflexive(protocols)
        if agent.turn_server:
            # With no addresses this asks the TURN server and nothing else.
            relayed = await agent.get_component_candidates(1, [], timeout=_SERVER_WAIT)
            if not relayed:
                log.warning("the TURN server %s:%d gave no address", *agent.turn_server)
            agent._local_candidates += relayed
        agent._local_candidates_end = True

    def _range(self) -> str:
        return f": all of {self.settings.udp_low}-{self.settings.udp_high} are taken" if self.settings.udp_low else ""

    async def _bind(self, address: str, rank: int) -> Any:
        loop = asyncio.get_running_loop()
        for port in self._ports():
            try:
                transport, protocol = await loop.create_datagram_endpoint(
                    lambda: aioice.StunProtocol(self.agent), local_addr=(address, port)
                )
            except OSError as error:
                log.debug("%s port %d can't be bound: %s", address, port, error)
                continue
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            host, bound = transport.get_extra_info("sockname")[:2]
            protocol.local_candidate = _candidate(host, bound, rank)
            return protocol
        return None

    def _ports(self) -> Iterator[int]:
        if not self.settings.udp_low:
            yield 0
            return
        span = self.settings.udp_high - self.settings.udp_low + 1
        first = random.randrange(span)
        for step in range(span):
            yield self.settings.udp_low + (first + step) % span

    def _named(self, real: Candidate) -> Iterator[Candidate]:
        """How a socket is told to the peer. The advertised address comes first: most peers are outside."""
        public = self.settings.advertised_address
        version = ipaddress.ip_address(real.host).version
        if public and public != real.host and ipaddress.ip_address(public).version == version:
            yield _candidate(public, real.port, -1)
        yield real

    async def _reflexive(self, protocols: list[Any]) -> list[Candidate]:
        """Ask the STUN server from every IPv4 socket at once."""
        tasks = [
            asyncio.create_task(aioice.server_reflexive_candidate(protocol, self.agent.stun_server))
            for protocol in protocols
            if ipaddress.ip_address(protocol.local_candidate.host).version == 4
        ]
        if not tasks:
            return []
        done, pending = await asyncio.wait(tasks, timeout=_SERVER_WAIT)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        good = [task.result()[0] for task in done if task.exception() is None]
        if not good:
            log.warning("the STUN server %s:%d did not answer", *self.agent.stun_server)
        return good


def _candidate(host: str, port: int, rank: int) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=1,
        transport="udp",
        priority=candidate_priority(1, "host", _LOCAL_PREFERENCE - 1 - rank),
        host=host,
        port=port,
        type="host",
    )
