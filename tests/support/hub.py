"""A hub in this process with sandbox registers behind it, and the command `tachonet` in front of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from movehub.http.transport import Transport
from movehub.names.search_keys import BuiltinSearchKeys
from movehub.protocol.edition import Edition
from movehub.sandbox.hub import Hub
from movehub.sandbox.registers.drivers import DriverRegister
from typer.testing import CliRunner

from tachonet_client import CODEC, StatusTranslation, TachonetClient, responder
from tachonet_client.cli import app


class Answering:
    """A Member State's transport, seen from the hub."""

    def __init__(self, handle: Callable[[bytes], bytes], url: str = "") -> None:
        self.post = handle
        self.url = url


class Unreachable:
    def post(self, data: bytes) -> bytes:
        raise OSError("nobody listens there")


class Registers:
    """Three states: Germany and Austria answer, Greece is down."""

    def __init__(self) -> None:
        self.of = {code: DriverRegister(code) for code in ("AT", "DE")}
        states: dict[str, Transport] = {
            code: Answering(responder(register, code, f"Register of {code}").handle)
            for code, register in self.of.items()
        }
        self.states: dict[str, Transport] = {**states, "GR": Unreachable()}
        self.hub = Hub(CODEC, self.states, BuiltinSearchKeys())
        #: Where a client thinks that the hub is, and by which schemas it speaks.
        self.url = "https://test.example/tachonet"
        self.edition: Edition | None = None
        #: The states that take part, as its configuration lists them.
        self.participants: list[str] | None = None
        #: The file that translates card statuses.
        self.statuses: Path | None = None

    def client(self, *_: object) -> TachonetClient:
        """A client that a command may close, which leaves the hub open for the next one."""
        made = TachonetClient(
            "FI", Answering(self.hub.post, self.url), edition=self.edition, participants=self.participants
        )
        made._statuses = StatusTranslation.configured(self.statuses)
        return made

    def close(self) -> None:
        self.hub.close()
        for register in self.of.values():
            register.close()


def run(*arguments: str, entered: str = "") -> tuple[int, str]:
    """The exit code of `tachonet`, and what was printed with its line breaks undone."""
    done = CliRunner().invoke(app, arguments, input=entered)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def in_front_of(registers: Registers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every client that is configured from a file talk to this hub."""
    monkeypatch.setattr(TachonetClient, "from_config", registers.client)
