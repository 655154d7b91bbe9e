"""The commands `movehub cert`, from the files to the exit codes."""

from __future__ import annotations

import json
import logging
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from movehub.cli.main import app
from movehub.errors import InvalidConfiguration
from movehub.sandbox.pki import Authority
from movehub.tls import signing_request as certificate_request
from movehub.tls.credentials import Credentials, PassPhrase
from movehub.tls.expiry import expiries_of
from movehub.tls.signing_request import Subject, make_request
from typer.testing import CliRunner

from tests.support.pki import NOW, Chain, ec_key, intermediate, leaf, rsa_key, write, write_key

SECRET = "Geheimniskanarienvogel"
SUBJECT = Subject("fi.example", "Traficom", "FI", ("fi.example",))


def run(*arguments: object, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["cert", *map(str, arguments)], input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, " ".join(done.output.split())


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain.create(tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write(tmp_path / "chain.pem", leaf(), intermediate())


def test_a_good_file_with_its_key_and_authority_is_good(chain: Chain, whole: Path) -> None:
    code, said = run("check", whole, "--key", chain.leaf.key, "--authority", chain.root)
    assert (code, said.split()[0]) == (0, "good")


def test_a_refused_file_is_one_line_with_article_and_advice_and_exit_code_1(
    tmp_path: Path, chain: Chain
) -> None:
    old = write(tmp_path / "old.pem", leaf(ends=NOW - timedelta(days=1)), intermediate())
    code, said = run("check", old, "--authority", chain.root)
    assert code == 1
    assert "refused" in said
    assert "CN=FI: expired on" in said
    assert "[Annex V, 2]. Have it renewed." in said


def test_a_file_that_cannot_be_read_is_exit_code_2(tmp_path: Path, whole: Path) -> None:
    (tmp_path / "garbage.p12").write_bytes(b"\x30garbage")
    for path in (tmp_path / "garbage.p12", tmp_path / "missing.pem"):
        code, said = run("check", whole, path)
        assert code == 2
        assert said.count("unreadable") == 1


def test_a_key_is_that_of_one_file(whole: Path, chain: Chain) -> None:
    assert run("check", whole, whole, "--key", chain.leaf.key)[0] == 2


def test_the_key_of_another_is_refused(whole: Path, hub: Credentials) -> None:
    code, said = run("check", whole, "--key", hub.key)
    assert code == 1
    assert "the key is that of another" in said


def test_a_use_that_is_not_asked_for_is_not_missed(tmp_path: Path) -> None:
    client = write(tmp_path / "client.pem", leaf(purposes=[x509.ExtendedKeyUsageOID.CLIENT_AUTH], host=None))
    assert run("check", client, "--use", "client")[0] == 0
    assert run("check", client)[0] == 1


def requested(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "fi.key", tmp_path / "fi.csr"


ARGUMENTS = ("--name", "fi.example", "--organisation", "Traficom", "--country", "FI", "--host", "fi.example")


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "from a file"])
def test_a_request_is_signed_by_a_new_key_that_only_its_owner_can_read(tmp_path: Path, typed: bool) -> None:
    key, csr = requested(tmp_path)
    (tmp_path / "fi.pass").write_text(f"{SECRET}\n", "utf-8")
    asked = () if typed else ("--password-file", tmp_path / "fi.pass")
    entered = f"{SECRET}\n{SECRET}\n" if typed else ""
    code, said = run("request", *ARGUMENTS, "--key", key, "--out", csr, *asked, typed=entered)
    assert code == 0
    assert SECRET not in said
    made = x509.load_pem_x509_csr(csr.read_bytes())
    assert made.is_signature_valid
    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
    assert made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "fi.example"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in key.read_bytes()
    opened = load_pem_private_key(key.read_bytes(), SECRET.encode())
    assert isinstance(opened, rsa.RSAPrivateKey)
    assert opened.key_size == 3072
    assert opened.public_key() == made.public_key()


def test_no_option_takes_a_pass_phrase() -> None:
    """An option lands in the shell's history and in the list of processes."""
    for command in ("check", "request", "expiry"):
        said = run(command, "--help")[1]
        assert "--password-file" in said
        assert "--password " not in said


def test_an_old_key_is_never_overwritten(tmp_path: Path) -> None:
    key, csr = requested(tmp_path)
    key.write_text("precious", "utf-8")
    with pytest.raises(InvalidConfiguration, match="not overwritten"):
        make_request(SUBJECT, PassPhrase(SECRET), key, csr)
    assert key.read_text("utf-8") == "precious"
    assert not csr.exists()


def test_where_the_request_cannot_be_written_no_key_is_left(tmp_path: Path) -> None:
    key, csr = requested(tmp_path)
    with pytest.raises(InvalidConfiguration, match="cannot be written"):
        make_request(SUBJECT, PassPhrase(SECRET), key, tmp_path / "nowhere" / csr.name)
    assert not key.exists()


@pytest.mark.parametrize(
    ("subject", "words", "bits"),
    [
        (SUBJECT, "short", 3072),
        (SUBJECT, SECRET, 2048),
        (Subject("fi.example", "Traficom", "FIN"), SECRET, 3072),
        (Subject("fi.example", "Traficom", "fi"), SECRET, 3072),
        (Subject("fi.example", "Traficom", "XX"), SECRET, 3072),
        (Subject("fi.example", "T" * 65, "FI"), SECRET, 3072),
        (Subject("fi.example", "Trafi\ncom", "FI"), SECRET, 3072),
        (Subject("fi.example", " Traficom", "FI"), SECRET, 3072),
        (Subject("fi.example", "Traficom", "FI", unit="U" * 65), SECRET, 3072),
        (Subject("f" * 65, "Traficom", "FI"), SECRET, 3072),
        (Subject("ф" * 33, "Traficom", "FI"), SECRET, 3072),
        (Subject("fi.example", "Traficom", "FI", ("ä.example",)), SECRET, 3072),
        (Subject("", "Traficom", "FI"), SECRET, 3072),
        (Subject("fi.example", "Traficom", "FI", ("127.0.0.1",)), SECRET, 3072),
        (Subject("fi.example", "Traficom", "FI", ("::1",)), SECRET, 3072),
        (Subject("fi.example", "Traficom", "FI", ("https://fi.example",)), SECRET, 3072),
        (Subject("fi.example", "Traficom", "FI", ("fi.example", "x y")), SECRET, 3072),
    ],
    ids=[
        "short words",
        "short key",
        "no country",
        "small letters",
        "unknown country",
        "long organisation",
        "control character",
        "blank in front",
        "long unit",
        "long name",
        "name of many bytes",
        "no host",
        "no name",
        "address",
        "IPv6",
        "URL",
        "blank",
    ],
)
def test_what_makes_no_good_request_makes_no_file(
    tmp_path: Path, subject: Subject, words: str, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def must_not_be_called(*_: object, **__: object) -> None:
        raise AssertionError("a key was made")

    monkeypatch.setattr(certificate_request.rsa, "generate_private_key", must_not_be_called)
    key, csr = requested(tmp_path)
    with pytest.raises(InvalidConfiguration) as caught:
        make_request(subject, PassPhrase(words), key, csr, bits)
    assert words not in str(caught.value)
    assert not key.exists()
    assert not csr.exists()


@pytest.mark.parametrize(("ends", "code"), [(365, 0), (29, 1), (-1, 2)], ids=["lasts", "ends", "ended"])
def test_the_exit_code_of_expiry_is_for_a_monitor(tmp_path: Path, ends: int, code: int) -> None:
    file = write(tmp_path / "a.pem", leaf(ends=NOW + timedelta(days=ends, hours=1)))
    assert run("expiry", file, "--days", "30")[0] == code


def test_the_first_to_end_decides_and_stands_first(tmp_path: Path) -> None:
    late = write(tmp_path / "late.pem", leaf())
    soon = write(tmp_path / "soon.pem", leaf(subject="SOON", ends=NOW + timedelta(days=3, hours=1)))
    code, said = run("expiry", late, soon, "--json")
    rows = json.loads(said)
    assert code == 1
    assert [row["file"] for row in rows] == [str(soon), str(late)]
    assert 3 * 86400 <= rows[0]["seconds_left"] <= 3 * 86400 + 3600


def test_expiry_reads_a_configuration_and_shows_chain_and_authority(
    tmp_path: Path, state: Credentials
) -> None:
    lines = [f"{name} = '{getattr(state, name)}'" for name in ("certificate", "key", "authority")]
    config = tmp_path / "hub.toml"
    config.write_text("\n".join(['member_state = "FI"', *lines]), "utf-8")
    code, said = run("expiry", "--config", config, "--days", "0")
    assert code == 0
    assert "CN=FI" in said
    assert "authority" in said


@pytest.mark.parametrize("arguments", [(), ("a.pem", "--config", "b.toml")])
def test_expiry_wants_files_or_a_configuration(arguments: tuple[str, ...]) -> None:
    assert run("expiry", *arguments)[0] == 2


def test_a_long_file_name_is_one_line_where_no_terminal_is(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30)
    folder.mkdir()
    file = write(folder / "fi.pem", leaf())
    code, said = run("expiry", file)
    assert code == 0
    assert str(file) in said


def test_a_metric_can_be_made_of_what_a_party_uses(state: Credentials) -> None:
    now = datetime.now(UTC)
    left = {each.name: each.left(now).total_seconds() for each in expiries_of(state)}
    assert 0 < left["CN=FI"] < left["CN=MOVEHUB sandbox authority"]


def test_an_address_is_told_apart_from_the_name_of_a_host(tmp_path: Path) -> None:
    """In a certificate it has an entry of another kind, which a client looks for with addresses only."""
    key, csr = requested(tmp_path)
    for host, said in (("192.0.2.1", "is an address"), ("x_y.example", "is no name of a host")):
        with pytest.raises(InvalidConfiguration, match=f"{host} {said}"):
            make_request(replace(SUBJECT, hosts=(host,)), PassPhrase(SECRET), key, csr)


@pytest.mark.parametrize("host", ["fi.example", "FI-2.movehub.example", "*.fi.example", "localhost"])
def test_the_name_of_a_host_stands_in_the_request(tmp_path: Path, host: str) -> None:
    key, csr = requested(tmp_path)
    make_request(replace(SUBJECT, hosts=(host,)), PassPhrase(SECRET), key, csr)
    request = x509.load_pem_x509_csr(csr.read_bytes())
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [host]


def test_a_file_of_a_pass_phrase_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    arguments = (*ARGUMENTS, "--key", tmp_path / "k", "--out", tmp_path / "c")
    code, said = run("request", *arguments, "--password-file", tmp_path / "nope")
    assert code == 4
    assert f"the file of the pass phrase cannot be read: {tmp_path}/nope" in said


def test_a_chain_that_ends_elsewhere_may_be_held_against_the_wrong_authority(
    chain: Chain, foreign: Authority, tmp_path: Path
) -> None:
    other = foreign.issue("other").authority
    code, said = run("check", chain.leaf.certificate, "--authority", other)
    assert code == 1
    assert "or the authority given is not the one that issued this" in said


def test_a_wrong_pass_phrase_is_told_and_not_repeated(
    tmp_path: Path, whole: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key, csr = requested(tmp_path)
    make_request(SUBJECT, PassPhrase("another pass phrase"), key, csr)
    (tmp_path / "fi.pass").write_text(SECRET, "utf-8")
    code, said = run("check", whole, "--key", key, "--password-file", tmp_path / "fi.pass")
    assert code == 2
    assert "the pass phrase is wrong" in said
    assert SECRET not in said + caplog.text


@pytest.mark.parametrize(
    ("given", "told"), [("fi", "write FI"), ("el", "write GR"), ("UK", "write GB"), ("E", "such as FI")]
)
def test_a_country_that_is_no_code_of_iso_3166_is_told_the_right_one(
    tmp_path: Path, given: str, told: str
) -> None:
    key, csr = requested(tmp_path)
    with pytest.raises(InvalidConfiguration, match=told):
        make_request(replace(SUBJECT, country=given), PassPhrase(SECRET), key, csr)


def test_the_longest_subject_is_that_of_rfc_5280(tmp_path: Path) -> None:
    key, csr = requested(tmp_path)
    longest = Subject("f" * 64, "Ü" * 64, "FI", ("fi.example",), "Ü" * 64)
    make_request(longest, PassPhrase(SECRET), key, csr)
    subject = x509.load_pem_x509_csr(csr.read_bytes()).subject
    assert [each.value for each in subject] == ["FI", "Ü" * 64, "Ü" * 64, "f" * 64]


def test_pem_that_openssl_does_not_read_is_refused(tmp_path: Path, whole: Path, chain: Chain) -> None:
    """`cryptography` reads lines that begin with blanks, as a copy out of a YAML file has them."""
    indented = tmp_path / "indented.pem"
    indented.write_text("".join(f"  {line}\n" for line in whole.read_text("ascii").splitlines()), "ascii")
    for key in ((), ("--key", chain.leaf.key)):
        code, said = run("check", indented, *key)
        assert code == 1
        assert "OpenSSL cannot load" in said
        assert "blank" in said


@pytest.mark.parametrize("curve", [ec.SECP256K1, ec.BrainpoolP256R1])
def test_a_curve_that_tls_1_3_does_not_present_is_refused(
    tmp_path: Path, curve: type[ec.EllipticCurve]
) -> None:
    made = ec_key(curve)
    file, key = write(tmp_path / "fi.pem", leaf(key=made), intermediate()), write_key(tmp_path / "k", made)
    code, said = run("check", file, "--key", key)
    assert code == 1
    assert "TLS 1.3 does not present" in said
    assert run("check", write(tmp_path / "p.pem", leaf(key=ec_key(ec.SECP256R1)), intermediate()))[0] == 0


def test_what_only_a_handshake_shows_is_refused(tmp_path: Path, chain: Chain) -> None:
    """The intermediate may certify systems of another domain alone, which no check of ours looks at."""
    only = x509.NameConstraints([x509.DNSName("se.example")], None)
    above = intermediate(extra=only)
    file = write(tmp_path / "fi.pem", leaf(), above)
    code, said = run("check", file, "--key", chain.leaf.key, "--authority", chain.root)
    assert code == 1
    assert (
        "OpenSSL refuses this certificate as that of a client, with TLSv1_3: permitted subtree violation"
        in said
    )


def test_a_key_that_every_user_can_read_is_a_warning(whole: Path, chain: Chain) -> None:
    chain.leaf.key.chmod(0o644)
    code, said = run("check", whole, "--key", chain.leaf.key)
    assert code == 0
    assert "can be read by every user of this machine (mode 0644)" in said
    chain.leaf.key.chmod(0o640)
    assert "can be read" not in run("check", whole, "--key", chain.leaf.key)[1]
    whole.write_bytes(whole.read_bytes() + chain.leaf.key.read_bytes())
    assert f"the key in {whole} can be read" in run("check", whole)[1]


def test_a_pass_phrase_that_a_key_does_not_need_is_ignored(tmp_path: Path, whole: Path, chain: Chain) -> None:
    """OpenSSL ignores it too."""
    (tmp_path / "fi.pass").write_text(SECRET, "utf-8")
    assert run("check", whole, "--key", chain.leaf.key, "--password-file", tmp_path / "fi.pass")[0] == 0


@pytest.mark.parametrize("command", ["check", "expiry"])
def test_a_missing_file_of_a_pass_phrase_is_unreadable(whole: Path, tmp_path: Path, command: str) -> None:
    code, said = run(command, whole, "--password-file", tmp_path / "nope")
    assert code == 2
    assert "the file of the pass phrase cannot be read" in said


def test_pkcs12_is_tried_with_openssl_too(tmp_path: Path, chain: Chain) -> None:
    (tmp_path / "fi.pass").write_text(SECRET, "utf-8")
    bundle = tmp_path / "fi.p12"
    bundle.touch(0o600)
    bundle.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"FI", rsa_key("leaf"), leaf(), [intermediate()], BestAvailableEncryption(SECRET.encode())
        )
    )
    assert run("check", bundle, "--password-file", tmp_path / "fi.pass", "--authority", chain.root) == (
        0,
        f"good {bundle}",
    )
