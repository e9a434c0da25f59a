"""Operations on applications: ListRobot of the seeds, and create, show, update, delete of the SDK."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from visavis.control.robots.schemas import (
    CreateRobot,
    RobotCreated,
    RobotInfo,
    RobotList,
    RobotType,
    UpdateRobot,
)
from visavis.control.robots.service import RobotService
from visavis.rest.answers import Answer
from visavis.rest.bodies import json_body
from visavis.rest.door import CanRead, CanWrite
from visavis.rest.fields import Id, Limit, Offset, PathId, Words
from visavis.rest.openapi import takes

RobotIds = Annotated[list[Id], Field(max_length=100)]


def router(robots: RobotService) -> APIRouter:
    routes = APIRouter(prefix="/v1/{project_id}/digital-human-chat/robot", tags=["robots"])

    @routes.get("", response_model=RobotList)
    async def list_robots(
        caller: CanRead,
        offset: Offset = 0,
        limit: Limit = 10,
        room_id: Words = None,
        robot_type: RobotType | None = None,
    ) -> Answer:
        """ListRobot."""
        return Answer(await robots.page(caller.project_id, offset, limit, room_id, robot_type))

    @routes.post("", response_model=RobotCreated, openapi_extra=takes(CreateRobot))
    async def create_robot(caller: CanWrite, body: Annotated[CreateRobot, json_body(CreateRobot)]) -> Answer:
        """CreateRobot."""
        return Answer({"robot_id": await robots.create(caller.project_id, body)})

    @routes.post("/delete", openapi_extra=takes(RobotIds))
    async def delete_robots(caller: CanWrite, body: Annotated[list[str], json_body(RobotIds)]) -> Response:
        """DeleteRobot: all of the listed applications or none."""
        await robots.delete(caller.project_id, body)
        return Response()

    @routes.get("/{robot_id}", response_model=RobotInfo)
    async def show_robot(caller: CanRead, robot_id: PathId) -> Answer:
        """ShowRobot."""
        return Answer(await robots.show(caller.project_id, robot_id))

    @routes.put("/{robot_id}", openapi_extra=takes(UpdateRobot))
    async def update_robot(
        caller: CanWrite, robot_id: PathId, body: Annotated[UpdateRobot, json_body(UpdateRobot)]
    ) -> Response:
        """UpdateRobot."""
        await robots.update(caller.project_id, robot_id, body)
        return Response()

    return routes
