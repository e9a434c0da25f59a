"""The page's way in. Both operations are public and answer 403 where the open room is switched off."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from visavis.control.access.schemas import OpenRoom, OpenStarted, StartOpen
from visavis.control.access.service import OpenRoomService
from visavis.control.rooms.schemas import Language
from visavis.rest.answers import Answer
from visavis.rest.bodies import json_body
from visavis.rest.openapi import takes


def router(access: OpenRoomService) -> APIRouter:
    routes = APIRouter(prefix="/v1/open-room", tags=["open room"])

    @routes.get("", response_model=OpenRoom)
    async def show_open_room(language: Language | None = None) -> Answer:
        """Is the demo room free, and what may one ask there?"""
        return Answer(await access.show(language))

    @routes.post("/jobs", status_code=202, response_model=OpenStarted, openapi_extra=takes(StartOpen, optional=True))
    async def start_open_job(body: Annotated[StartOpen, json_body(StartOpen, optional=True)]) -> Answer:
        """Start a task in the demo room, without a credential."""
        return Answer(await access.start(body), 202)

    return routes
