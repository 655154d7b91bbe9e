"""Write the header of each message, and correlate each answer with its request. No I/O and no clock here.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix: the requesting Member State makes the workflow
identifier. Every message has its own technical identifier. Only the hub writes `timeoutValue`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from movehub.errors import ErrorNotified, InvalidConfiguration, InvalidOutgoing, NotCorrelated
from movehub.protocol.edition import Edition
from movehub.protocol.member_states import sent_as
from movehub.protocol.message import Body, ErrorNotification, ErrorStatus, Header, Message
from movehub.protocol.repetition import respelt_fields
from movehub.protocol.workflow import BROADCAST, HEARTBEAT, HUB, answer_to, workflow_of
from movehub.records.values import Uuid, is_xml

B = TypeVar("B", bound=Body)

#: The most bytes of a failed message that an ErrorNotification repeats.
LONGEST_ORIGINAL = 64 * 1024

#: The business case of an ErrorNotification, if the failed message's own could not be read. The field is
#: mandatory, and the sender needs the error.
UNKNOWN_CASE = "unknown"

_NOT_ABOUT_IT = "the answer is not about what the request is about"


def unchanged(message: Message[Any]) -> Message[Any]:
    """Return a message as it is."""
    return message


def utc_now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One participant: a Member State's code (or `EU`), and the edition that it speaks."""

    code: str
    edition: Edition
    now: Callable[[], datetime] = utc_now
    new_id: Callable[[], Uuid] = Uuid.new
    #: Called with every message in an edition from official schemas, also answers and errors. It may fill in
    #: extra fields (`with_extra`) that no caller and no register can fill, such as those of the header.
    complete: Callable[[Message[Any]], Message[Any]] = unchanged

    def __post_init__(self) -> None:
        if not _is_code(self.code):
            raise InvalidConfiguration("member_state must be two capital letters")
        if not isinstance(self.edition, Edition):
            raise InvalidConfiguration("the edition must be an Edition, such as ERRU_3_5 or TACHONET_3_0")

    def request(self, body: B, to: str, *, test_id: str | None = None) -> Message[B]:
        """Open a workflow. `to` is a Member State's code, or `ZZ` for all, if the law allows a broadcast.

        `EL` and `GB` are sent as `GR` and `UK`, the hub's codes.

        Raises InvalidOutgoing if this request cannot go to that receiver.
        """
        to = sent_as(to)
        workflow = workflow_of(body.root)
        name = str(workflow or body.root)
        if workflow is None or workflow.opening != body.root:
            raise InvalidOutgoing("this body does not open a workflow", workflow=name)
        if to == BROADCAST and not workflow.broadcast:
            raise InvalidOutgoing(
                "this workflow asks one Member State, never all: it cannot be sent to ZZ", workflow=name
            )
        if to == self.code:
            raise InvalidOutgoing("a Member State cannot ask itself", workflow=name)
        if getattr(body, "request_purpose", None) == HEARTBEAT and self.code != HUB:
            raise InvalidOutgoing("only the hub sends a heartbeat", workflow=name)
        if to == HUB or not _is_code(to):
            raise InvalidOutgoing(
                "the receiver must be a Member State's two-letter code or ZZ", workflow=name
            )
        return self._completed(Message(header=self._header(self.new_id(), to, test_id), body=body))

    def answer(self, request: Message[Any], body: B, *, to: str | None = None) -> Message[B]:
        """Answer a message. `to` is the requester, unless national practice requires `EU`.

        Raises InvalidOutgoing if the answer contradicts the message.
        """
        if body.contradicts(request.body):
            name = str(workflow_of(body.root) or body.root)
            raise InvalidOutgoing(_NOT_ABOUT_IT, workflow=name)
        asked = request.header
        receiver = sent_as(to or asked.from_)
        return self._completed(
            Message(header=self._header(asked.workflow_id, receiver, asked.test_id), body=body)
        )

    def error(
        self, failed: Message[Any], status: ErrorStatus, message: str, original: bytes, *, to: str = HUB
    ) -> Message[ErrorNotification]:
        """Report that a message could not be processed. `message` must be free of personal data."""
        body = ErrorNotification(
            business_case_id=getattr(failed.body, "business_case_id", UNKNOWN_CASE),
            status_code=status,
            status_message=message,
            original_message=_quoted(original),
        )
        return self.answer(failed, body, to=to)

    def check_answer(self, request: Message[Any], answer: Message[Any]) -> tuple[str, ...]:
        """Check that an answer belongs to a request, and return the fields that it respells.

        The answer may repeat the search in other letter case or with other blanks: see `respelt_fields`.

        Raises ErrorNotified for an ErrorNotification that comes from the hub or the state asked, to us or the
        hub. Raises NotCorrelated if the message does not belong to the request.
        """
        name = str(workflow_of(request.body.root))
        if isinstance(answer.body, ErrorNotification):
            # A state addresses its errors to the hub. Whether the hub then changes the address is not public.
            self._check_way(request.header, answer.header, name, {self.code, HUB})
            raise ErrorNotified(answer.body, workflow=name)
        if answer.header.workflow_id != request.header.workflow_id:
            raise NotCorrelated("the answer has another workflow identifier", workflow=name)
        if answer.body.root != answer_to(request.body.root):
            raise NotCorrelated("this type of message does not answer the request", workflow=name)
        if answer.header.version != request.header.version:
            raise NotCorrelated("the answer is in another edition", workflow=name)
        self._check_way(request.header, answer.header, name, {self.code})
        respelt = self._respelt(request, answer, name)
        if answer.body.contradicts(request.body):
            raise NotCorrelated(_NOT_ABOUT_IT, workflow=name)
        if not _speaks_for_the_asked(request.header, answer.body):
            raise NotCorrelated("the rows of the answer are not those of the states asked", workflow=name)
        return respelt

    def _respelt(self, request: Message[Any], answer: Message[Any], name: str) -> tuple[str, ...]:
        try:
            return respelt_fields(request.body, answer.body)
        except ValueError as error:
            reason = str(error)
        raise NotCorrelated(reason, workflow=name)

    def _check_way(self, asked: Header, answer: Header, name: str, to: set[str]) -> None:
        if sent_as(answer.to) not in to:
            raise NotCorrelated("the answer has another receiver", workflow=name)
        if sent_as(answer.from_) not in {HUB, asked.to} - {BROADCAST}:
            raise NotCorrelated("the answer comes from a sender that was not asked", workflow=name)

    def _completed(self, message: Message[B]) -> Message[B]:
        return message if self.edition.official is None else self.complete(message)

    def _header(self, workflow_id: Uuid, to: str, test_id: str | None) -> Header:
        return Header(
            version=self.edition.version,
            test_id=test_id,
            technical_id=self.new_id(),
            workflow_id=workflow_id,
            sent_at=self.now(),
            from_=self.code,
            to=to,
        )


def _speaks_for_the_asked(asked: Header, answer: Body) -> bool:
    """Return whether the rows are right: the state asked, or in a broadcast each other state once."""
    rows = getattr(answer, "member_states", None)
    if rows is None:
        return True
    codes = [sent_as(row.member_state_code) for row in rows]
    if asked.to != BROADCAST:
        return codes == [asked.to]
    return len(codes) == len(set(codes)) and not {asked.from_, HUB, BROADCAST} & set(codes)


def _quoted(original: bytes) -> str:
    """Return a message as text for an ErrorNotification: shortened, and without characters that XML forbids.

    Escaped, the text can be five times as long, and the ErrorNotification must not become too large to send.
    """
    text = original[:LONGEST_ORIGINAL].decode("utf-8", "replace")
    return "".join(letter if is_xml(letter) else "\ufffd" for letter in text)


def _is_code(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()
