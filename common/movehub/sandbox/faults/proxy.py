"""A TCP proxy that injects faults: between client and hub, hub and state, or courier and hub.

It has no keys and sees no document. `FaultRelay` plays the faults that need them.
"""

from __future__ import annotations

import selectors
import socket
from contextlib import ExitStack
from typing import Final
from urllib.parse import urlsplit

from movehub.sandbox.faults.listener import FaultListener, reset
from movehub.sandbox.faults.script import ON_THE_WIRE, Fault, Kind, Script, Side

#: The greeting of a mail server: another protocol at this port.
_GARBAGE: Final = b"220 mail.example ESMTP ready\r\n"

_AT_A_TIME: Final = 65536


class FaultProxy(FaultListener):
    """Carries bytes to a port on loopback and back. `after` counts bytes of TLS, including the handshake."""

    plays = ON_THE_WIRE

    def __init__(self, port: int, script: Script) -> None:
        super().__init__(script)
        self._target = port

    def serve(self, connection: socket.socket, turn: int, fault: Fault) -> None:  # noqa: ARG002
        """Play one fault to one connection."""
        if fault.kind is Kind.DROP:
            return
        if fault.kind is Kind.NO_TLS:
            connection.sendall(_GARBAGE)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(_AT_A_TIME):  # a reset would discard the garbage
                pass
            return
        if fault.kind is Kind.DELAY:
            self.pause(fault.seconds)
        with ExitStack() as opened:
            target = socket.create_connection(("127.0.0.1", self._target))
            self.track(target)
            opened.callback(self.release, target)
            self._carry(connection, target, fault)

    def _carry(self, client: socket.socket, target: socket.socket, fault: Fault) -> None:
        """Carry bytes both ways until either side ends, or until the fault cuts the connection."""
        sides = {client: (target, Side.REQUEST), target: (client, Side.ANSWER)}
        left = fault.after if fault.kind in {Kind.CUT, Kind.RESET} else None
        with selectors.DefaultSelector() as ready:
            for each in sides:
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(each, selectors.EVENT_READ)
            while left is None or left > 0:
                for key, _ in ready.select():
                    source = client if key.fileobj is client else target
                    other, side = sides[source]
                    counted = left is not None and side is fault.side
                    data = source.recv(min(_AT_A_TIME, left) if counted and left else _AT_A_TIME)
                    if not data:
                        return
                    self._send(other, data, fault, side)
                    left = left - len(data) if counted and left is not None else left
        if fault.kind is Kind.RESET:
            reset(client)
            reset(target)

    def _send(self, other: socket.socket, data: bytes, fault: Fault, side: Side) -> None:
        if fault.kind is not Kind.SLOW or side is not fault.side:
            other.sendall(data)
            return
        for byte in data:
            other.sendall(bytes([byte]))
            if fault.seconds:
                self.pause(fault.seconds)


def port_of(url: str) -> int:
    """Return the port of an address such as `sandbox.url("erru")`. Raises ValueError if it has no port."""
    port = urlsplit(url).port
    if port is None:
        raise ValueError("the address names no port")
    return port
