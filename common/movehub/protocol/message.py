"""What every message of both systems is made of: a header, and a body that names its answer.

Regulation (EU) 2016/480, Annex III, appendix, and Regulation (EU) 2016/68, Annex III, appendix: the common
header is the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Generic, TypeVar

from movehub.records.personal import PersonalText
from movehub.records.record import record, wire
from movehub.records.values import Uuid

#: The largest document that is accepted by default, in bytes. The law states no limit.
DEFAULT_LIMIT: Final = 2 * 1024 * 1024


class Body:
    """The base of every message body; `root` is the name of the document's root element."""

    __slots__ = ()
    root: ClassVar[str] = ""

    def __init_subclass__(cls, root: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if root is not None:
            cls.root = root

    def repeated(self) -> tuple[object, ...]:
        """Return what a request and its answer must have alike: the case, and the search if any."""
        return getattr(self, "business_case_id", None), getattr(self, "originating_authority", None)


AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)
BodyT_co = TypeVar("BodyT_co", bound=Body, covariant=True)


class Request(Body, Generic[AnswerT_co]):
    """A body that is answered: `Request["CheckGoodReputeResponse"]` says by what."""

    __slots__ = ()


@record
class Header:
    """The common header. `exchange` writes it; no caller ever needs to."""

    version: str
    test_id: str | None = None
    #: Of this one message; has no business meaning.
    technical_id: Uuid
    #: Made by the requesting Member State, the same in every message of the workflow.
    workflow_id: Uuid
    sent_at: datetime
    #: When the hub stops waiting. Set by the hub alone, on requests that it forwards.
    timeout_value: datetime | None = None
    from_: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Generic[BodyT_co]):
    """One document: its header and its body."""

    header: Header
    body: BodyT_co


class ErrorStatus(StrEnum):
    """Why an ErrorNotification was sent (official in ERRU; taken over for TACHOnet by analogy)."""

    INVALID_FORMAT = "InvalidFormat"
    INVALID_DATA = "InvalidData"
    TIMEOUT = "Timeout"
    SERVER_ERROR = "ServerError"
    OTHER = "Other"
    RESPONSE_NOT_CORRELATED = "ResponseNotCorrelated"
    DUPLICATE_REQUEST = "DuplicateRequest"
    DUPLICATE_RESPONSE = "DuplicateResponse"


@record
class ErrorNotification(Body, root="ErrorNotification"):
    """The dedicated error message of Annex VI, 2.2. It is never answered, least of all with another."""

    business_case_id: str
    status_code: ErrorStatus
    status_message: PersonalText | None = None
    #: The message that failed, as text. It can name people, so it counts as personal.
    original_message: PersonalText = wire(text_element=True)
