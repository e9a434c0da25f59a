"""Operations on dialogs: ListSmartChatRooms of the seeds, and create, show, update, delete of the SDK."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from visavis.control.rooms.repository import RoomFilter
from visavis.control.rooms.schemas import CreateRoom, RoomCreated, RoomInfo, RoomList, UpdateRoom
from visavis.control.rooms.service import RoomService
from visavis.rest.answers import Answer, unix
from visavis.rest.bodies import json_body
from visavis.rest.door import CanRead, CanWrite
from visavis.rest.fields import Limit, Offset, PathId, Words
from visavis.rest.openapi import takes


def router(rooms: RoomService) -> APIRouter:
    routes = APIRouter(prefix="/v1/{project_id}/smart-chat-rooms", tags=["rooms"])

    @routes.get("", response_model=RoomList)
    async def list_rooms(
        caller: CanRead,
        offset: Offset = 0,
        limit: Limit = 10,
        room_name: Words = None,
        model_name: Words = None,
        start_time: Words = None,
        end_time: Words = None,
    ) -> Answer:
        """ListSmartChatRooms."""
        wanted = RoomFilter(room_name, model_name, unix(start_time, "start_time"), unix(end_time, "end_time"))
        return Answer(await rooms.page(caller.project_id, offset, limit, wanted))

    @routes.post("", response_model=RoomCreated, openapi_extra=takes(CreateRoom))
    async def create_room(caller: CanWrite, body: Annotated[CreateRoom, json_body(CreateRoom)]) -> Answer:
        """CreateSmartChatRoom."""
        return Answer({"room_id": await rooms.create(caller.project_id, body)})

    @routes.get("/{room_id}", response_model=RoomInfo)
    async def show_room(caller: CanRead, room_id: PathId) -> Answer:
        """ShowSmartChatRoom."""
        return Answer(await rooms.show(caller.project_id, room_id))

    @routes.put("/{room_id}", response_model=RoomInfo, openapi_extra=takes(UpdateRoom))
    async def update_room(
        caller: CanWrite, room_id: PathId, body: Annotated[UpdateRoom, json_body(UpdateRoom)]
    ) -> Answer:
        """UpdateSmartChatRoom."""
        return Answer(await rooms.update(caller.project_id, room_id, body))

    @routes.delete("/{room_id}")
    async def delete_room(caller: CanWrite, room_id: PathId) -> Response:
        """DeleteSmartChatRoom."""
        await rooms.delete(caller.project_id, room_id)
        return Response()

    return routes
