"""The control plane put together: what the composition root builds, mounts and drives."""

from __future__ import annotations

from dataclasses import dataclass

from visavis.control.access.service import IceServers, OpenRoomService
from visavis.control.api import Routers, routers
from visavis.control.assets.service import AssetService
from visavis.control.first_start import FirstStart
from visavis.control.iam.authenticator import IamAuthenticator
from visavis.control.iam.installation import Installation
from visavis.control.iam.sealing import Sealer
from visavis.control.iam.service import IamService
from visavis.control.jobs.ports import Box, Talks, Terms, Wake
from visavis.control.jobs.service import JobService
from visavis.control.leases.ledger import JobLedger
from visavis.control.robots.service import RobotService
from visavis.control.rooms.service import RoomService
from visavis.core.jobs import Limits
from visavis.rest.door import Authenticator
from visavis.settings import Settings
from visavis.store import Database

KEY_FILE = "secret.key"
"""In the data folder: what secrets in the database are sealed with. Losing it loses them."""


@dataclass(frozen=True, slots=True)
class ControlPlane:
    routers: Routers
    """Include each in the application."""
    authenticator: Authenticator
    """For `rest.manners.install`."""
    ledger: JobLedger
    """For the dispatcher: claim, renew, record, reap, lost."""
    installation: Installation
    """`await installation.rtc()`: app id and key that room entries are verified with."""
    first_start: FirstStart
    """`await first_start.run()` once the schema is there, before serving."""


def sealer_of(settings: Settings) -> Sealer:
    """The installation's own key file; made when missing."""
    return Sealer.of_file(settings.data / KEY_FILE)


def build(
    db: Database,
    settings: Settings,
    *,
    box: Box,
    talks: Talks,
    ice_servers: IceServers = lambda: (),
    wake: Wake = lambda: None,
) -> ControlPlane:
    """Wire all resources to a database whose schema is up to date (store.migrate)."""
    sealer = sealer_of(settings)
    installation = Installation(db, sealer)
    iam = IamService(db, sealer, token_validity=settings.token_validity)
    assets = AssetService(db)
    robots = RobotService(db, sealer, mask_app_key=settings.mask_app_key)
    rooms = RoomService(db, assets, robots)
    terms = Terms(
        endpoint=settings.endpoint,
        limits=Limits(join=settings.join_timeout, grace=settings.grace_period),
        entry_validity=settings.entry_validity,
        force_hub=settings.force_hub,
    )
    jobs = JobService(db, sealer, assets, robots, installation, terms, box, talks, wake)
    open_room = OpenRoomService(
        db, installation, robots, jobs, box, ice_servers, settings.data / "blobs", is_open=settings.open_room
    )
    return ControlPlane(
        routers=routers(iam, robots, rooms, jobs, open_room),
        authenticator=IamAuthenticator(db, sealer, skew=settings.clock_skew),
        ledger=JobLedger(db, sealer),
        installation=installation,
        first_start=FirstStart(db, installation, iam, robots, rooms, settings.data, settings.endpoint),
    )
