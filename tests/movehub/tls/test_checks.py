"""Every refusal, by a certificate in which just this one thing is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID
from movehub.tls.certificate import Certificate
from movehub.tls.checks import Use, check
from movehub.tls.credentials import Contents
from movehub.tls.findings import Finding, Severity

from tests.support.pki import NOW, ec_key, intermediate, leaf, root, rsa_key, with_sha1

LEAF, INTERMEDIATE, ROOT = leaf(), intermediate(), root()


def findings(*chain: x509.Certificate, **options: Any) -> tuple[Finding, ...]:
    options = {"key": rsa_key("leaf"), "authorities": [ROOT]} | options
    if options["authorities"] is not None:
        options["authorities"] = [Certificate.of(each) for each in options["authorities"]]
    return check(Contents(tuple(map(Certificate.of, chain))), NOW, **options)


def only(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    return finding


@pytest.mark.parametrize("chain", [(LEAF, INTERMEDIATE), (LEAF, INTERMEDIATE, ROOT)])
def test_a_good_chain_is_refused_for_nothing(chain: tuple[x509.Certificate, ...]) -> None:
    assert findings(*chain) == ()


OWN = {
    "SHA-224": ({"hash": hashes.SHA224()}, "signed with SHA224", "Annex V, 3"),
    "RSA of 1024": ({"key": rsa_key("short", 1024)}, "RSA key of 1024 bits", "Annex V, 3"),
    "a short curve": ({"key": ec_key(ec.SECP224R1)}, "too short", "Annex V, 3"),
    "expired": ({"ends": NOW - timedelta(minutes=1)}, "expired on", "Annex V, 2"),
    "not yet valid": ({"begins": NOW + timedelta(minutes=1)}, "not valid before", "Annex V, 2"),
    "no client": ({"purposes": [ExtendedKeyUsageOID.SERVER_AUTH]}, "not for use as a client", "5280"),
    "no server": ({"purposes": [ExtendedKeyUsageOID.CLIENT_AUTH]}, "not for use as a server", "5280"),
    "may not sign": ({"signs": False}, "its key may not sign", "5280"),
    "an authority": ({"authority": True}, "an authority's certificate", "5280"),
    "another's name above": ({"issuer": "Nobody"}, "issued nothing", "8446"),
}


@pytest.mark.parametrize(("changed", "says", "article"), OWN.values(), ids=OWN)
def test_what_annex_v_or_a_handshake_refuses_is_refused(
    changed: dict[str, Any], says: str, article: str
) -> None:
    made = leaf(**changed)
    finding = findings(made, INTERMEDIATE, key=changed.get("key", rsa_key("leaf")))[0]
    assert finding.severity is Severity.ERROR
    assert says in finding.says
    assert article in finding.article
    assert finding.advice.endswith(".")


def test_sha_1_is_refused_and_nothing_else_about_it() -> None:
    """Its place in the chain is known by the names: what cannot be verified is not called a stranger."""
    old = with_sha1(LEAF, rsa_key("intermediate"))
    finding = only(findings(old, INTERMEDIATE))
    assert "CN=FI: signed with SHA1" in finding.says
    assert (finding.severity, finding.article) == (Severity.ERROR, "Annex V, 3")
    above = with_sha1(INTERMEDIATE, rsa_key("root"))
    assert "CN=Intermediate: signed with SHA1" in only(findings(LEAF, above)).says


ABOVE = {
    "SHA-224": ({"hash": hashes.SHA224()}, "signed with SHA224"),
    "expired": ({"ends": NOW - timedelta(minutes=1)}, "expired on"),
    "no authority": ({"authority": False, "signs": True, "certifies": False}, "is no authority"),
}


@pytest.mark.parametrize(("changed", "says"), ABOVE.values(), ids=ABOVE)
def test_a_certificate_above_ones_own_is_looked_at_too(changed: dict[str, Any], says: str) -> None:
    assert any(says in finding.says for finding in findings(LEAF, intermediate(**changed)))


def test_a_roots_own_signature_is_not_weighed_and_its_key_is() -> None:
    """Nobody verifies it, and old roots have SHA-1."""
    old = with_sha1(ROOT, rsa_key("root"))
    assert findings(LEAF, INTERMEDIATE, old, authorities=[old]) == ()


def test_a_self_signed_certificate_of_ones_own_is_weighed() -> None:
    own = leaf(subject="FI", issuer="FI", signed_with=rsa_key("leaf"), hash=hashes.SHA224())
    assert "signed with SHA224" in findings(own, authorities=[own])[0].says


@pytest.mark.parametrize(
    "chain", [(INTERMEDIATE, LEAF), (LEAF, ROOT, INTERMEDIATE), (ROOT, INTERMEDIATE, LEAF)]
)
def test_a_chain_out_of_order_is_refused_and_the_right_order_told(
    chain: tuple[x509.Certificate, ...],
) -> None:
    finding = only(findings(*chain))
    assert finding.says == "the chain is out of order"
    assert finding.advice.startswith("Put them into this order: CN=FI, CN=Intermediate")


def test_a_chain_without_its_intermediate_is_incomplete_and_the_missing_one_named() -> None:
    finding = only(findings(LEAF))
    assert finding.says == "the chain is incomplete: CN=Intermediate is missing behind CN=FI"


def test_without_an_authority_the_end_of_a_chain_is_not_judged() -> None:
    assert findings(LEAF, authorities=None) == ()


def test_a_chain_that_ends_at_another_root_is_refused() -> None:
    other = root(subject="Other", issuer="Other")
    assert (
        "not the configured authority" in only(findings(LEAF, INTERMEDIATE, ROOT, authorities=[other])).says
    )


def test_a_certificate_that_issued_nothing_here_has_to_leave_the_file() -> None:
    assert "CN=FI-2" in only(findings(LEAF, INTERMEDIATE, leaf(subject="FI-2"))).says


def test_a_key_that_is_not_the_certificates_is_refused() -> None:
    finding = only(findings(LEAF, INTERMEDIATE, key=rsa_key("another")))
    assert "the key is that of another" in finding.says


def test_a_certificate_for_one_use_is_good_for_that_use() -> None:
    client = leaf(purposes=[ExtendedKeyUsageOID.CLIENT_AUTH], host=None)
    assert findings(client, INTERMEDIATE, uses=[Use.CLIENT]) == ()


def test_a_certificate_that_names_no_use_is_for_any() -> None:
    assert findings(leaf(purposes=None), INTERMEDIATE) == ()


@pytest.mark.parametrize(
    "key", [ec_key(ec.SECP256R1), ec_key(ec.SECP384R1), ed25519.Ed25519PrivateKey.generate()]
)
def test_a_key_on_a_curve_is_a_warning_as_the_law_says_nothing_of_it(key: Any) -> None:
    finding = only(findings(leaf(key=key), INTERMEDIATE, key=key))
    assert finding.severity is Severity.WARNING
    assert "elliptic curve" in finding.says


def test_a_server_without_a_host_name_is_a_warning() -> None:
    assert only(findings(leaf(host=None), INTERMEDIATE)).severity is Severity.WARNING
