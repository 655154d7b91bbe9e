"""The fault box as pytest fixtures, for a national system's own tests.

In the `conftest.py` at the top: `pytest_plugins = ["movehub.sandbox.pytest_faults"]`. A test that fails then
shows the script that was played, ready to be played again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from movehub.http.transport import Transport
from movehub.sandbox.fault_proxy import FaultProxy
from movehub.sandbox.fault_relay import Faces, FaultRelay
from movehub.sandbox.faults import Script


class MakesProxies(Protocol):
    """Starts a proxy in front of a port."""

    def __call__(self, port: int, script: Script) -> FaultProxy:
        """Return the running proxy; it ends with the test."""
        ...


class MakesRelays(Protocol):
    """Starts a relay in the hub's place."""

    def __call__(self, faces: Faces, onwards: Transport, script: Script, *, stray: bytes = b"") -> FaultRelay:
        """Return the running relay; it ends with the test."""
        ...


@pytest.fixture
def fault_proxy(request: pytest.FixtureRequest) -> Iterator[MakesProxies]:
    """Return what starts a `FaultProxy` for the time of the test."""
    with ExitStack() as running:

        def start(port: int, script: Script) -> FaultProxy:
            request.node.add_report_section("call", "faults on the wire", f"{script}\n{script!r}")
            return running.enter_context(FaultProxy(port, script))

        yield start


@pytest.fixture
def fault_relay(request: pytest.FixtureRequest) -> Iterator[MakesRelays]:
    """Return what starts a `FaultRelay` for the time of the test."""
    with ExitStack() as running:

        def start(faces: Faces, onwards: Transport, script: Script, *, stray: bytes = b"") -> FaultRelay:
            request.node.add_report_section("call", "faults inside TLS", f"{script}\n{script!r}")
            return running.enter_context(FaultRelay(faces, onwards, script, stray=stray))

        yield start
