"""The central hub, as far as the regulations and the Commission's test cases describe it.

It validates a message, adds the search keys and the time until which it waits, forwards it to the states
addressed, waits for all of them, and sends one consolidated answer. Regulation (EU) 2016/68, Annex I, 1.1
and Annex IV, 1; Regulation (EU) 2016/480, Annex I, 1.1. Where both are silent the choice is marked as
inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from movehub.codec.codec import Codec
from movehub.errors import HttpRefused, IllegalCharacter, TheirFault
from movehub.http.transport import LONGEST_WAIT, Transport
from movehub.names.search_keys import SearchKeyProvider
from movehub.names.transliteration import UntransliterableCharacter
from movehub.protocol.exchange import Exchange, utc_now
from movehub.protocol.message import ErrorNotification, ErrorStatus, Message
from movehub.protocol.rules import broken_rules
from movehub.protocol.workflow import BROADCAST, HUB, answer_to, workflow_of
from movehub.sandbox.forwarding import NO_WORKFLOW, Forwarder, Profile, Silence

#: The schema's limit of a search key; a longer one is left out, and the state makes its own.
_LONGEST_KEY: Final = 100


class Hub:
    """The hub of one system. `post` makes it a transport, `handle` puts it behind an `Endpoint`.

    `patience` is how long it waits for the states, in seconds, the law's 20 by default; `refuses` names the
    rules whose breach it answers with an ErrorNotification, although the schema accepts the message.
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
        self._patience = patience
        self._now = now
        self._refused = tuple(rule for rule in codec.rules if rule.id in refuses)
        self._forwarder = Forwarder(codec, states, profiles or {}, patience)

    def close(self) -> None:
        """Let go of the threads."""
        self._forwarder.close()

    def post(self, data: bytes) -> bytes:
        """Take a document as over HTTPS, in process. Raises HttpRefused for what cannot be read."""
        try:
            return self.handle(data)
        except TheirFault:
            raise HttpRefused(400) from None

    def handle(self, data: bytes) -> bytes:
        """Return the consolidated answer to a message. Raises TheirFault where it cannot be read."""
        request = self._codec.decode(data)
        if isinstance(request.body, ErrorNotification):
            return b""  # never answered, least of all with another
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
        """Check what the schema does not: inferred from the header's description in Annex III."""
        header, workflow = request.header, workflow_of(request.body.root)
        if workflow is None or answer_to(request.body.root) is None:
            return "The message is none that is answered"
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
        lacking = workflow.abbreviation in self._forwarder.profile(header.to).lacks
        return NO_WORKFLOW if lacking else None

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
        answers = self._forwarder.ask(exchange, request, asked, until)
        if hasattr(body, "answered_with"):
            return body.answered_with(*(_row(body, code, answer) for code, answer in answers.items()))
        return _single(body, answers[to])


def _row(body: Any, code: str, answer: Message[Any] | Silence) -> Any:
    if isinstance(answer, Silence):
        return body.unanswered(code, body.statuses(answer.status), answer.message)
    return answer.body.member_states[0]


def _single(body: Any, answer: Message[Any] | Silence) -> Any:
    if isinstance(answer, Silence):
        return body.unanswered(body.statuses(answer.status), answer.message)
    return answer.body
