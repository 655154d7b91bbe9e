"""What stands around a node that is measured: the hub, which asks at a steady rate and takes the answers.

It runs in a process of its own. Everything goes over mutual TLS on connections that are kept, as a hub would
keep them. A question's clock starts when its turn has come, whether or not a connection is free, so that a
node that falls behind cannot hide it.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import uuid4

from movehub.protocol.exchange import utc_now
from movehub.records.values import write_instant
from movehub.tls.contexts import client_context, server_context
from movehub.tls.credentials import Credentials

from tests.support.examples import cgr_request
from tests.support.nodes import from_denmark, written

_WORKFLOW: Final = re.compile(rb'workflowId="([^"]+)"')
_LENGTH: Final = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
#: Connections over which the hub asks.
_CONNECTIONS: Final = 24
#: Seconds that the last answers may take once the last question was asked.
_LAST: Final = 10.0


@dataclass(slots=True)
class Figures:
    """How often something was asked, refused and answered, and how long 202 and answer took in seconds."""

    asked: int = 0
    refused: int = 0
    waits: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    #: From the first question to the last answer.
    lasted: float = 0.0


class Load:
    """The hub. `figures` are those of what it was told to ask since they were last replaced."""

    def __init__(self) -> None:
        self.figures = Figures()
        self._began: dict[bytes, float] = {}
        self._turns: asyncio.Queue[float] = asyncio.Queue()

    async def run(self, ports: Sequence[int], credentials: Credentials, rate: float, seconds: float) -> None:
        """Ask so often a second for so long, and wait for the last answers."""
        context = client_context(credentials)
        asking = [
            asyncio.create_task(self._asks(ports[number % len(ports)], context))
            for number in range(_CONNECTIONS)
        ]
        first = time.monotonic()
        for number in range(int(rate * seconds)):
            due = first + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._turns.put_nowait(due)
        giving_up = time.monotonic() + _LAST
        while time.monotonic() < giving_up and (self._turns.qsize() or self._began):
            await asyncio.sleep(0.02)
        self.figures.lasted = time.monotonic() - first
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _asks(self, port: int, context: ssl.SSLContext) -> None:
        document = _template()
        reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
        while True:
            due = await self._turns.get()
            workflow, body = document()
            self._began[workflow] = due
            self.figures.asked += 1
            head = f"POST /erru HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            status, answer = await _taken(reader)
            if status == b"200":  # the synchronous interface
                self._answered(answer)
            elif status != b"202":
                self.figures.refused += 1
                self._began.pop(workflow, None)
            self.figures.waits.append(time.monotonic() - due)

    async def takes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the answers that come on one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                self._answered(body)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    def _answered(self, document: bytes) -> None:
        found = _WORKFLOW.search(document)
        began = self._began.pop(found[1], None) if found else None
        if began is not None:
            self.figures.answers.append(time.monotonic() - began)

    async def hub(self, credentials: Credentials) -> asyncio.Server:
        """Listen where the node is to deliver its answers."""
        return await asyncio.start_server(self.takes, "127.0.0.1", 0, ssl=server_context(credentials))


async def _taken(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    return head.split(maxsplit=2)[1], body


def _template() -> Callable[[], tuple[bytes, bytes]]:
    """Return what makes a valid question of a new workflow, and the identifier of that."""
    message = from_denmark(cgr_request(), utc_now())
    header, document = message.header, written(message)
    instants = [write_instant(header.sent_at), write_instant(header.sent_at + timedelta(seconds=10))]
    olds = [str(header.workflow_id), str(header.technical_id), *instants]
    # All at once: after ten seconds the first new instant is the second old one.
    old = re.compile("|".join(map(re.escape, olds)).encode()).sub

    def make() -> tuple[bytes, bytes]:
        now = utc_now()
        workflow, instants = str(uuid4()), [write_instant(now), write_instant(now + timedelta(seconds=10))]
        news = [workflow, str(uuid4()), *instants]
        by_old = {was.encode(): new.encode() for was, new in zip(olds, news, strict=True)}
        return workflow.encode(), old(lambda found: by_old[found[0]], document)

    return make
