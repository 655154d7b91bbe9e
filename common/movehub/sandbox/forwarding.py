"""How the hub asks the states behind it, all at once, and what it makes of each one's answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from movehub.codec.codec import Codec
from movehub.errors import InvalidOutgoing, MovehubError, NotCorrelated, NotSent, OutcomeUnknown
from movehub.http.transport import Transport
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.protocol.workflow import answer_to, workflow_of

_LOG = logging.getLogger(__name__)

TIMEOUT: Final = "Timeout"
NOT_AVAILABLE: Final = "NotAvailable"

#: What the hub says of itself. That an OK can mean "not forwarded" is known from test case NCR_11, that a
#: state may lack a workflow from NU_01 and NU_11; the words are the sandbox's own.
OLD_VERSION: Final = "The Member State still speaks version 2. The notification has not been forwarded."
NO_WORKFLOW: Final = "The Member State does not take part in this workflow."
NOT_TRANSLATED: Final = "The Member State's answer cannot be put into the edition of the request."


@dataclass(frozen=True, slots=True)
class Profile:
    """What a state can do. By default it speaks the newest edition and takes part in everything."""

    #: The edition that it speaks, where it is not the newest.
    edition: str | None = None
    speaks_version_2: bool = False
    #: Workflows that it does not take part in, such as `NU`.
    lacks: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Silence:
    """The hub's word in the place of a state's answer."""

    status: str
    message: str | None = None


class Forwarder:
    """Asks states in parallel. `patience` is how long it waits for them, in seconds."""

    def __init__(
        self,
        codec: Codec,
        states: Mapping[str, Transport],
        profiles: Mapping[str, Profile],
        patience: float,
    ) -> None:
        self._codec = codec
        self._states = states
        self._profiles = profiles
        self._patience = patience
        self._threads = ThreadPoolExecutor(max_workers=4 * max(1, len(states)), thread_name_prefix="hub")

    def close(self) -> None:
        """Let go of the threads; whoever is still waiting for a state is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def profile(self, code: str) -> Profile:
        """Return what a state can do."""
        return self._profiles.get(code, Profile())

    def ask(
        self, exchange: Exchange, request: Message[Any], codes: Sequence[str], until: datetime
    ) -> dict[str, Any]:
        """Return each state's answer (its message), or a `Silence`."""
        futures: dict[str, Future[Any]] = {
            code: self._threads.submit(self._ask_one, exchange, request, code, until) for code in codes
        }
        wait(futures.values(), timeout=self._patience)
        return {code: _result(code, future) for code, future in futures.items()}

    def _ask_one(self, exchange: Exchange, request: Message[Any], code: str, until: datetime) -> Any:
        profile = self.profile(code)
        workflow = workflow_of(request.body.root)
        if workflow is not None and workflow.abbreviation in profile.lacks:
            return Silence(NOT_AVAILABLE, NO_WORKFLOW)
        if profile.speaks_version_2:
            notified = hasattr(request.body, "acknowledge")
            return Silence("OK" if notified else NOT_AVAILABLE, OLD_VERSION)
        header = replace(
            request.header,
            version=profile.edition or request.header.version,
            technical_id=exchange.new_id(),
            sent_at=exchange.now(),
            timeout_value=until,
            to=code,
        )
        forwarded = replace(request, header=header)
        answer = self._codec.decode(self._states[code].post(self._codec.write(forwarded)))
        _check(code, forwarded, answer)
        return self._translated(answer, request)

    def _translated(self, answer: Message[Any], request: Message[Any]) -> Message[Any] | Silence:
        """Put an answer into the edition of the request, where that can be done without inventing data."""
        version = request.header.version
        if answer.header.version == version:
            return answer
        turned = replace(answer, header=replace(answer.header, version=version))
        try:
            self._codec.write(turned)
        except InvalidOutgoing:
            return Silence(NOT_AVAILABLE, NOT_TRANSLATED)
        return turned


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
    """Raise NotCorrelated where an answer is not to the request: the state then counts as not available."""
    if (
        answer.header.workflow_id != forwarded.header.workflow_id
        or answer.header.from_ != code
        or answer.body.root != answer_to(forwarded.body.root)
        or answer.body.repeated() != forwarded.body.repeated()
    ):
        raise NotCorrelated("the state's answer is not to the request")
    rows = getattr(answer.body, "member_states", None)
    if rows is not None and [row.member_state_code for row in rows] != [code]:
        raise NotCorrelated("the state does not answer with one row, its own")
    spoken = rows[0] if rows is not None else answer.body
    if spoken.status_code in {TIMEOUT, NOT_AVAILABLE}:
        raise NotCorrelated("the state used a status that is the hub's alone")
