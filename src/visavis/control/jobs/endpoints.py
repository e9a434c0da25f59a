"""Operations on tasks.

Two documented starts that are not the same (202 without an application, 200 with one), and the rest of the SDK's
operations under its long prefix; list, show and stop answer under the short prefix too (an extension).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from visavis.control.jobs import schemas as s
from visavis.control.jobs.service import JobService, Start, client_id_of
from visavis.rest.answers import Answer
from visavis.rest.bodies import json_body
from visavis.rest.door import CanRead, CanWrite
from visavis.rest.fields import Limit, Offset, PathId, Words
from visavis.rest.openapi import takes

_SHORT = "/v1/{project_id}/smart-chat-rooms/{room_id}/smart-chat-jobs"
_LONG = "/v1/{project_id}/digital-human-chat/smart-chat-rooms/{room_id}/smart-chat-jobs"


def router(jobs: JobService) -> APIRouter:
    routes = APIRouter(tags=["jobs"])

    @routes.post(
        _SHORT, status_code=202, response_model=s.Started, openapi_extra=takes(s.StartSmartChat, optional=True)
    )
    async def start_smart_chat(
        caller: CanWrite,
        room_id: PathId,
        body: Annotated[s.StartSmartChat, json_body(s.StartSmartChat, optional=True)],
    ) -> Answer:
        """StartSmartChat: with the room's own application."""
        ask = Start(
            region=body.region or "",
            room_type=body.room_type or "RTC",
            client_id=body.client_id or "",
            app_user_id=caller.app_user_id,
        )
        return Answer(await jobs.start(caller.project_id, room_id, ask), 202)

    @routes.post(_LONG, response_model=s.Started, openapi_extra=takes(s.StartSmartChatJob, optional=True))
    async def start_smart_chat_job(
        caller: CanWrite,
        room_id: PathId,
        robot_id: Annotated[str, Query(min_length=1, max_length=256)],
        body: Annotated[s.StartSmartChatJob, json_body(s.StartSmartChatJob, optional=True)],
    ) -> Answer:
        """StartSmartChatJob: with the application of the query."""
        extend = body.extend_param or ""
        ask = Start(
            robot_id=robot_id, client_id=client_id_of(extend), app_user_id=caller.app_user_id, extend_param=extend
        )
        return Answer(await jobs.start(caller.project_id, room_id, ask, seed=False))

    @routes.get(_LONG, response_model=s.JobList)
    @routes.get(_SHORT, response_model=s.JobList)
    async def list_jobs(
        caller: CanRead, room_id: PathId, state: Words = None, offset: Offset = 0, limit: Limit = 10
    ) -> Answer:
        """ListSmartChatJob."""
        return Answer(await jobs.page(caller.project_id, room_id, offset, limit, state))

    @routes.get(_LONG + "/{job_id}/state", response_model=s.JobInfo)
    @routes.get(_SHORT + "/{job_id}/state", response_model=s.JobInfo)
    async def show_job(caller: CanRead, room_id: PathId, job_id: PathId) -> Answer:
        """ShowSmartChatJob."""
        return Answer(await jobs.show(caller.project_id, room_id, job_id))

    @routes.post(_LONG + "/{job_id}/stop")
    @routes.post(_SHORT + "/{job_id}/stop")
    async def stop_job(caller: CanWrite, room_id: PathId, job_id: PathId) -> Response:
        """StopSmartChatJob."""
        await jobs.stop(caller.project_id, room_id, job_id)
        return Response()

    return routes
