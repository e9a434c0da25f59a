"""From the error tree to HTTP: one table, and the two shapes of an error body."""

from __future__ import annotations

from typing import Final

from visavis.core import errors as e

STATUS: Final[dict[type[e.VisavisError], int]] = {
    e.VisavisError: 500,
    e.InvalidParameter: 400,
    e.RoomUnknown: 400,
    e.RobotUnknown: 400,
    e.JobUnknown: 400,
    e.AssetUnknown: 400,
    e.RoomNameTaken: 400,
    e.RobotNameTaken: 400,
    e.RoomBusy: 400,
    e.RobotMissing: 400,
    e.Unauthorized: 401,
    e.Forbidden: 403,
    e.NotFound: 404,
    e.MethodNotAllowed: 405,
    e.Throttled: 429,
    e.QuotaExceeded: 400,
    e.RoomConcurrencyExceeded: 400,
    e.RoomQuotaMissing: 400,
    e.BoxFull: 400,
    e.EntryRefused: 403,
    e.EntryExpired: 403,
    e.EntryForged: 403,
    e.MediaRefused: 400,
    e.ProviderFailed: 500,
    e.ProviderTimeout: 503,
    e.ProviderUnavailable: 503,
    e.LanguageUnsupported: 500,
    e.TalkFailed: 500,
    e.NobodyJoined: 500,
    e.WorkerLost: 503,
    e.AvatarFailed: 500,
    e.InternalError: 500,
}
"""Every class of `core.errors`, none inherited: whoever adds a class decides its status (a test sees to it).

The seed operations know 400, 401 and 500 only, so whatever a start can be refused with is a 400.
"""

_TITLES: Final = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


def status_of(error: e.VisavisError) -> int:
    """The nearest class in the table; a plugin's own subclass answers like its parent."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def message_of(error: e.VisavisError) -> str:
    """What the caller reads. A bad parameter always begins with the contract's own words."""
    if type(error) is e.InvalidParameter and not error.message.startswith("Invalid parameter"):
        return f"Invalid parameter: {error.message}"
    return error.message


def body_of(error: e.VisavisError, path: str) -> dict[str, object]:
    """`{"error_code", "error_msg"}`, or Keystone's nested form on the identity paths (/v3/...)."""
    if path.startswith("/v3/"):
        status = status_of(error)
        title = _TITLES.get(status, "Internal Server Error" if status >= 500 else "Error")
        return {"error": {"code": status, "message": message_of(error), "title": title}}
    return {"error_code": error.code, "error_msg": message_of(error)}
