"""Keystone-shaped paths that clients and SDKs need before they can call anything else."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request

from visavis.control.iam.schemas import DomainList, ProjectList, TokenAnswer, TokenRequest
from visavis.control.iam.service import IamService
from visavis.rest.answers import Answer
from visavis.rest.bodies import json_body
from visavis.rest.door import CanRead
from visavis.rest.fields import Words
from visavis.rest.openapi import takes


def router(iam: IamService) -> APIRouter:
    routes = APIRouter(prefix="/v3", tags=["iam"])

    @routes.post("/auth/tokens", status_code=201, response_model=TokenAnswer, openapi_extra=takes(TokenRequest))
    async def create_token(body: Annotated[TokenRequest, json_body(TokenRequest)]) -> Answer:
        """Password, token or AK/SK for a token, in the header X-Subject-Token. Public: the body is the credential."""
        text, answer = await iam.create_token(body.auth)
        return Answer(answer, 201, {"X-Subject-Token": text})

    @routes.get("/projects", response_model=ProjectList)
    async def list_projects(request: Request, caller: CanRead, name: Words = None) -> Answer:
        """Projects the credential is good for; how an SDK finds its project id."""
        return Answer(await iam.projects(caller, name, str(request.url.replace(query=""))))

    @routes.get("/auth/domains", response_model=DomainList)
    async def list_domains(request: Request, caller: CanRead) -> Answer:
        """The credential's domain."""
        return Answer(await iam.domains(caller, str(request.url.replace(query=""))))

    return routes
