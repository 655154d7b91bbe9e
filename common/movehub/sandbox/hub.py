"""The central hub, as far as the regulations describe it.

It validates a request, adds the search keys and the time until which it waits, forwards it to the states
addressed, waits for all of them, and sends one consolidated answer. Regulation (EU) 2016/68, Annex I, 1.1
and Annex IV, 1; Regulation (EU) 2016/480, Annex I, 1.1. Where the regulations are silent the choice is
marked as inferred.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from ..codec import Codec
from ..errors import (
    HttpRefused,
    IllegalCharacter,
    MovehubError,
    NotCorrelated,
    NotSent,
    OutcomeUnknown,
    TheirFault,
)
from ..exchange import Exchange, utc_now
from ..message import ErrorStatus, Message
from ..outcome import SearchStatus, StateRow
from ..search_keys import SearchKeyProvider, SearchKeys
from ..transliteration import UntransliterableCharacter
from ..transport import LONGEST_WAIT, Transport
from ..workflow import BROADCAST, HUB, answer_to, workflow_of

_LOG = logging.getLogger(__name__)


class Named(Protocol):
    """The name in a search, as far as the hub makes keys of it."""

    @property
    def family_name(self) -> str: ...  # noqa: D102
    @property
    def first_name(self) -> str | None: ...  # noqa: D102


class Search(Protocol):
    """What the hub needs of a request that it may forward to many."""

    @property
    def name_searched(self) -> Named | None: ...  # noqa: D102
    def with_search_keys(self, keys: SearchKeys) -> Search: ...  # noqa: D102
    def answered_with(self, *rows: Any) -> Any: ...  # noqa: D102
    def unanswered(self, member_state: str, status: SearchStatus) -> Any: ...  # noqa: D102


class Hub:
    """The hub of one system. `post` makes it a transport, `handle` puts it behind an `Endpoint`.

    `patience` is how long it waits for the states, in seconds; the law's 20 by default.
    """

    def __init__(
        self,
        codec: Codec,
        states: Mapping[str, Transport],
        keys: SearchKeyProvider,
        *,
        patience: float = LONGEST_WAIT,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._codec = codec
        self._states = states
        self._keys = keys
        self._patience = patience
        self._now = now
        self._threads = ThreadPoolExecutor(max_workers=4 * max(1, len(states)), thread_name_prefix="hub")

    def close(self) -> None:
        """Let go of the threads; whoever is still waiting for a state is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def post(self, data: bytes) -> bytes:
        """Take a document as over HTTPS, in process. Raises HttpRefused for what can not be read."""
        try:
            return self.handle(data)
        except TheirFault:
            raise HttpRefused(400) from None

    def handle(self, data: bytes) -> bytes:
        """Return the consolidated answer to a request. Raises TheirFault where it can not be read."""
        request = self._codec.decode(data)
        received = self._now()
        exchange = Exchange(HUB, self._codec.edition(request.header.version), self._now)
        refusal = self._refusal(request)
        if refusal is not None:
            return self._refuse(exchange, request, refusal, data)
        try:
            body = self._with_keys(request.body)
        except (UntransliterableCharacter, IllegalCharacter):
            return self._refuse(exchange, request, "A name can not be transliterated", data)
        rows = self._ask(exchange, replace(request, body=body), received)
        return self._codec.encode(exchange.answer(request, body.answered_with(*rows)))

    def _refuse(self, exchange: Exchange, request: Message[Any], why: str, data: bytes) -> bytes:
        sender = request.header.from_
        return self._codec.encode(exchange.error(request, ErrorStatus.INVALID_DATA, why, data, to=sender))

    def _refusal(self, request: Message[Any]) -> str | None:
        """Check what the schema does not: inferred from the header's description in Annex III."""
        header, workflow = request.header, workflow_of(request.body.root)
        if workflow is None or workflow.legs[0] != request.body.root:
            return "The message does not open a workflow"
        if header.timeout_value is not None:
            return "The timeout is set by the hub"
        if header.to == BROADCAST:
            return None if workflow.broadcast else "The workflow has no broadcast"
        if header.to == header.from_ or header.to not in self._states:
            return "The receiver can not be asked"
        return None

    def _with_keys(self, body: Search) -> Search:
        name = body.name_searched
        return (
            body
            if name is None
            else body.with_search_keys(self._keys.keys(name.family_name, name.first_name))
        )

    def _ask(self, exchange: Exchange, request: Message[Any], received: datetime) -> Sequence[Any]:
        """Forward a request, wait, and return one row a state, in the order of their codes."""
        until = received + timedelta(seconds=self._patience)
        asked = sorted(self._states) if request.header.to == BROADCAST else [request.header.to]
        asked = [code for code in asked if code != request.header.from_]
        futures: dict[str, Future[Any]] = {
            code: self._threads.submit(self._ask_one, exchange, request, code, until) for code in asked
        }
        wait(futures.values(), timeout=self._patience)
        return [self._row(request.body, code, future) for code, future in futures.items()]

    def _ask_one(self, exchange: Exchange, request: Message[Any], code: str, until: datetime) -> Any:
        header = replace(
            request.header,
            technical_id=exchange.new_id(),
            sent_at=exchange.now(),
            timeout_value=until,
            to=code,
        )
        forwarded = replace(request, header=header)
        answer = self._codec.decode(self._states[code].post(self._codec.encode(forwarded)))
        return _only_row(code, forwarded, answer)

    def _row(self, body: Search, code: str, future: Future[Any]) -> Any:
        if not future.done():
            return body.unanswered(code, SearchStatus.TIMEOUT)
        try:
            return future.result()
        except OutcomeUnknown:
            return body.unanswered(code, SearchStatus.TIMEOUT)
        except MovehubError as error:
            level = logging.INFO if isinstance(error, NotSent) else logging.WARNING
            _LOG.log(level, "%s gave no usable answer: %s", code, error)
            return body.unanswered(code, SearchStatus.NOT_AVAILABLE)


def _only_row(code: str, forwarded: Message[Any], answer: Message[Any]) -> StateRow:
    """Return the row of a state's answer. Raises NotCorrelated: the state then counts as not available."""
    rows: tuple[StateRow, ...] = getattr(answer.body, "member_states", ())
    belongs = (
        answer.header.workflow_id == forwarded.header.workflow_id
        and answer.header.from_ == code
        and answer.body.root == answer_to(forwarded.body.root)
        and answer.body.repeated() == forwarded.body.repeated()
    )
    if not belongs or len(rows) != 1 or rows[0].member_state_code != code:
        raise NotCorrelated("the state's answer is not to the request")
    row = rows[0]
    if row.status_code in {SearchStatus.TIMEOUT, SearchStatus.NOT_AVAILABLE}:
        raise NotCorrelated("the state used a status that is the hub's alone")
    return row
