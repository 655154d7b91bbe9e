"""OpenSSL decides, `cryptography` explains: no odd certificate ends in a traceback, no check contradicts."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from movehub.cli.main import app
from movehub.tls.certificate import Certificate, certificates_in
from movehub.tls.checks import refuse_lapsed
from movehub.tls.contexts import client_context, server_context
from movehub.tls.der import NotDer
from movehub.tls.expiry import expiries_of
from movehub.tls.oddities import oddities
from typer.testing import CliRunner

from tests.support.odd_certificates import ODD
from tests.support.odd_files import OddFiles, openssl_accepts


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> OddFiles:
    return OddFiles.create(tmp_path_factory.mktemp("odd"))


def _run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["cert", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


def test_openssl_accepts_most_of_them(files: OddFiles) -> None:
    """Else the tests below would show little."""
    assert sum(openssl_accepts(files.of(der)) for der in ODD.values()) >= 53


@pytest.mark.parametrize("what", ODD)
def test_the_check_of_a_certificate_agrees_with_openssl(files: OddFiles, what: str) -> None:
    party = files.of(ODD[what])
    code, said = _run("check", party.certificate, "--key", party.key, "--authority", party.authority)
    assert (code == 0) is openssl_accepts(party), said
    assert code in {0, 1}
    assert said.isprintable()


@pytest.mark.parametrize("what", ODD)
def test_a_certificate_shows_its_end(files: OddFiles, what: str) -> None:
    code, said = _run("expiry", files.of(ODD[what]).certificate, "--json")
    assert code == 0
    assert said.isprintable()


@pytest.mark.parametrize("what", ODD)
def test_what_openssl_accepts_can_be_used(files: OddFiles, what: str) -> None:
    """The same steps as at the start of a node."""
    party = files.of(ODD[what])
    if not openssl_accepts(party):
        pytest.skip("this version of OpenSSL does not accept it")
    server_context(party)
    client_context(party)
    refuse_lapsed(party, datetime.now(UTC))
    assert len(expiries_of(party)) == 2


PARTS = {
    "v2": "the version",
    "serial zero": "the serial number",
    "v1 written out": "the version",
    "critical FALSE written out": "the extensions",
    "no authority FALSE written out": "the extensions",
    "unknown extension twice": "the extensions",
    "no purpose in the list": "the extensions",
    "Latin-1 in T61String": "the subject",
    "underscore in PrintableString": "the subject or the issuer",
    "name of 300 letters": "the subject",
    "from the year 0": "the period of validity",
}


@pytest.mark.parametrize(("what", "part"), PARTS.items(), ids=PARTS)
def test_the_part_that_breaks_the_rules_is_a_warning(what: str, part: str) -> None:
    (found,) = oddities(Certificate.of_der(ODD[what]))
    assert found.severity == "warning"
    assert found.says.endswith(f"breaks RFC 5280 in {part}")


def test_an_ordinary_subject_breaks_no_rule() -> None:
    assert list(oddities(Certificate.of_der(ODD["an official subject"]))) == []


@pytest.mark.parametrize("what", ["v2", "an official subject", "no length outside", "from the year 0"])
def test_a_damaged_certificate_is_unreadable_wherever_it_ends(what: str) -> None:
    whole = ODD[what]
    for length in range(len(whole) - 1):
        with pytest.raises(NotDer):
            Certificate.of_der(whole[:length])


def test_a_certificate_with_any_byte_changed_is_read_or_refused() -> None:
    whole = ODD["an official subject"]
    for at in range(len(whole)):
        for octet in (0x00, 0x1F, 0x30, 0x80, 0xFF):
            try:
                str(Certificate.of_der(whole[:at] + bytes([octet]) + whole[at + 1 :]))
            except NotDer:
                continue


def test_all_labels_of_openssl_are_read(tmp_path: Path) -> None:
    pem = ssl.DER_cert_to_PEM_cert(ODD["v1"])
    for label in ("X509 CERTIFICATE", "TRUSTED CERTIFICATE"):
        other = pem.replace("CERTIFICATE", label)
        assert certificates_in(other.encode()) == certificates_in(pem.encode())
        path = tmp_path / "other.pem"
        path.write_text(other, "ascii")
        assert _run("check", path, "--use", "client")[0] == 0
