"""Everything that can go wrong, in one tree.

The tree answers two questions: whose fault is it, and did the message leave?

::

    MovehubError
    ├── OurFault                     correct this system; nothing was sent
    │   ├── InvalidConfiguration     a setting is missing or wrong
    │   └── InvalidOutgoing          the message breaks the schema or the addressing rules
    ├── TheirFault                   the received document or request cannot be used
    │   ├── Unreadable               not XML that may be parsed
    │   │   ├── TooLarge
    │   │   ├── NotUtf8              Annex III, 1.2 of both regulations
    │   │   ├── ForbiddenDoctype
    │   │   └── Malformed
    │   ├── UnknownMessage           unknown namespace, edition or root element
    │   ├── InvalidIncoming          breaks the schema of its edition
    │   ├── NotCorrelated            an answer to another question
    │   ├── IdentifierReused         another document came with the same identifier before
    │   ├── PeerNotAllowed           a valid certificate whose subject is not allowed
    │   └── ErrorNotified            the hub answered with an ErrorNotification
    ├── RegisterFailed               the national register did not answer; this is not "not found"
    ├── StoreFailed                  the database did not write or read
    │   └── StoreNotOpened           the database cannot be opened
    ├── MessageNotFound              this database has no message with this identifier
    ├── LeaseLost                    another worker took over the work
    ├── AnswerPending                no answer yet; it may still come
    ├── SearchKeyServiceFailed       no search key was made; nothing of a message was sent
    │   └── IllegalCharacter         the service rejects a character of the name
    └── TransportError
        ├── NotSent                  the peer received nothing: you may send it again
        │   ├── HubUnreachable
        │   │   └── NoCommonTls
        │   ├── HubNotTrusted
        │   ├── CertificateRefused
        │   └── TurnNotReached       too many requests of your state wait for the law's rate
        ├── HttpRefused              the peer rejected it (4xx); do not repeat it unchanged
        │   └── TooManyRequests      you sent too fast (429)
        └── OutcomeUnknown           sent, with an unknown result: never repeat it blindly

An error never contains a value of a message, only names from a schema. So you may log it as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from movehub import law, renamed
from movehub.printable import printable

#: The old names of errors. They work for one more release.
OLD_NAMES: Final = {
    "AlreadyReceived": "IdentifierReused",
    "NotAnsweredYet": "AnswerPending",
    "NotKept": "MessageNotFound",
    "NotLetIn": "PeerNotAllowed",
}
__getattr__ = renamed(__name__, OLD_NAMES)


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document: a path of schema names, and a line. The first line is 1."""

    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Path and line, as far as they are known."""
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (self.path, line) if part)


class MovehubError(Exception):
    """The root of the tree. `str(error)` is one line that you may log.

    `fault` is "ours", "theirs" or "unknown", `article` the rule in law, and `advice` your next step.
    """

    fault: ClassVar[str] = "unknown"
    article: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def __init__(self, reason: str, *, where: Where | None = None, workflow: str = "") -> None:
        super().__init__(reason)
        self.reason = printable(reason)
        self.where = where or Where()
        self.workflow = workflow

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild without calling a constructor, because each class has other arguments."""
        return _rebuilt, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """Workflow, place, reason, article and advice, in this order."""
        head = ": ".join(part for part in (self.workflow, str(self.where), self.reason) if part)
        article = f" [{self.article}]" if self.article else ""
        advice = f". {self.advice}" if self.advice else ""
        return f"{head}{article}{advice}"


def _rebuilt(cls: type[MovehubError], args: tuple[Any, ...], state: dict[str, Any]) -> MovehubError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


# Before anything is sent.


class OurFault(MovehubError):
    """This system made the mistake, and sent nothing."""

    fault = "ours"


class InvalidConfiguration(OurFault):
    """A setting is missing, unreadable or contradicts another."""


class InvalidOutgoing(OurFault):
    """This system built a message that it must not send."""

    advice = "Nothing was sent."


# Documents and requests that came in.


class TheirFault(MovehubError):
    """The other side sent something that cannot be used. This system did not act on it."""

    fault = "theirs"


class Unreadable(TheirFault):
    """The bytes were rejected before the parser read them."""


class TooLarge(Unreadable):
    """More bytes than the configured limit, or more attributes than an element may have."""


class NotUtf8(Unreadable):
    """An encoding other than UTF-8."""

    article = str(law.UTF_8)


class ForbiddenDoctype(Unreadable):
    """A document type declaration, which no message of either system has."""


class Malformed(Unreadable):
    """Not one well-formed XML document."""


class UnknownMessage(TheirFault):
    """This system does not know the namespace, the edition or the root element."""


class InvalidIncoming(TheirFault):
    """The document breaks the schema of its edition."""

    article = str(law.VALID_MESSAGES)


class NotCorrelated(TheirFault):
    """An answer whose header or repeated fields do not match the request."""

    advice = "Do not use the answer for this request."


class IdentifierReused(TheirFault):
    """A different document with the same technical identifier was received before."""

    advice = "The first one stands."


class PeerNotAllowed(TheirFault):
    """The certificate of the other side is valid, but the configuration does not allow its subject."""

    article = str(law.CERTIFICATES)


class Notification(Protocol):
    """The body of an ErrorNotification: see `movehub.protocol.ErrorNotification`."""

    @property
    def business_case_id(self) -> str:
        """The case of the message that failed."""
        ...

    @property
    def status_code(self) -> StrEnum:
        """The reason."""
        ...

    @property
    def status_message(self) -> str | None:
        """The peer's explanation. It may contain personal data."""
        ...

    @property
    def original_message(self) -> str:
        """The message that failed. It contains personal data."""
        ...


class ErrorNotified(TheirFault):
    """The hub, or the Member State behind it, answered with an ErrorNotification.

    `notification` is its body. A peer wrote its text, so `str(error)` does not show it. Read it in
    `notification`: it may be the only explanation that you get.
    """

    article = str(law.ESCALATION)
    advice = "The request has no answer; this is not 'not found'."

    def __init__(self, notification: Notification, *, workflow: str = "") -> None:
        status = notification.status_code.value
        super().__init__(f"answered with ErrorNotification {status}", workflow=workflow)
        self.notification = notification


# This system's own parts.


class RegisterFailed(MovehubError):
    """The national register raised an error, or its answer is not valid.

    `again` says whether another attempt may help. The reason names only the kind of the register's error,
    because its text can quote a person.
    """

    fault = "ours"
    article = str(law.ESCALATION)
    advice = "This is not 'not found'."

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class StoreFailed(MovehubError):
    """The database failed and wrote nothing. `cause` is the reason, as far as it is known."""

    fault = "ours"
    advice = "Nothing was stored; look at the database."

    def __init__(self, reason: str, *, cause: str = "") -> None:
        super().__init__(reason)
        self.cause = cause


class StoreNotOpened(StoreFailed):
    """The database cannot be opened: it does not exist, denies access, or is not a database."""

    advice = "Correct the setting, or check that the database server is running."


class MessageNotFound(MovehubError):
    """This database has no message with this identifier."""

    fault = "ours"
    advice = "Check the identifier, and that this is the database of the node that has the message."


class LeaseLost(MovehubError):
    """A worker was too slow, and another one took over its work. Nothing of the first attempt is stored."""

    advice = "Nothing is lost: the other worker finishes the work."


class AnswerPending(MovehubError):
    """The answer did not come within the time that the caller wanted to wait. It may still come."""

    advice = "This is not 'not found'. Wait again, or look at the ticket later."


class SearchKeyServiceFailed(MovehubError):
    """The search-key service gave no key: it was not reached, was too slow, or gave an unclear answer."""

    article = str(law.SEARCH_KEYS)
    advice = "You may leave the keys out of a request: the hub adds its own."


class IllegalCharacter(SearchKeyServiceFailed):
    """The search-key service rejected a character of the name. It does not say which one."""

    fault = "ours"
    advice = "Correct the name: the hub would reject it too."


# The way to the hub and back.


class TransportError(MovehubError):
    """The connection to the other side failed."""


class NotSent(TransportError):
    """The other side received nothing of the message. You may send it again."""

    advice = "Nothing was sent; it is safe to try again."


class HubUnreachable(NotSent):
    """There is no connection: the name, the route, the port or the TLS handshake failed."""

    article = str(law.TROUBLES.letter("a"))


class NoCommonTls(HubUnreachable):
    """The other side answered, and its TLS does not fit: another version, other ciphers, or no TLS at all."""

    advice = "Nothing was sent. It fails again until the address, or the TLS of one side, is corrected."


class HubNotTrusted(NotSent):
    """The certificate of the other side is not from the configured authority, or has another name."""

    fault = "theirs"
    article = str(law.CERTIFICATES)
    advice = "Nothing was sent; find out whose certificate it is before you try again."


class CertificateRefused(NotSent):
    """The other side refused the certificate of this system in the TLS handshake."""

    fault = "ours"
    article = str(law.CERTIFICATES)
    advice = "Nothing was accepted; have the certificate renewed or the right one configured."


class TurnNotReached(NotSent):
    """The law's rate of two requests a second left no turn for this request within its deadline."""

    fault = "ours"
    article = str(law.SEND_2_A_SECOND)
    advice = "Nothing was sent; send it again later, from fewer threads, or post it to a node."


#: What a status can mean at a hub on BizTalk behind IIS. Inferred from Microsoft's documentation.
HTTP_HINTS: Final = {
    401: "the hub may mean that the message is not valid, or that it does not know the sender",
    403: "the hub may not have got the certificate, or not allow it",
    404: "the path of the address may be wrong",
    405: "the path of the address may be wrong",
    500: "the hub may mean that the message is not valid",
}


class HttpRefused(TransportError):
    """The other side answered with a 4xx status: it saw the message and rejected it."""

    fault = "ours"
    advice = "Do not repeat it unchanged."

    def __init__(self, status: int) -> None:
        hint = HTTP_HINTS.get(status)
        super().__init__(f"refused with HTTP status {status}" + (f": {hint}" if hint else ""))
        self.status = status


class TooManyRequests(HttpRefused):
    """HTTP status 429: you sent more than the other side takes (Annex VI allows two requests a second)."""

    advice = "It was not accepted; wait, and send it again more slowly."


class OutcomeUnknown(TransportError):
    """The message left, and it is not known whether the other side processed it.

    `status` is the HTTP status of the answer, if one came.
    """

    article = str(law.TROUBLES.letter("b"))
    advice = "Never repeat it blindly: a notification could count twice."

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
