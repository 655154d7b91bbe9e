"""Real TLS on loopback for the tests that are about it."""

from __future__ import annotations

import pytest
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
