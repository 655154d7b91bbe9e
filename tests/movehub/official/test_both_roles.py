"""An authority that speaks the official schemas, as asker and as register."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from movehub.protocol.edition import Edition
from movehub.protocol.outcome import Outcome
from movehub.sandbox.registers.drivers import DriverRegister

import tachonet_client as tachonet
from tests.support.cards import mcs_request
from tests.support.examples import cic_request
from tests.support.renamed import NAMESPACE, other_namespace
from tests.support.through_mapping import mapped_edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return mapped_edition(tmp_path_factory.mktemp("official"))[0]


class Wire:
    """A state's responder as a transport that keeps what passes."""

    def __init__(self, edition: Edition, register: DriverRegister) -> None:
        self._responder = tachonet.responder(register, "DK", "Færdselsstyrelsen", edition=edition)
        self.passed: list[bytes] = []

    def post(self, data: bytes) -> bytes:
        answer = self._responder.handle(data)
        self.passed += [data, answer]
        return answer


@pytest.fixture
def wire(edition: Edition) -> Iterator[Wire]:
    with closing(DriverRegister("DK")) as register:
        yield Wire(edition, register)


def test_what_passes_is_in_their_names_alone_and_what_is_said_is_the_same(
    edition: Edition, wire: Wire
) -> None:
    client = tachonet.TachonetClient("FI", wire, edition=edition)
    (denmark,) = client.send(cic_request(), to="DK").body.member_states
    assert denmark.outcome is Outcome.NOT_FOUND
    assert client.send(mcs_request(), to="DK").body.delivered
    for document in wire.passed:
        assert other_namespace("3.0").encode() in document
        assert NAMESPACE.encode() not in document
        assert b"technicalId" not in document


def test_our_own_edition_stays_as_it_was(edition: Edition) -> None:
    assert str(edition) == "TACHOnet 3.0"
    assert tachonet.CODEC.edition("3.0").namespace == NAMESPACE
