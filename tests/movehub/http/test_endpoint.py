"""The receiving end in HTTP terms, without a socket."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import pytest
from movehub.errors import InvalidIncoming, InvalidOutgoing, Malformed, TooLarge
from movehub.http.chunked import Chunks
from movehub.http.endpoint import Endpoint


def call(endpoint: Endpoint, body: bytes = b"<a/>", **environ: Any) -> tuple[str, bytes]:
    said: list[str] = []
    given = {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **environ,
    }
    answer = b"".join(endpoint(given, lambda status, headers: said.append(status)))
    return said[0], answer


def raising(error: BaseException) -> Endpoint:
    def handle(data: bytes) -> bytes:
        raise error

    return Endpoint(handle)


def test_an_answer_comes_back_on_the_same_connection() -> None:
    assert call(Endpoint(lambda data: data * 2)) == ("200 OK", b"<a/><a/>")


def test_where_there_is_no_answer_to_give_the_document_is_accepted() -> None:
    assert call(Endpoint(lambda _: b"")) == ("202 Accepted", b"")


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE"])
def test_only_posting_is_allowed(method: str) -> None:
    assert call(Endpoint(bytes), REQUEST_METHOD=method)[0].startswith("405")


def test_a_method_that_is_not_allowed_gets_a_list_of_those_that_are() -> None:
    """RFC 9110, 15.5.6."""
    sent: list[tuple[str, str]] = []
    Endpoint(bytes)({"REQUEST_METHOD": "GET"}, lambda _, headers: sent.extend(headers))
    assert ("Allow", "POST") in sent


@pytest.mark.parametrize(("coding", "status"), [("gzip", "415"), ("br", "415"), ("Identity", "200")])
def test_a_compressed_document_is_refused(coding: str, status: str) -> None:
    """It could unpack to more than the limit."""
    assert call(Endpoint(bytes), b"<a/>", HTTP_CONTENT_ENCODING=coding)[0].startswith(status)


@pytest.mark.parametrize("length", ["", None, "-1", "x", "1e3"])
def test_a_length_is_needed(length: str | None) -> None:
    assert call(Endpoint(bytes), CONTENT_LENGTH=length)[0].startswith("411")


def test_too_large_is_refused_before_it_is_read() -> None:
    class Unreadable:
        def read(self, _: int) -> bytes:
            raise AssertionError("it was read")

    status, _ = call(Endpoint(bytes, limit=10), CONTENT_LENGTH="11", **{"wsgi.input": Unreadable()})
    assert status.startswith("413")


def test_a_body_shorter_than_it_says_is_refused() -> None:
    assert call(Endpoint(bytes), b"<a", CONTENT_LENGTH="4")[0].startswith("400")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("x"), "400"),
        (InvalidIncoming("x"), "400"),
        (TooLarge("x"), "413"),
        (InvalidOutgoing("x"), "500"),
    ],
)
def test_an_error_becomes_a_status(error: Exception, status: str) -> None:
    assert call(raising(error))[0].startswith(status)


@pytest.mark.parametrize(
    "error", [SystemExit, asyncio.CancelledError, GeneratorExit, RecursionError, MemoryError]
)
def test_a_handler_that_wants_to_end_the_process_ends_only_its_request(
    error: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    """A server that ends with it would leave a process that lives, and hears nobody."""
    caplog.set_level(logging.ERROR)
    assert call(raising(error("Kanarienvogel")))[0].startswith("500")
    assert error.__name__ in caplog.text
    assert "Kanarienvogel" not in caplog.text


def test_who_interrupts_at_the_keyboard_is_obeyed() -> None:
    with pytest.raises(KeyboardInterrupt):
        call(raising(KeyboardInterrupt()))


@pytest.mark.parametrize(
    ("chunks", "status"),
    [(b"3\r\nabc\r\n0\r\n\r\n", "200"), (b"3\r\nab", "400"), (b"B\r\n12345678901\r\n0\r\n\r\n", "413")],
)
def test_chunks_are_read_when_the_endpoint_asks(chunks: bytes, status: str) -> None:
    given: dict[str, Any] = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    given["wsgi.input"] = Chunks(io.BytesIO(chunks), 10)
    assert call(Endpoint(bytes), **given)[0].startswith(status)
