"""A relay with the hub's keys that injects faults into documents.

It terminates TLS, reads one request from each connection, and forwards it by any transport: to the sandbox's
hub, to a state, or to a hub in this process.

To deliver a document twice, in another order, or unsolicited, the relay needs the whole document. A proxy
outside TLS cannot do that. `FaultProxy` plays the faults that need no keys.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from typing import Final

from movehub.errors import MovehubError
from movehub.http.transport import Transport
from movehub.sandbox.faults.listener import FaultListener, reset
from movehub.sandbox.faults.script import INSIDE, Fault, Kind, Script, Side
from movehub.tls.contexts import server_context
from movehub.tls.credentials import Credentials

_NO_HTTP: Final = b"220 mail.example ESMTP ready\r\n\r\n"
_NO_XML: Final = b"Service temporarily unavailable"

_AT_A_TIME: Final = 65536


@dataclass(frozen=True, slots=True)
class RelayCertificates:
    """The certificates that the relay shows: its own, one of an unknown authority, and an expired one."""

    own: Credentials
    wrong: Credentials | None = None
    expired: Credentials | None = None


class FaultRelay(FaultListener):
    """Stands in place of the hub. `onwards` forwards documents; `stray` is the unsolicited message.

    `arrived` has the documents that were read completely, by the number of their connection.
    """

    plays = INSIDE

    def __init__(
        self, certificates: RelayCertificates, onwards: Transport, script: Script, *, stray: bytes = b""
    ) -> None:
        super().__init__(script)
        shown = {Kind.WRONG_CERTIFICATE: certificates.wrong, Kind.EXPIRED_CERTIFICATE: certificates.expired}
        self._own = server_context(certificates.own)
        self._others = {kind: server_context(each) for kind, each in shown.items() if each is not None}
        script.only(INSIDE - (shown.keys() - self._others.keys()))
        self._onwards = onwards
        self._stray = stray
        self._delivered: set[int] = set()
        self._changed = Condition()
        self.arrived: dict[int, bytes] = {}

    def serve(self, connection: socket.socket, turn: int, fault: Fault) -> None:
        """Play one fault to one connection."""
        context = self._others.get(fault.kind, self._own)
        secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.track(secured)
        try:
            secured.do_handshake()
            self._exchange(secured, turn, fault)
        finally:
            self.release(secured)

    def _exchange(self, connection: ssl.SSLSocket, turn: int, fault: Fault) -> None:
        ends_early = fault.kind in {Kind.CUT, Kind.RESET}
        document = _read(connection, fault.after if ends_early and fault.side is Side.REQUEST else None)
        if ends_early and fault.side is Side.REQUEST:
            _end(connection, fault)
            return
        self.arrived[turn] = document
        self._hold_back(turn, fault)
        status, answer = self._deliver(document, fault)
        with self._changed:
            self._delivered.add(turn)
            self._changed.notify_all()
        if fault.kind is Kind.LATE:
            self.pause(fault.seconds)
        self._answer(connection, status, answer, fault)

    def _hold_back(self, turn: int, fault: Fault) -> None:
        if fault.kind is Kind.DELAY:
            self.pause(fault.seconds)
        if fault.kind is Kind.REORDER:
            with self._changed:
                self._changed.wait_for(lambda: any(each > turn for each in self._delivered), fault.seconds)

    def _deliver(self, document: bytes, fault: Fault) -> tuple[str, bytes]:
        if fault.kind is Kind.UNSOLICITED:
            _posted(self._onwards, self._stray)
        answer = _posted(self._onwards, document)
        if fault.kind is Kind.DUPLICATE:
            _posted(self._onwards, document)
        return answer

    def _answer(self, connection: ssl.SSLSocket, status: str, answer: bytes, fault: Fault) -> None:
        body = {Kind.NO_XML: _NO_XML, Kind.STRAY_ANSWER: self._stray}.get(fault.kind, answer)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        if fault.kind is Kind.NO_HTTP:
            connection.sendall(_NO_HTTP)
        elif fault.kind in {Kind.CUT, Kind.RESET}:
            connection.sendall(head + body[: fault.after])
            _end(connection, fault)
        elif fault.kind is Kind.SLOW:
            for byte in head + body:
                connection.sendall(bytes([byte]))
                if fault.seconds:
                    self.pause(fault.seconds)
        else:
            connection.sendall(head + body)


def _end(connection: ssl.SSLSocket, fault: Fault) -> None:
    (reset if fault.kind is Kind.RESET else ssl.SSLSocket.close)(connection)


def _posted(onwards: Transport, document: bytes) -> tuple[str, bytes]:
    """Forward a document. If that fails, return the status with which a hub would answer."""
    try:
        answer = onwards.post(document)
    except MovehubError as error:
        status = getattr(error, "status", None)
        return ("502 Bad Gateway" if status is None else f"{status} Refused"), b""
    return ("200 OK" if answer else "202 Accepted"), answer


def _read(connection: ssl.SSLSocket, at_most: int | None) -> bytes:
    """Return the body of one request, or its first bytes. Raises OSError if it ends before."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _received(connection, 1)
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    )
    wanted = length if at_most is None else min(at_most, length)
    body = b""
    while len(body) < wanted:
        body += _received(connection, min(_AT_A_TIME, wanted - len(body)))
    return body


def _received(connection: ssl.SSLSocket, at_most: int) -> bytes:
    data = connection.recv(at_most)
    if not data:
        raise ConnectionError("the request ended before it was whole")
    return data


class RecordingTransport:
    """A transport around a function, such as `hub.post`. It stores every document in `carried`."""

    def __init__(self, handle: Callable[[bytes], bytes]) -> None:
        self._handle = handle
        self.carried: list[bytes] = []

    def post(self, data: bytes) -> bytes:
        """Pass a document to the function."""
        self.carried.append(data)
        return self._handle(data)
