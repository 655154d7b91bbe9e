"""Stamping what goes out and correlating what comes back. No I/O, no clock of its own.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix: the requesting Member State makes the
workflow identifier, every message has a technical identifier of its own, `timeoutValue` is the hub's.
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
from movehub.protocol.workflow import BROADCAST, HEARTBEAT, HUB, answer_to, workflow_of
from movehub.records.values import Uuid, is_xml

B = TypeVar("B", bound=Body)

#: How much of a message that failed an ErrorNotification repeats, in bytes.
LONGEST_ORIGINAL = 64 * 1024

#: Stands in an ErrorNotification about a message whose business case could not be read: the field is
#: mandatory, and to leave the sender without a word would be worse.
UNKNOWN_CASE = "unknown"


def utc_now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One side of the conversation: a Member State's code (or `EU`) and the edition it speaks."""

    code: str
    edition: Edition
    now: Callable[[], datetime] = utc_now
    new_id: Callable[[], Uuid] = Uuid.new

    def __post_init__(self) -> None:
        if not _is_code(self.code):
            raise InvalidConfiguration("the own Member State code must be two capital letters")
        if not isinstance(self.edition, Edition):
            raise InvalidConfiguration("the edition must be an Edition, such as ERRU_3_5 or TACHONET_3_0")

    def request(self, body: B, to: str, *, test_id: str | None = None) -> Message[B]:
        """Open a workflow. `to` is a Member State's code, or `ZZ` to ask all of them where the law has it.

        `EL` and `GB` are understood and go out as `GR` and `UK`, the codes that the hub speaks.

        Raises InvalidOutgoing where that receiver cannot be asked this.
        """
        to = sent_as(to)
        workflow = workflow_of(body.root)
        name = str(workflow or body.root)
        if workflow is None or workflow.opening != body.root:
            raise InvalidOutgoing("this body does not open a workflow", workflow=name)
        if to == BROADCAST and not workflow.broadcast:
            raise InvalidOutgoing("this workflow asks one Member State, never all", workflow=name)
        if to == self.code:
            raise InvalidOutgoing("a Member State does not ask itself", workflow=name)
        if getattr(body, "request_purpose", None) == HEARTBEAT and self.code != HUB:
            raise InvalidOutgoing("a heartbeat is the hub's alone to send", workflow=name)
        if to == HUB or not _is_code(to):
            raise InvalidOutgoing(
                "the receiver must be a Member State's two-letter code or ZZ", workflow=name
            )
        return Message(header=self._header(self.new_id(), to, test_id), body=body)

    def answer(self, request: Message[Any], body: B, *, to: str | None = None) -> Message[B]:
        """Answer a message. `to` is the requester unless national practice wants `EU` there."""
        asked = request.header
        receiver = sent_as(to or asked.from_)
        return Message(header=self._header(asked.workflow_id, receiver, asked.test_id), body=body)

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

    def check_answer(self, request: Message[Any], answer: Message[Any]) -> None:
        """Make sure that an answer belongs to a request.

        Raises ErrorNotified where it is an ErrorNotification to us or the hub, of the hub or the state asked;
        NotCorrelated where it belongs elsewhere.
        """
        name = str(workflow_of(request.body.root))
        if isinstance(answer.body, ErrorNotification):
            # A state addresses its errors to the hub, and if that readdresses them is not public.
            self._check_way(request.header, answer.header, name, {self.code, HUB})
            raise ErrorNotified(answer.body, workflow=name)
        if answer.header.workflow_id != request.header.workflow_id:
            raise NotCorrelated("the workflow identifier is another one", workflow=name)
        if answer.body.root != answer_to(request.body.root):
            raise NotCorrelated("this kind of message does not answer the request", workflow=name)
        if answer.header.version != request.header.version:
            raise NotCorrelated("the answer is in another edition", workflow=name)
        self._check_way(request.header, answer.header, name, {self.code})
        if answer.body.repeated() != request.body.repeated():
            raise NotCorrelated("the answer does not repeat the case and the search asked for", workflow=name)
        if not _speaks_for_the_asked(request.header, answer.body):
            raise NotCorrelated("the rows are not those of the states asked", workflow=name)

    def _check_way(self, asked: Header, answer: Header, name: str, to: set[str]) -> None:
        if sent_as(answer.to) not in to:
            raise NotCorrelated("the answer is addressed to somebody else", workflow=name)
        if sent_as(answer.from_) not in {HUB, asked.to} - {BROADCAST}:
            raise NotCorrelated("the answer is from somebody who was not asked", workflow=name)

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
    """Whether an answer with a row a state has the row of the one asked, or each other state's once."""
    rows = getattr(answer, "member_states", None)
    if rows is None:
        return True
    codes = [sent_as(row.member_state_code) for row in rows]
    if asked.to != BROADCAST:
        return codes == [asked.to]
    return len(codes) == len(set(codes)) and not {asked.from_, HUB, BROADCAST} & set(codes)


def _quoted(original: bytes) -> str:
    """Return a message as text that an ErrorNotification can hold: cut, and without what XML forbids.

    Escaped it can be five times as long, and an error that is too large to be sent helps nobody.
    """
    text = original[:LONGEST_ORIGINAL].decode("utf-8", "replace")
    return "".join(letter if is_xml(letter) else "\ufffd" for letter in text)


def _is_code(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()
