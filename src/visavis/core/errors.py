"""The error tree. `rest.errors` maps every class to an HTTP status.

VisavisError
├── InvalidParameter             a field is missing, malformed or out of range
│   ├── RoomUnknown              also: another project's room
│   ├── RobotUnknown             also: another project's application
│   ├── JobUnknown               also: over already
│   ├── AssetUnknown
│   ├── RoomNameTaken
│   ├── RobotNameTaken
│   ├── RoomBusy                 the room still has a running task
│   └── RobotMissing             the room has no application to answer with
├── Unauthorized                 no credential, or a wrong one
├── Forbidden                    a good credential for something else
├── NotFound                     no such operation
├── MethodNotAllowed
├── Throttled                    too many requests; try later
├── QuotaExceeded
│   ├── RoomConcurrencyExceeded  the room runs as many tasks as it may
│   ├── RoomQuotaMissing         the room was given no concurrency at all
│   └── BoxFull                  this installation can't carry one more talk
├── EntryRefused                 the signed room entry is not valid
│   ├── EntryExpired
│   └── EntryForged
├── MediaRefused                 an SDP offer we can't answer
├── ProviderFailed               a recogniser, brain or voice failed (the reply ends, the talk goes on)
│   ├── ProviderTimeout
│   ├── ProviderUnavailable      model or account missing
│   └── LanguageUnsupported
├── TalkFailed                   ends the job with FAILED
│   ├── NobodyJoined
│   ├── WorkerLost               the process that ran the talk died or stopped reporting
│   └── AvatarFailed
└── InternalError
"""

from __future__ import annotations


class VisavisError(Exception):
    """Base class. `code` is the contract's error code, `retry` says whether trying again may help.

    The message for people defaults to the class's docstring.
    """

    code = "MSS.00000004"
    retry = False

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip().split("\n")[0].rstrip(".")
        super().__init__(self.message)


class InvalidParameter(VisavisError):
    """Invalid parameter"""

    code = "MSS.00000003"


class RoomUnknown(InvalidParameter):
    """The room does not exist"""

    code = "MSS.20010045"


class RobotUnknown(InvalidParameter):
    """The application does not exist"""

    code = "MSS.47010034"


class JobUnknown(InvalidParameter):
    """The task does not exist or is already over"""

    code = "MSS.20010074"


class AssetUnknown(InvalidParameter):
    """The asset does not exist"""

    code = "MSS.20010047"


class RoomNameTaken(InvalidParameter):
    """The room name is already used"""

    code = "MSS.20010148"


class RobotNameTaken(InvalidParameter):
    """The application name is already used"""

    code = "MSS.47010033"


class RoomBusy(InvalidParameter):
    """A task is still running in this room"""

    code = "MSS.20010046"


class RobotMissing(InvalidParameter):
    """The room has no application: set its robot_id, or start the task with one"""

    code = "MSS.47010034"


class Unauthorized(VisavisError):
    """Unauthorized"""

    code = "MSS.00000001"


class Forbidden(VisavisError):
    """This credential is for another project"""

    code = "MSS.47010009"


class NotFound(VisavisError):
    """The API does not exist"""

    code = "APIGW.0101"


class MethodNotAllowed(VisavisError):
    """The API does not have this method"""

    code = "APIGW.0101"


class Throttled(VisavisError):
    """Too many requests: try again in a moment"""

    code = "APIGW.0308"
    retry = True


class QuotaExceeded(VisavisError):
    """No quota left"""

    code = "MSS.20010075"
    retry = True


class RoomConcurrencyExceeded(QuotaExceeded):
    """Running tasks exceed the room's concurrency"""

    code = "MSS.20010135"


class RoomQuotaMissing(QuotaExceeded):
    """The room has no concurrency: set it before starting a task"""

    code = "MSS.20010075"
    retry = False


class BoxFull(QuotaExceeded):
    """Dialog resources are full: this installation can't carry one more talk at full quality"""

    code = "MSS.20010089"


class EntryRefused(VisavisError):
    """The room entry is not valid"""

    code = "90100031"


class EntryExpired(EntryRefused):
    """The room entry's signature has expired: start a new task"""

    code = "90100030"


class EntryForged(EntryRefused):
    """The room entry's signature is not valid"""

    code = "90100031"


class MediaRefused(VisavisError):
    """The media offer can't be answered"""

    code = "90100023"


class ProviderFailed(VisavisError):
    """A provider failed"""

    code = "MSS.47010003"
    retry = True


class ProviderTimeout(ProviderFailed):
    """A provider did not answer in time"""

    code = "MSS.47010104"


class ProviderUnavailable(ProviderFailed):
    """A provider is not ready: its model or account is missing"""

    code = "MSS.47050002"
    retry = False


class LanguageUnsupported(ProviderFailed):
    """No recogniser or voice for this language here"""

    code = "MSS.47010143"
    retry = False


class TalkFailed(VisavisError):
    """The talk failed"""

    code = "47000001"


class NobodyJoined(TalkFailed):
    """Nobody joined the room in time"""

    code = "47000015"


class WorkerLost(TalkFailed):
    """The process that ran the talk died or stopped reporting"""

    code = "MSS.20010146"


class AvatarFailed(TalkFailed):
    """The avatar could not go on"""

    code = "47000001"


class InternalError(VisavisError):
    """Internal Error"""
