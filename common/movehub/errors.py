"""What can go wrong, sorted by whose fault it is and by whether anything left the house.

::

    MovehubError
    ├── OurFault                     this side must be mended; nothing was sent
    │   ├── InvalidConfiguration
    │   └── InvalidOutgoing          the message breaks the schema or the addressing rules
    ├── TheirFault                   what arrived cannot be used
    │   ├── Unreadable               not even XML that may be parsed
    │   │   ├── TooLarge
    │   │   ├── NotUtf8              Annex III, 1.2 of both regulations
    │   │   ├── ForbiddenDoctype
    │   │   └── Malformed
    │   ├── UnknownMessage           another namespace, edition or root element
    │   ├── InvalidIncoming          breaks the schema of its edition
    │   ├── NotCorrelated            an answer, but not to this question
    │   ├── AlreadyReceived          another document with an identifier that was used
    │   ├── NotLetIn                 a good certificate, but not one that is let in
    │   └── ErrorNotified            the hub answered with an ErrorNotification
    ├── RegisterFailed               the register did not answer; this is not "not found"
    ├── StoreFailed                  the database did not take it, or did not give it
    │   └── StoreNotOpened           there is none to be had at that address
    ├── NotKept                      no message of this identifier is in this database
    ├── LeaseLost                    another worker has taken the work up
    ├── NotAnsweredYet               a request's answer has not come within the time waited
    ├── SearchKeyServiceFailed       no search key was made; nothing of a message was sent
    │   └── IllegalCharacter         the service does not take a character of the name
    └── TransportError
        ├── NotSent                  no byte of the message was taken: may be sent again
        │   ├── HubUnreachable
        │   ├── HubNotTrusted
        │   └── CertificateRefused
        ├── HttpRefused              the other side said no (4xx); do not repeat unchanged
        │   └── TooManyRequests      ... or not so fast (429)
        └── OutcomeUnknown           sent, and nobody knows: never repeat blindly

No text here ever holds a value of a message, only names that stand in a schema, so an error may be
logged as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from movehub.protocol.message import ErrorNotification


__all__ = [
    "AlreadyReceived",
    "CertificateRefused",
    "ErrorNotified",
    "ForbiddenDoctype",
    "HttpRefused",
    "HubNotTrusted",
    "HubUnreachable",
    "IllegalCharacter",
    "InvalidConfiguration",
    "InvalidIncoming",
    "InvalidOutgoing",
    "LeaseLost",
    "Malformed",
    "MovehubError",
    "NotAnsweredYet",
    "NotCorrelated",
    "NotKept",
    "NotLetIn",
    "NotSent",
    "NotUtf8",
    "OurFault",
    "OutcomeUnknown",
    "RegisterFailed",
    "SearchKeyServiceFailed",
    "StoreFailed",
    "StoreNotOpened",
    "TheirFault",
    "TooLarge",
    "TooManyRequests",
    "TransportError",
    "UnknownMessage",
    "Unreadable",
    "Where",
]


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document: a path of schema names and a line, 1 for the first."""

    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Path and line, as far as they are known."""
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (self.path, line) if part)


class MovehubError(Exception):
    """The root of the tree. `str(error)` is one line that is safe to log."""

    fault: ClassVar[str] = "unknown"
    article: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def __init__(self, reason: str, *, where: Where | None = None, workflow: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where or Where()
        self.workflow = workflow

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild without calling a constructor, whose arguments differ from class to class."""
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


class OurFault(MovehubError):
    """This system made the mistake, and nothing was sent."""

    fault = "ours"


class InvalidConfiguration(OurFault):
    """A setting is missing, unreadable or contradicts another."""


class InvalidOutgoing(OurFault):
    """A message that we built may not be sent."""

    advice = "Nothing was sent."


class TheirFault(MovehubError):
    """What came in cannot be used; it was not acted upon."""

    fault = "theirs"


class Unreadable(TheirFault):
    """The bytes were refused before anything was read from them."""


class TooLarge(Unreadable):
    """More bytes than the configured limit."""


class NotUtf8(Unreadable):
    """Another encoding than UTF-8."""

    article = "Annex III, 1.2"


class ForbiddenDoctype(Unreadable):
    """A document type declaration, which no message of either system has."""


class Malformed(Unreadable):
    """Not one well-formed XML document."""


class UnknownMessage(TheirFault):
    """The namespace, the edition or the root element is none that is spoken here."""


class InvalidIncoming(TheirFault):
    """The document breaks the schema of its edition."""

    article = "Annex III, 2.2"


class NotCorrelated(TheirFault):
    """An answer whose header or echoed fields do not fit the request."""

    advice = "Do not use the answer for this request."


class AlreadyReceived(TheirFault):
    """A document with the technical identifier of one that was received, and with other bytes."""

    advice = "The first one stands."


class NotLetIn(TheirFault):
    """The other side's certificate is good, and its subject is none that the configuration lets in."""

    article = "Annex V, 2"


class ErrorNotified(TheirFault):
    """The hub, or the state behind it, answered with an ErrorNotification.

    `notification` is its body. Its text was written by a peer and is kept out of `str(error)`; read it
    there, as it can be all that tells what to mend.
    """

    article = "Annex VI, 2.2"
    advice = "The request has no answer; this is not 'not found'."

    def __init__(self, notification: ErrorNotification, *, workflow: str = "") -> None:
        status = notification.status_code.value
        super().__init__(f"answered with ErrorNotification {status}", workflow=workflow)
        self.notification = notification


class RegisterFailed(MovehubError):
    """The own register raised, or what it said makes no valid answer.

    `again` says whether another attempt may help. Of the register's own error only the kind is told, since
    its text can quote a person.
    """

    fault = "ours"
    article = "Annex VI, 2.2"
    advice = "This is not 'not found'."

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class StoreFailed(MovehubError):
    """The database failed, and nothing of what was asked of it is kept. `cause` is why, as far as known."""

    fault = "ours"
    advice = "Nothing was kept; look at the database."

    def __init__(self, reason: str, *, cause: str = "") -> None:
        super().__init__(reason)
        self.cause = cause


class StoreNotOpened(StoreFailed):
    """The database cannot be opened: it is not there, does not let us in, or is none."""

    advice = "Mend the setting, or see whether the server of the database runs."


class LeaseLost(MovehubError):
    """A worker was too slow, and another has taken its work up; nothing of the first attempt is kept."""

    advice = "Nothing is lost: whoever has the work now brings it to its end."


class NotKept(MovehubError):
    """A message was asked for that is not here: another database, or another identifier."""

    fault = "ours"
    advice = "Look whether it is the database that the message came to, or was posted in."


class NotAnsweredYet(MovehubError):
    """The time that a caller wanted to wait is over; the answer may still come, and then finds its place."""

    advice = "This is not 'not found'. Wait again, or look at the ticket later."


class SearchKeyServiceFailed(MovehubError):
    """The service that makes the search keys gave none: not reached, not in time, or not understood."""

    article = "Annex IV"
    advice = "A request may leave the keys out: the hub adds its own."


class IllegalCharacter(SearchKeyServiceFailed):
    """The service answered, and does not take a character of the name. Which one, it does not say."""

    fault = "ours"
    advice = "Correct the name: the hub would refuse it too."


class TransportError(MovehubError):
    """The way to the hub or back failed."""


class NotSent(TransportError):
    """No byte of the message was taken by the other side; it may be sent again."""

    advice = "Nothing was sent; it is safe to try again."


class HubUnreachable(NotSent):
    """No connection: name, route, port or TLS handshake failed."""

    article = "2016/68 Annex VI, 1.9 (a); 2016/480 Annex VI, 1.7 (a)"


class HubNotTrusted(NotSent):
    """The other side's certificate is not from the configured authority, or not for its name."""

    fault = "theirs"
    article = "Annex V, 2"
    advice = "Nothing was sent; find out whose certificate it is before you try again."


class CertificateRefused(NotSent):
    """The other side refused our certificate in the TLS handshake."""

    fault = "ours"
    article = "Annex V, 2"
    advice = "Nothing was accepted; have the certificate renewed or the right one configured."


class HttpRefused(TransportError):
    """The other side answered with a 4xx status: it saw the message and did not take it."""

    fault = "ours"
    advice = "Do not repeat it unchanged."

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with HTTP status {status}")
        self.status = status


class TooManyRequests(HttpRefused):
    """HTTP status 429: more than the other side takes at a time (Annex VI allows two requests a second)."""

    advice = "It was not taken; wait, and send it again more slowly."


class OutcomeUnknown(TransportError):
    """The message left, and whether it was processed is not known.

    `status` is the HTTP status that says so, where one came.
    """

    article = "2016/68 Annex VI, 1.9 (b); 2016/480 Annex VI, 1.7 (b)"
    advice = "Never repeat it blindly: a notification could count twice."

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
