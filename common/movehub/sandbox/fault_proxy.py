"""A TCP proxy that does harm by a script: between client and hub, hub and state, courier and hub.

It has no keys and sees no document. Faults that need them are played by `fault_relay`.
"""

from __future__ import annotations

import selectors
import socket
from contextlib import ExitStack
from typing import Final
from urllib.parse import urlsplit

from movehub.sandbox.fault_listener import FaultListener, reset
from movehub.sandbox.faults import ON_THE_WIRE, Fault, Kind, Script, Side

#: What somebody answers who speaks another protocol at this port.
_GARBAGE: Final = b"220 mail.example ESMTP ready\r\n"

_AT_A_TIME: Final = 65536


class FaultProxy(FaultListener):
    """Carries bytes to a port on loopback and back. `after` counts bytes of TLS, handshake and all."""

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
            while connection.recv(_AT_A_TIME):  # a reset would take the garbage with it
                pass
            return
        if fault.kind is Kind.DELAY:
            self.pause(fault.seconds)
        with ExitStack() as opened:
            target = socket.create_connection(("127.0.0.1", self._target))
            self.keep(target)
            opened.callback(self.let_go, target)
            self._carry(connection, target, fault)

    def _carry(self, client: socket.socket, target: socket.socket, fault: Fault) -> None:
        """Carry bytes both ways until either side ends, or until it is enough."""
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
    """Return the port of an address such as a sandbox gives. Raises ValueError where it has none."""
    port = urlsplit(url).port
    if port is None:
        raise ValueError("the address names no port")
    return port
