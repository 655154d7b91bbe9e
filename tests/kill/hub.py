"""The hub of a run: it keeps every byte that it is given, and has troubles of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from errno import ECONNABORTED
from http import HTTPStatus
from queue import SimpleQueue
from threading import Lock
from typing import Any, Final

from movehub.http.endpoint import StartResponse
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import ErrorNotification, Message
from movehub.protocol.workflow import answer_to
from movehub.responder import Responder

import erru_client as erru
import tachonet_client as tachonet

from .registers import Cards, Undertakings
from .traffic import CODECS, Document, document, later_response


class Trouble(Enum):
    """What happens to one delivery."""

    NONE = "taken"
    AT_ONCE = "taken, and answered on the same connection"
    BUSY = "503, and not taken"
    TOO_FAST = "429, and not taken"
    STUMBLED = "500, and taken all the same"
    TORN = "taken, and the connection ends within the reply"


#: The troubles of the first deliveries of each kind of message; those that follow have none.
TROUBLES: Final[dict[str, tuple[Trouble, ...]]] = {
    "CheckGoodRepute_Request": (Trouble.AT_ONCE,),
    "NotifyUnfitness_Request": (Trouble.NONE, Trouble.TORN),
    "CheckIssuedCards_Request": (Trouble.TOO_FAST,),
    "CheckTransportUndertakingData_Request": (Trouble.STUMBLED,),
    "NotifyCheckResult_Acknowledgement": (Trouble.BUSY, Trouble.TORN),
    "ModifyCardStatus_Acknowledgement": (Trouble.STUMBLED,),
    "CheckGoodRepute_Response": (Trouble.TORN,),
    "ErrorNotification": (Trouble.BUSY,),
}
_NOT_TAKEN: Final = {
    Trouble.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Trouble.TOO_FAST: HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery that came whole."""

    message: Message[Any]
    data: bytes
    taken: bool


def denmark() -> dict[str, Responder]:
    """Return what answers the node's own requests, without an effect anywhere."""

    def nothing(message: object, what: str) -> None:
        pass

    return {
        "erru": erru.responder(Undertakings(nothing), "DK", "Færdselsstyrelsen"),
        "tachonet": tachonet.responder(Cards(nothing), "DK", "Færdselsstyrelsen"),  # type: ignore[arg-type]
    }


def _response_of_denmark(notification: Message[Any]) -> Document:
    denmark = Exchange("DK", erru.ERRU_3_5)
    return document(
        "response of Denmark", "erru", denmark.answer(notification, later_response(notification), to="FI")
    )


class Hub:
    """A WSGI application. `begin` makes it new; what it wants to tell the node is in `to_send`."""

    def __init__(self) -> None:
        self._denmark = denmark()
        self._lock = Lock()
        self.begin()

    def begin(self) -> None:
        """Forget everything."""
        with self._lock:
            self.arrivals: list[Arrival] = []
            self.to_send: SimpleQueue[Document] = SimpleQueue()
            self._attempts: Counter[str] = Counter()
            self._answers: defaultdict[str, bytes] = defaultdict(bytes)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        """Take in one delivery."""
        system = environ["PATH_INFO"].strip("/")
        length = int(environ["CONTENT_LENGTH"])
        try:
            data: bytes = environ["wsgi.input"].read(length)
        except OSError:
            data = b""
        if len(data) < length:  # whoever wrote it is dead
            start_response("400 Bad Request", [("Content-Length", "0")])
            return
        trouble, answer = self._arrived(system, data)
        status = _NOT_TAKEN.get(trouble)
        if trouble is Trouble.STUMBLED:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        elif status is None:
            status = HTTPStatus.OK if answer else HTTPStatus.ACCEPTED
        torn = trouble is Trouble.TORN
        start_response(f"{status.value} {status.phrase}", [("Content-Length", str(len(answer) + 2 * torn))])
        yield answer + b" " * torn
        if torn:
            raise ConnectionAbortedError(ECONNABORTED, "")  # and the server closes, a byte before the end

    def _arrived(self, system: str, data: bytes) -> tuple[Trouble, bytes]:
        message = CODECS[system].decode(data)
        root = message.body.root
        with self._lock:
            attempt = self._attempts[root]
            self._attempts[root] += 1
            troubles = TROUBLES.get(root, ())
            trouble = troubles[attempt] if attempt < len(troubles) else Trouble.NONE
            taken = trouble not in _NOT_TAKEN
            self.arrivals.append(Arrival(message, data, taken))
        if not taken or isinstance(message.body, ErrorNotification) or answer_to(root) is None:
            return trouble, b""
        answer = self._answered(system, message, data)
        if root == "NotifyCheckResult_Request":
            self.to_send.put(_response_of_denmark(message))
        if trouble is Trouble.AT_ONCE:
            return trouble, answer
        if trouble is not Trouble.STUMBLED:
            self.to_send.put(
                Document(f"answer to {root}", system, answer, message=CODECS[system].decode(answer))
            )
        return trouble, b""

    def _answered(self, system: str, message: Message[Any], data: bytes) -> bytes:
        """Return the one answer to a request of the node's."""
        identifier = str(message.header.technical_id).lower()
        with self._lock:
            answer = self._answers[identifier] or self._denmark[system].handle(data)
            self._answers[identifier] = answer
        return answer
