"""Names as OpenSSL prints them, and as others write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.tls.certificate import Certificate
from movehub.tls.der import read
from movehub.tls.names import Name

from tests.support import der
from tests.support.odd_certificates import COMMON, COUNTRY, ODD, UNIT, name, part

#: Printed by `openssl x509 -noout -subject -nameopt rfc2253`, OpenSSL 3.0.
PRINTED = {
    "an official subject": r"CN=V\C3\A9hicules #1,DC=eu,emailAddress=move@ec.europa.eu,"
    r"serialNumber=0949383342,organizationIdentifier=NTRBE-949.383.342,"
    r"O=European Commission\, DG MOVE,C=BE",
    "control characters": r"CN=hub\0A\1B[31m\C2\9B\E2\80\AEhub\E2\80\A8,C=BE",
    "zero in the name": r"CN=hub\00.example,C=BE",
    "Latin-1 in T61String": r"CN=Beh\C3\B6rde,C=BE",
    "underscore in PrintableString": "CN=move_hub,C=BE",
    "BMPString": r"CN=\CE\92\CE\AD\CE\BB\CE\B3\CE\B9\CE\BF,C=BE",
    "unknown attribute": "CN=odd,1.3.6.1.4.1.99999.7=#0C0178",
    "two values in one part": "OU=unit+CN=odd",
    "a SEQUENCE as a value": "CN=#3003020101",
    "empty value": "CN=,C=BE",
}


@pytest.mark.parametrize(("what", "printed"), PRINTED.items(), ids=PRINTED)
def test_a_subject_is_written_as_openssl_prints_it(what: str, printed: str) -> None:
    subject = Certificate.of_der(ODD[what]).subject
    assert str(subject) == printed
    assert Name.of_text(printed) == subject


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_each_text_comes_back_from_what_is_written(values: list[str]) -> None:
    made = Name.of_der(read(name(*(part(COMMON, value) for value in values))))
    assert str(made).isascii()
    assert str(made).isprintable()
    assert Name.of_text(str(made)) == made


@given(st.text())
def test_any_other_text_is_a_name_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert str(Name.of_text(text)).isprintable()


@given(st.binary())
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    with suppress(ValueError):
        read(data).parts()


def test_values_inside_one_another_without_end_are_refused() -> None:
    deep = b"\x30\x80" * 5000
    with pytest.raises(ValueError, match="too deep"):
        read(deep)


def test_the_order_of_parts_counts_and_that_inside_a_part_does_not() -> None:
    assert Name.of_text("CN=a,OU=b") != Name.of_text("OU=b,CN=a")
    assert Name.of_text("CN=a+OU=b") == Name.of_text("OU=b+CN=a")
    assert Name.of_text("CN=a,OU=b") != Name.of_text("CN=a+OU=b")
    assert Name.of_text("CN=A") != Name.of_text("CN=a")


def test_an_issuer_resembles_a_subject_as_openssl_compares_them() -> None:
    """Another type of string, other capitals, and other blanks are no other name."""
    one = read(name(part(COUNTRY, "BE", der.PRINTABLE), part(UNIT, "My  Unit")))
    other = read(name(part(COUNTRY, "be"), part(UNIT, "my unit ", der.PRINTABLE)))
    assert Name.of_der(one).resembles(Name.of_der(other))
    assert not Name.of_der(one).resembles(Name.of_text("OU=unit,C=BE"))


@pytest.mark.parametrize("space", ["\u00a0", "\u3000", "\u2028", "\t", "\n", "\x1f"], ids=ascii)
@pytest.mark.parametrize("form", ["CN=hub{},C=BE", "CN={}hub,C=BE", "CN=hub,C=BE{}", 'CN="hub"{},C=BE'])
def test_only_the_blank_around_a_value_does_not_count(form: str, space: str) -> None:
    """A proxy that writes raw UTF-8 would let in the certificate of another."""
    with suppress(ValueError):
        assert Name.of_text(form.format(space)) != Name.of_text("CN=hub,C=BE")
