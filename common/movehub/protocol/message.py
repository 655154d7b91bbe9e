"""The parts of every message in both systems: a header, and a body.

Regulation (EU) 2016/480, Annex III, appendix, and Regulation (EU) 2016/68, Annex III, appendix: the common
header is the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Generic, TypeVar

from movehub.records import PersonalText, Uuid, record, wire

#: The largest document that is accepted by default, in bytes. The law states no limit.
DEFAULT_LIMIT: Final = 2 * 1024 * 1024


class Body:
    """The base of every message body. `root` is the name of the document's root element."""

    __slots__ = ()
    root: ClassVar[str] = ""

    def __init_subclass__(cls, root: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if root is not None:
            cls.root = root

    def repeated(self) -> tuple[object, ...]:
        """Return the fields that an answer must repeat from its request: the case, and the search if any."""
        return getattr(self, "business_case_id", None), getattr(self, "originating_authority", None)

    def contradicts(self, request: Body) -> bool:  # noqa: ARG002 - some bodies have more to compare
        """Whether this body cannot be the answer to a request, or the later response to it."""
        return False


AnswerT_co = TypeVar("AnswerT_co", bound=Body, covariant=True)
BodyT_co = TypeVar("BodyT_co", bound=Body, covariant=True)


class Request(Body, Generic[AnswerT_co]):
    """A body that has an answer: `Request["CheckGoodReputeResponse"]` names the class of the answer."""

    __slots__ = ()


@record
class Header:
    """The common header. `Exchange` writes it for you."""

    version: str
    test_id: str | None = None
    #: The identifier of this one message. It has no business meaning.
    technical_id: Uuid
    #: The requesting Member State makes it. It is the same in every message of the workflow.
    workflow_id: Uuid
    sent_at: datetime
    #: The instant until which the hub waits. Only the hub sets it, on requests that it forwards.
    timeout_value: datetime | None = None
    from_: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Generic[BodyT_co]):
    """One document: its header and its body."""

    header: Header
    body: BodyT_co


class ErrorStatus(StrEnum):
    """The reason for an ErrorNotification (official in ERRU, and by analogy in TACHOnet)."""

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
    """The dedicated error message of Annex VI, 2.2. Never answer it: two sides could go on for ever."""

    business_case_id: str
    status_code: ErrorStatus
    status_message: PersonalText | None = None
    #: The message that failed, as text. It can contain names, so it is personal data.
    original_message: PersonalText = wire(text_element=True)
