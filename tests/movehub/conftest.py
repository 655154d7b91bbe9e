"""Real TLS on loopback for the tests that are about it."""

from __future__ import annotations

import pytest
from movehub.http import server as http_server
from movehub.sandbox.pki import Authority
from movehub.tls.credentials import Credentials


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("foreign-pki"), "Another authority")


@pytest.fixture(scope="session")
def hub(authority: Authority) -> Credentials:
    return authority.issue("hub")


@pytest.fixture(scope="session")
def state(authority: Authority) -> Credentials:
    return authority.issue("FI")


@pytest.fixture(params=["each thread waits", "one thread waits"])
def way_to_wait(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a server waits for its clients: as Linux can, and as all others do."""
    if request.param == "one thread waits":
        monkeypatch.setattr(http_server, "AT_HAND", False)
    elif not http_server.AT_HAND:
        pytest.skip("the system cannot do it")
