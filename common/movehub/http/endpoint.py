"""The receiving end as a WSGI application around a function that takes a document and returns one.

========  ========================================================================================
200       the answer, on the same connection (the synchronous interface of Annex III, 1.1)
202       the document was accepted; there is no answer on this connection
400       the document cannot be read, or is not valid
403       the certificate is not allowed
405       the method is not POST
409       another document came with the same identifier before
411, 413  there is no length and no chunks; the document is too large
415       the document is compressed
500, 503  this system failed; its database failed, or an answer is pending
========  ========================================================================================

No response ever quotes the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from movehub.errors import (
    AnswerPending,
    IdentifierReused,
    Malformed,
    MovehubError,
    PeerNotAllowed,
    StoreFailed,
    TheirFault,
    TooLarge,
)
from movehub.http.chunked import BadChunks, TooLong
from movehub.log_limit import alike, limited
from movehub.protocol.message import DEFAULT_LIMIT

_LOG = limited(__name__)

#: Digits of a Content-Length.
_LONGEST_LENGTH: Final = 18

#: The status of each error that has its own.
_STATUSES: Final[dict[type[BaseException], HTTPStatus]] = {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    IdentifierReused: HTTPStatus.CONFLICT,
    PeerNotAllowed: HTTPStatus.FORBIDDEN,
    StoreFailed: HTTPStatus.SERVICE_UNAVAILABLE,
    AnswerPending: HTTPStatus.SERVICE_UNAVAILABLE,
}

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Endpoint:
    """A WSGI application around `handle(document) -> document`."""

    def __init__(self, handle: Callable[[bytes], bytes], *, limit: int = DEFAULT_LIMIT) -> None:
        self._handle = handle
        self._limit = limit

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        return _answered(start_response, *self._respond(environ))

    def _respond(self, environ: dict[str, Any]) -> tuple[HTTPStatus, str, bytes]:
        if environ.get("REQUEST_METHOD") != "POST":
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "documents are posted")
        if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
            return _text(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the document without a Content-Encoding")
        length = environ.get("CONTENT_LENGTH") or ""
        in_chunks = not length and environ.get("wsgi.input_terminated")
        if not (in_chunks or (length.isascii() and length.isdecimal() and len(length) <= _LONGEST_LENGTH)):
            return _text(HTTPStatus.LENGTH_REQUIRED, "send a Content-Length, or chunks")
        try:
            data = self._read_chunks(environ) if in_chunks else self._read(environ, int(length))
            answer = self._handle(data)
        except TheirFault as error:
            return _rejected(error)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a `sys.exit()` would end the server, not the process
            # Only our own errors are free of personal data. Of any other, log the kind.
            reason = str(error) if isinstance(error, MovehubError) else type(error).__name__
            kind = alike(type(error).__name__)
            _LOG.error("a document could not be answered: %s", reason, extra=kind)
            status = _STATUSES.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
            return _text(status, "the document could not be answered")
        return HTTPStatus.OK if answer else HTTPStatus.ACCEPTED, "application/xml; charset=utf-8", answer

    def _read(self, environ: dict[str, Any], length: int) -> bytes:
        if length > self._limit:
            raise TooLarge(f"{length} bytes, and the limit is {self._limit}")
        try:
            data: bytes = environ["wsgi.input"].read(length)
        except OSError:
            raise Malformed("the connection ended before the body did") from None
        if len(data) != length:
            raise Malformed("the body is shorter than its Content-Length")
        return data

    def _read_chunks(self, environ: dict[str, Any]) -> bytes:
        """Read a body whose end the server knows."""
        try:
            data: bytes = environ["wsgi.input"].read(self._limit + 1)
        except BadChunks as error:
            raise Malformed(str(error)) from None
        except TooLong:
            raise TooLarge(f"the limit is {self._limit} bytes") from None
        if len(data) > self._limit:
            raise TooLarge(f"the limit is {self._limit} bytes")
        return data


def at_paths(applications: Mapping[str, Application]) -> Application:
    """Return one application that calls another by its path, and answers 404 for other paths."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        chosen = applications.get(environ.get("PATH_INFO", ""))
        if chosen is not None:
            return chosen(environ, start_response)
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]

    return application


def refused(error: TheirFault, start_response: StartResponse) -> Iterable[bytes]:
    """Reject a request before its body is read, and say why."""
    return _answered(start_response, *_rejected(error))


def _answered(
    start_response: StartResponse, status: HTTPStatus, content_type: str, body: bytes
) -> Iterable[bytes]:
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", "POST"))
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def _rejected(error: TheirFault) -> tuple[HTTPStatus, str, bytes]:
    return _text(_STATUSES.get(type(error), HTTPStatus.BAD_REQUEST), str(error))


def _text(status: HTTPStatus, text: str) -> tuple[HTTPStatus, str, bytes]:
    return status, "text/plain; charset=utf-8", f"{text}\n".encode()
