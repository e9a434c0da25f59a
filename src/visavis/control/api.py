"""The list of routers."""

from __future__ import annotations

from fastapi import APIRouter

from visavis.control.access import endpoints as access
from visavis.control.access.service import OpenRoomService
from visavis.control.iam import endpoints as iam
from visavis.control.iam.service import IamService
from visavis.control.jobs import endpoints as jobs
from visavis.control.jobs.service import JobService
from visavis.control.robots import endpoints as robots
from visavis.control.robots.service import RobotService
from visavis.control.rooms import endpoints as rooms
from visavis.control.rooms.service import RoomService

Routers = list[APIRouter]


def routers(
    iam_service: IamService,
    robot_service: RobotService,
    room_service: RoomService,
    job_service: JobService,
    open_room: OpenRoomService,
) -> Routers:
    """One per resource, to be mounted as they are."""
    return [
        iam.router(iam_service),
        robots.router(robot_service),
        rooms.router(room_service),
        jobs.router(job_service),
        access.router(open_room),
    ]
