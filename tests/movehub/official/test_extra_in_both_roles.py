"""Authorities whose schema has other names, less and more, over HTTPS and in both systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from movehub.codec.codec import Codec
from movehub.errors import ErrorNotified, InvalidConfiguration, InvalidOutgoing
from movehub.http.endpoint import Endpoint
from movehub.http.transport import HttpsTransport
from movehub.official.checking import check_folder
from movehub.official.comparison import Difference
from movehub.protocol.edition import Edition
from movehub.protocol.exchange import Exchange
from movehub.protocol.message import Message
from movehub.protocol.outcome import Outcome
from movehub.records import extra, with_extra
from movehub.sandbox.registers.drivers import DriverRegister
from movehub.sandbox.registers.undertakings import UndertakingRegister
from movehub.sandbox.server import SandboxServer
from movehub.tls.credentials import Credentials

import erru_client as erru
import tachonet_client as tachonet
from tests.support.examples import cgr_request, cic_request, found_driver, found_manager
from tests.support.extended import changed_schema, confirmed

PRIORITY = '<xs:attribute name="extraPriority" type="xs:string" use="required"/>'
OFFICE = '<xs:attribute name="extraOffice" type="xs:string" use="required"/>'
ADDRESS = (
    '<xs:attribute name="extraAddress" type="xs:string" use="required"/>'
    '<xs:attribute name="extraSize" type="xs:int"/>'
)
REMARKS = (
    '<xs:element name="ExtraRemarks" type="xs:string"/>'
    '<xs:element name="ExtraPhoto" minOccurs="0"><xs:complexType>'
    '<xs:attribute name="format" type="xs:string" use="required"/></xs:complexType></xs:element>'
)
TO, CODE = '<xs:attribute name="to"', '<xs:attribute name="memberStateCode"'
FAMILY_NAME = '<xs:attribute name="familyName" type="Name" use="required">'
CARD = '<xs:element name="CardDetails" type="FoundCard">'
KEYS = '<xs:attributeGroup ref="SearchKeys"/>'
CERTIFICATE = '<xs:element name="TransportManagerCertificateDetails" type="FoundCertificate"/>'
ADDRESSES = '<xs:element name="TransportManagerAddressDetails" type="Address" minOccurs="0"/>'


class Drivers(DriverRegister):
    """A register that reads the extra fields of a search, and fills those of what it finds."""

    def check_issued_cards(self, driver: tachonet.SearchedDriver) -> tuple[tachonet.FoundDriver, ...]:
        remarks = f"asked by {extra(driver)['extra_address']}"
        return (with_extra(found_driver(), extra_remarks=remarks, extra_photo_format="jpeg"),)


class Undertakings(UndertakingRegister):
    """The same for managers."""

    def check_good_repute(
        self, search: erru.SearchByName | erru.SearchByCertificate
    ) -> tuple[erru.FoundTransportManager, ...]:
        assert isinstance(search, erru.SearchByName)
        remarks = f"asked by {extra(search.name)['extra_address']}"
        return (with_extra(found_manager(), extra_remarks=remarks, extra_photo_format="jpeg"),)


@dataclass(frozen=True)
class System:
    """A system with the changes to its schema, and a question with its extra field."""

    package: Any
    version: str
    changes: Mapping[str, tuple[tuple[str, str], ...]]
    register: Any
    #: The class of what is searched, and one of our fields that their schema lacks.
    searched: str
    lacking: str

    @property
    def codec(self) -> Codec:
        codec: Codec = self.package.CODEC
        return codec


SYSTEMS = {
    "tachonet": System(
        tachonet,
        "3.0",
        {
            "common/header.xsd": ((TO, PRIORITY + TO),),
            "tachonet/messages/check_issued_cards.xsd": (
                (FAMILY_NAME, ADDRESS + FAMILY_NAME.replace("familyName", "Family_Name")),
                ('<xs:attributeGroup ref="EditionOfSearchedDriver"/>', ""),
                (CODE, OFFICE + CODE),
                (CARD, REMARKS + CARD),
            ),
        },
        Drivers,
        "SearchedDriver",
        "Body/SearchedDriver/@placeOfBirth",
    ),
    "erru": System(
        erru,
        "3.5",
        {
            "common/header.xsd": ((TO, PRIORITY + TO),),
            "erru/messages/check_good_repute.xsd": (
                (KEYS, KEYS + ADDRESS),
                (ADDRESSES, ""),
                (CODE, OFFICE + CODE),
                ('"TransportManagerDetails"', '"transport_manager_details"'),
                (CERTIFICATE, REMARKS + CERTIFICATE),
            ),
        },
        Undertakings,
        "SearchedName",
        "Body/SearchedTransportManager/TransportManagerNameDetails/TransportManagerAddressDetails",
    ),
}


def asked(system: System, **values: str) -> Any:
    if system.package is tachonet:
        request = cic_request()
        return replace(request, searched_driver=with_extra(request.searched_driver, **values))
    question = cgr_request()
    search = question.searched_transport_manager
    assert isinstance(search, erru.SearchByName)
    return replace(
        question, searched_transport_manager=replace(search, name=with_extra(search.name, **values))
    )


def complete(message: Message[Any]) -> Message[Any]:
    """Fill in what is the same in every message, and in every row."""
    body = message.body
    rows = getattr(body, "member_states", ())
    if rows:
        body = replace(body, member_states=tuple(with_extra(row, extra_office="Ribe") for row in rows))
    return Message(header=with_extra(message.header, extra_priority="1"), body=body)


@pytest.fixture(scope="module", params=SYSTEMS.values(), ids=SYSTEMS)
def system(request: pytest.FixtureRequest) -> System:
    found: System = request.param
    return found


@pytest.fixture(scope="module")
def official(system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("x") / "official"
    return changed_schema(folder, system.codec.system.lower(), system.version, system.changes)


@pytest.fixture(scope="module")
def edition(system: System, official: Path) -> Edition:
    mapping = official.parent / "mapping.toml"
    mapping.write_text(confirmed(check_folder(system.codec, official).mapping), "utf-8")
    return Edition.from_directory(official, mapping)


@contextmanager
def denmark(
    system: System, edition: Edition, hub: Credentials, state: Credentials
) -> Iterator[HttpsTransport]:
    register = system.register("DK")
    responder = system.package.responder(
        register, "DK", "Færdselsstyrelsen", edition=edition, complete=complete
    )
    with (
        SandboxServer(Endpoint(responder.handle), hub) as server,
        HttpsTransport(server.url("/"), state) as transport,
    ):
        yield transport
    if isinstance(register, DriverRegister):
        register.close()


def client(system: System, edition: Edition, transport: Any) -> Any:
    cls = tachonet.TachonetClient if system.package is tachonet else erru.ErruClient
    return cls("FI", transport, edition=edition, complete=complete)


def test_extra_fields_go_both_ways(
    system: System, edition: Edition, hub: Credentials, state: Credentials
) -> None:
    with denmark(system, edition, hub, state) as transport:
        answer = client(system, edition, transport).send(
            asked(system, extra_address="Rue de la Loi 1"), to="DK"
        )
    (row,) = answer.body.member_states
    assert row.outcome is Outcome.FOUND
    assert extra(row) == {"extra_office": "Ribe"}
    assert extra(row.found[0]) == {
        "extra_remarks": "asked by Rue de la Loi 1",
        "extra_photo_format": "jpeg",
    }
    assert extra(answer.header) == {"extra_priority": "1"}
    assert answer.body.repeated() == asked(system, extra_address="Rue de la Loi 1").repeated()


def test_a_question_without_a_mandatory_extra_field_does_not_leave(
    system: System, edition: Edition, hub: Credentials, state: Credentials
) -> None:
    with denmark(system, edition, hub, state) as transport:
        speaker = client(system, edition, transport)
        with pytest.raises(InvalidOutgoing, match="a required attribute is missing"):
            speaker.send(asked(system), to="DK")


def test_an_error_has_what_every_message_needs(
    system: System, edition: Edition, hub: Credentials, state: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("check_issued_cards", "check_good_repute"):
        monkeypatch.setattr(system.register, name, lambda *_: 1 / 0, raising=False)
    with denmark(system, edition, hub, state) as transport:
        speaker = client(system, edition, transport)
        with pytest.raises(ErrorNotified, match="ServerError"):
            speaker.send(asked(system, extra_address="x"), to="DK")


def test_what_is_mandatory_there_is_proposed_and_all_the_rest_is_told(system: System, official: Path) -> None:
    check = check_folder(system.codec, official)
    found = {
        (finding.difference, finding.path.rpartition("/")[2]): finding.says for finding in check.findings()
    }
    says = "required there: name it in [extra], such as extra_office"
    assert found[Difference.EXTRA, "@extraOffice"] == says
    assert '/@extraAddress" = "extra_address"' in check.mapping
    assert (Difference.EXTRA, "@extraPriority") in found
    assert (Difference.EXTRA, "ExtraRemarks") in found
    assert found[Difference.EXTRA, "@extraSize"] == "optional"
    assert any(difference is Difference.RENAMED for difference, _ in found)
    assert any(finding.path.endswith(system.lacking) for finding in check.findings())
    assert "cannot be sent" not in check.mapping


def test_a_confirmed_mapping_leaves_only_what_they_lack(
    system: System, official: Path, edition: Edition
) -> None:
    check = check_folder(system.codec, official, official.parent / "mapping.toml")
    assert {finding.difference for finding in check.findings()} == {Difference.MISSING}


def test_our_own_edition_refuses_an_extra_field_by_its_name(system: System) -> None:
    message = Exchange("FI", system.codec.edition(system.version)).request(
        asked(system, extra_address="x"), to="DK"
    )
    name = f"{system.codec.system} {system.version} has no field {system.searched}.extra_address"
    with pytest.raises(InvalidOutgoing, match=name):
        system.codec.encode(message)


def test_their_edition_refuses_an_extra_field_that_it_lacks_there(system: System, edition: Edition) -> None:
    codec = system.codec.speaking(edition)
    for wrong in ({"extra_remarks": "x"}, {"other": "x"}):
        request = asked(system, extra_address="x", **wrong)
        message = Exchange("FI", edition, complete=complete).request(request, to="DK")
        with pytest.raises(InvalidOutgoing, match=rf"has no field {system.searched}\.{next(iter(wrong))}"):
            codec.encode(message)


def test_settings_that_leave_out_a_mandatory_extra_field_are_refused_at_once(
    system: System, edition: Edition
) -> None:
    register = system.register("DK")
    with pytest.raises(InvalidConfiguration, match="no answer can be made with these settings"):
        system.package.responder(register, "DK", "x", edition=edition)
