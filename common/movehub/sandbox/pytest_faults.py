"""The fault proxy and the fault relay as pytest fixtures, for a national system's own tests.

In your top `conftest.py`: `pytest_plugins = ["movehub.sandbox.pytest_faults"]`. If a test fails, its report
shows the script of faults, so that you can play it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from movehub.http.transport import Transport
from movehub.sandbox.faults.proxy import FaultProxy
from movehub.sandbox.faults.relay import FaultRelay, RelayCertificates
from movehub.sandbox.faults.script import Script

#: Starts a proxy in front of a port, and returns it.
MakesProxies = Callable[[int, Script], FaultProxy]


class MakesRelays(Protocol):
    """Starts a relay in place of the hub."""

    def __call__(
        self, certificates: RelayCertificates, onwards: Transport, script: Script, *, stray: bytes = b""
    ) -> FaultRelay:
        """Return the running relay. It stops at the end of the test."""
        ...


@pytest.fixture
def fault_proxy(request: pytest.FixtureRequest) -> Iterator[MakesProxies]:
    """Return a function that starts a `FaultProxy`. The proxy stops at the end of the test."""
    with ExitStack() as running:

        def start(port: int, script: Script) -> FaultProxy:
            request.node.add_report_section("call", "faults on the wire", f"{script}\n{script!r}")
            return running.enter_context(FaultProxy(port, script))

        yield start


@pytest.fixture
def fault_relay(request: pytest.FixtureRequest) -> Iterator[MakesRelays]:
    """Return a function that starts a `FaultRelay`. The relay stops at the end of the test."""
    with ExitStack() as running:

        def start(
            certificates: RelayCertificates, onwards: Transport, script: Script, *, stray: bytes = b""
        ) -> FaultRelay:
            request.node.add_report_section("call", "faults inside TLS", f"{script}\n{script!r}")
            return running.enter_context(FaultRelay(certificates, onwards, script, stray=stray))

        yield start
