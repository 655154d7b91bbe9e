"""The central hub, as far as the regulations and the Commission's test cases describe it.

The hub validates a message, adds the search keys and the time until which it waits, and forwards it to the
Member States addressed, all at once. It waits for all of them and sends one consolidated answer. Regulation
(EU) 2016/68, Annex I, 1.1 and Annex IV, 1; Regulation (EU) 2016/480, Annex I, 1.1. If both are silent, the
choice is marked as inferred.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from movehub.codec.codec import Codec
from movehub.errors import (
    HttpRefused,
    IllegalCharacter,
    InvalidOutgoing,
    MovehubError,
    NotCorrelated,
    NotSent,
    OutcomeUnknown,
    TheirFault,
)
from movehub.http.transport import LONGEST_WAIT, Transport
from movehub.names.search_keys import SearchKeyProvider
from movehub.names.transliteration import UntransliterableCharacter
from movehub.protocol.exchange import Exchange, utc_now
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.repetition import respelt_fields
from movehub.protocol.rules import broken_rules
from movehub.protocol.workflow import BROADCAST, HUB, answer_to, workflow_of
from movehub.sandbox import version_2
from movehub.sandbox.profiles import Profile

_LOG = logging.getLogger(__name__)

TIMEOUT: Final = "Timeout"
NOT_AVAILABLE: Final = "NotAvailable"

#: Test cases NU_01 and NU_11, with `NotifyUnfitness` in it.
NO_WORKFLOW: Final = "TO MemberState does not implement the {} workflow"
#: The wording is the sandbox's.
NOT_TRANSLATED: Final = "The Member State's answer cannot be put into the edition of the request."
#: The schema's limit of a search key; a longer one is left out, and the state makes its own.
_LONGEST_KEY: Final = 100


@dataclass(frozen=True, slots=True)
class Silence:
    """The hub's status in place of a state's answer."""

    status: str
    message: str | None = None


class Hub:
    """The hub of one system. `post` makes it a transport, `handle` puts it behind an `Endpoint`.

    `patience` is how many seconds it waits for the states: by default the law's 20. If a message breaks a
    rule in `refuses`, the hub answers with an ErrorNotification, although the schema accepts the message.
    """

    def __init__(
        self,
        codec: Codec,
        states: Mapping[str, Transport],
        keys: SearchKeyProvider,
        *,
        profiles: Mapping[str, Profile] | None = None,
        refuses: Collection[str] = (),
        patience: float = LONGEST_WAIT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._codec = codec
        self._states = states
        self._keys = keys
        self._profiles = profiles or {}
        self._patience = patience
        self._now = now
        self._refused = tuple(rule for rule in codec.rules if rule.id in refuses)
        self._threads = ThreadPoolExecutor(max_workers=4 * max(1, len(states)), thread_name_prefix="hub")

    def close(self) -> None:
        """Stop the threads. Calls to a state that are still running are abandoned."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def post(self, data: bytes) -> bytes:
        """Take a document in process, as over HTTPS. Raises HttpRefused if it cannot be read."""
        try:
            return self.handle(data)
        except TheirFault:
            raise HttpRefused(400) from None

    def handle(self, data: bytes) -> bytes:
        """Return the consolidated answer to a message. Raises TheirFault if it cannot be read."""
        request = self._codec.decode(data)
        if isinstance(request.body, ErrorNotification):
            return b""  # never answered: two sides could answer each other for ever
        received = self._now()
        exchange = Exchange(HUB, self._codec.edition(request.header.version), self._now)
        refusal, body = self._refusal(request), request.body
        try:
            body = self._with_keys(body)
        except (UntransliterableCharacter, IllegalCharacter):
            refusal = "A name cannot be transliterated"
        if refusal is not None:
            error = exchange.error(request, ErrorStatus.INVALID_DATA, refusal, data, to=request.header.from_)
            return self._codec.write(error)
        answer = self._answer(exchange, replace(request, body=body), received)
        return self._codec.write(exchange.answer(request, answer))

    def _refusal(self, request: Message[Any]) -> str | None:
        """Check what the schema cannot: inferred from the description of the header in Annex III."""
        header, workflow = request.header, workflow_of(request.body.root)
        if workflow is None or answer_to(request.body.root) is None:
            return "This message has no answer"
        if header.timeout_value is not None:
            return "The timeout is set by the hub"
        broken = broken_rules(self._refused, request)
        if broken:
            return broken[0].says[:1].upper() + broken[0].says[1:]
        if header.to == BROADCAST:
            opens = workflow.broadcast and workflow.opening == request.body.root
            return None if opens and self._states.keys() - {header.from_} else "There is nobody to ask"
        if header.to == header.from_ or header.to not in self._states:
            return "The receiver cannot be asked"
        takes_part = self._profile(header.to).takes_part_in(workflow.abbreviation)
        return None if takes_part else _no_workflow(request.body.root)

    def _with_keys(self, body: Any) -> Any:
        name = getattr(body, "name_searched", None)
        if name is None:
            return body
        keys = self._keys.keys(name.family_name, name.first_name)
        if max(len(keys.family_name), len(keys.first_name or "")) > _LONGEST_KEY:
            return body
        return body.with_search_keys(keys)

    def _answer(self, exchange: Exchange, request: Message[Any], received: datetime) -> Any:
        """Forward a message, wait, and return the body of the one answer to it."""
        until = received + timedelta(seconds=self._patience)
        to, body = request.header.to, request.body
        asked = sorted(self._states) if to == BROADCAST else [to]
        asked = [code for code in asked if code != request.header.from_]
        answers = self._ask(exchange, request, asked, until)
        if hasattr(body, "answered_with"):
            return body.answered_with(*(_row(body, code, answer) for code, answer in answers.items()))
        return _single(body, answers[to])

    def _profile(self, code: str) -> Profile:
        return self._profiles.get(code, Profile())

    def _ask(
        self, exchange: Exchange, request: Message[Any], codes: Sequence[str], until: datetime
    ) -> dict[str, Any]:
        """Return the answer message of each state, or a `Silence`."""
        futures: dict[str, Future[Any]] = {
            code: self._threads.submit(self._ask_one, exchange, request, code, until) for code in codes
        }
        wait(futures.values(), timeout=self._patience)
        return {code: _result(code, future) for code, future in futures.items()}

    def _ask_one(self, exchange: Exchange, request: Message[Any], code: str, until: datetime) -> Any:
        profile, workflow = self._profile(code), _abbreviation(request.body.root)
        if not profile.takes_part_in(workflow):
            return Silence(NOT_AVAILABLE, _no_workflow(request.body.root))
        if workflow in profile.down:
            return Silence(NOT_AVAILABLE)
        is_old = workflow in profile.version_2
        body = version_2.said(request.body) if is_old else request.body
        if body is None:
            if hasattr(request.body, "acknowledge"):
                return Silence("OK", version_2.NOT_FORWARDED)
            return Silence(NOT_AVAILABLE, version_2.NOT_ASKED)
        header = replace(
            request.header,
            version=profile.edition or request.header.version,
            technical_id=exchange.new_id(),
            sent_at=exchange.now(),
            timeout_value=until,
            to=code,
        )
        forwarded = Message(header=header, body=body)
        answer = self._codec.decode(self._states[code].post(self._codec.write(forwarded)))
        _check(code, forwarded, answer)
        if is_old:
            answer = replace(answer, body=version_2.answered(answer.body))
        return self._translated(answer, request)

    def _translated(self, answer: Message[Any], request: Message[Any]) -> Message[Any] | Silence:
        """Put an answer into the edition of the request, if that needs no invented data."""
        turned = replace(answer, header=replace(answer.header, version=request.header.version))
        try:
            self._codec.write(turned)
        except InvalidOutgoing:
            return Silence(NOT_AVAILABLE, NOT_TRANSLATED)
        return turned


def _abbreviation(root: str) -> str:
    workflow = workflow_of(root)
    return "" if workflow is None else workflow.abbreviation


def _no_workflow(root: str) -> str:
    return NO_WORKFLOW.format(root.partition("_")[0])


def _row(body: Any, code: str, answer: Message[Any] | Silence) -> Any:
    if isinstance(answer, Silence):
        return body.unanswered(code, body.statuses(answer.status), answer.message)
    return answer.body.member_states[0]


def _single(body: Any, answer: Message[Any] | Silence) -> Any:
    if isinstance(answer, Silence):
        return body.unanswered(body.statuses(answer.status), answer.message)
    return answer.body


def _result(code: str, future: Future[Any]) -> Any:
    if not future.done():
        return Silence(TIMEOUT)
    try:
        return future.result()
    except OutcomeUnknown:
        return Silence(TIMEOUT)
    except MovehubError as error:
        level = logging.INFO if isinstance(error, NotSent) else logging.WARNING
        _LOG.log(level, "%s gave no usable answer: %s", code, error)
        return Silence(NOT_AVAILABLE)
    except Exception as error:  # noqa: BLE001 - one state's transport must not spoil the others' answers
        _LOG.error("%s could not be asked: %s", code, type(error).__name__)
        return Silence(NOT_AVAILABLE)


def _check(code: str, forwarded: Message[Any], answer: Message[Any]) -> None:
    """Raise NotCorrelated if the answer does not match the request. The state is then NotAvailable.

    As a client does, it accepts a search in other letter case or with other blanks (inferred).
    """
    if (
        answer.header.workflow_id != forwarded.header.workflow_id
        or answer.header.from_ != code
        or answer.body.root != answer_to(forwarded.body.root)
    ):
        raise NotCorrelated("the state's answer is not to the request")
    try:
        respelt_fields(forwarded.body, answer.body)
    except ValueError:
        raise NotCorrelated("the state's answer is not to the request") from None
    rows = getattr(answer.body, "member_states", None)
    if rows is not None and [row.member_state_code for row in rows] != [code]:
        raise NotCorrelated("the state does not answer with one row, its own")
    spoken = rows[0] if rows is not None else answer.body
    if spoken.status_code in {TIMEOUT, NOT_AVAILABLE}:
        raise NotCorrelated("the state used a status that is the hub's alone")
