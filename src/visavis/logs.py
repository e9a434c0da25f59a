"""Logging set-up: ids of project, room, job and turn on every record; text for people or JSON by a switch."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ids: ContextVar[dict[str, str] | None] = ContextVar("visavis_log_ids", default=None)


@contextmanager
def ids(**values: str) -> Iterator[None]:
    """Records logged inside carry these ids (request, project, room, job, turn)."""
    token = _ids.set({**(_ids.get() or {}), **{k: v for k, v in values.items() if v}})
    try:
        yield
    finally:
        _ids.reset(token)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        tail = " ".join(f"{k}={v}" for k, v in (_ids.get() or {}).items())
        return f"{line}  [{tail}]" if tail else line


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        row: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **(_ids.get() or {}),
        }
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def set_up(level: str, as_json: bool) -> None:
    """Send all records to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else _Text("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("aioice", "aiortc", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
