"""From the installation's settings to what links need to know of the network."""

from __future__ import annotations

from visavis.links.ice import IceSettings
from visavis.settings import Settings


def ice_settings(settings: Settings) -> IceSettings:
    low, _, high = settings.udp_ports.partition("-")
    return IceSettings(
        advertised_address=settings.advertised_address,
        udp_low=int(low or 0),
        udp_high=int(high or 0),
        stun_urls=settings.stun_urls,
        turn_urls=settings.turn_urls,
        turn_secret=settings.turn_secret,
        turn_ttl=settings.turn_ttl,
    )
