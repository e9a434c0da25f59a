"""The served OpenAPI document: FastAPI's own, with the bodies that `json_body` reads."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter


def takes(shape: Any, *, optional: bool = False) -> dict[str, Any]:
    """`openapi_extra` of an operation whose body is read by `json_body(shape)`."""
    schema = TypeAdapter(shape).json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": not optional, "content": {"application/json": {"schema": schema}}}}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` valid with such bodies: their definitions belong under components."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        components = document.setdefault("components", {}).setdefault("schemas", {})
        for operations in document["paths"].values():
            for operation in operations.values():
                schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
                components.update((schema or {}).pop("$defs", {}))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
