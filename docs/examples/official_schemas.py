"""Compare official schemas, confirm the mapping, use them. Our own schemas with two changes replace them."""

from __future__ import annotations

import shutil
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from movehub.official import check_folder
from movehub.protocol import Edition
from movehub.records import extra, with_extra
from movehub.responder import Responder
from movehub.sandbox import DriverRegister

from tachonet_client import (
    CODEC,
    CheckCardStatusRequest,
    CheckedCard,
    RequestPurpose,
    RequestSource,
    SearchedCard,
    TachonetClient,
    responder,
)


class InProcess:
    """A transport to a responder. Between two systems you use an `HttpsTransport`."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    def post(self, data: bytes) -> bytes:
        print("In their words:", b"numberOfTheCard" in data)
        return self._responder.handle(data)


def compare(official: Path, mapping: Path) -> None:
    found = check_folder(CODEC, official)
    for finding in found.findings():
        print(f"{finding.difference}: {finding.path} {finding.says}")
    confirmed = found.mapping.replace("#? ", "")  # you do this line by line, with the official documents
    mapping.write_text(confirmed, "utf-8")


def speak(official: Path, mapping: Path) -> None:
    edition = Edition.from_directory(official, mapping)
    with closing(Register("DE")) as register:
        answering = responder(register, "DE", "Kraftfahrt-Bundesamt", edition=edition)
        client = TachonetClient("FI", InProcess(answering), edition=edition)
        print("DE:", client.send(request(), to="DE").body.outcome.value)


class Register(DriverRegister):
    """A register that reads the field that only the official schema has."""

    def check_card_status(self, card: SearchedCard) -> CheckedCard | None:
        print("Asked by:", extra(card)["asking_office"])
        return super().check_card_status(card)


def request() -> CheckCardStatusRequest:
    card = SearchedCard(card_number="DF049R7R52851102")
    return CheckCardStatusRequest(
        business_case_id="FI-2026-005001",
        originating_authority="Traficom",
        request_purpose=RequestPurpose.CONTROL,
        request_source=RequestSource.ROADSIDE_INSPECTION,
        searched_card=with_extra(card, asking_office="Oulu"),
    )


def renamed(folder: Path) -> Path:
    """Copy our schemas, rename the number of a card, and ask for an office, as official schemas may do."""
    shutil.copytree(
        str(files("movehub_xsd")), folder / "official", ignore=shutil.ignore_patterns("erru", "2016")
    )
    file = folder / "official" / "tachonet" / "messages" / "check_card_status.xsd"
    text = file.read_text("utf-8").replace('"cardNumber"', '"numberOfTheCard"')
    number = '<xs:attribute name="numberOfTheCard"'
    office = '<xs:attribute name="askingOffice" type="xs:token" use="required"/>'
    file.write_text(text.replace(number, office + number, 1), "utf-8")
    return folder / "official"


def main() -> None:
    with TemporaryDirectory() as folder:
        official, mapping = renamed(Path(folder)), Path(folder) / "tachonet.toml"
        compare(official, mapping)
        speak(official, mapping)


if __name__ == "__main__":
    main()
