"""One client of `https_server`: its handshake, and why it is refused. See `http_connection` for its requests.

cheroot shakes hands in the thread that accepts. Here the handshake is a part of the connection: each time
that bytes of it arrive, a free thread goes on with it, and in between it waits in the selector.
"""

from __future__ import annotations

import socket
import ssl
import time
import traceback
from typing import Any, Final

from cheroot.errors import FatalSSLAlert
from cheroot.ssl.builtin import BuiltinSSLAdapter

from movehub.http.server_connection import Connection, Phase, file_of
from movehub.tls.reload import Contexts

#: Seconds for a handshake in all.
_HANDSHAKE: Final = 10.0


class LateHandshakes(BuiltinSSLAdapter):
    """Wraps each connection in the context of its day, and leaves the handshake for later."""

    def __init__(self, contexts: Contexts) -> None:
        # Not the base's: it would load the files by itself, and ask for a pass phrase on the terminal.
        self._contexts = contexts
        self._server_env: dict[str, Any] = {}
        self.makefile: Any = file_of

    @property
    def _context(self) -> ssl.SSLContext:
        """What `context` gives: the one for a connection that begins now."""
        return self._contexts()

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        """Return the connection as TLS; no byte is exchanged yet."""
        try:
            return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}
        except OSError as error:
            _close_half_made(error)
            sock.close()
            raise FatalSSLAlert(*error.args) from error


def _close_half_made(error: OSError) -> None:
    """Close the TLS socket of a client that was gone when it was made: `ssl` leaves it to the collector."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        half_made = frame.f_locals.get("self")
        if isinstance(half_made, ssl.SSLSocket):
            half_made.close()


class ClientConnection(Connection):
    """One client over TLS, from its handshake on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phase = Phase.SHAKING

    def communicate(self) -> bool:
        """Go on with the client as far as what has arrived allows. True keeps the connection."""
        return self._shake_hands() if self.phase is Phase.SHAKING else super().communicate()

    def _shake_hands(self) -> bool:
        self.socket.setblocking(False)
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return time.monotonic() < self.began + _HANDSHAKE
        except OSError:
            # In TLS 1.3 it may already have sent its request when its certificate is looked at.
            return self.begin_farewell()
        self.ssl_env = self.server.ssl_adapter.get_environ(self.socket)
        self.phase = Phase.SERVING
        return True
