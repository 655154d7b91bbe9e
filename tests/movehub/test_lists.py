"""A long list that is cut out of its document comes back as a tree of the whole would give it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidIncoming
from movehub.form import Form
from movehub.gate import parse
from movehub.lists import LONG, Lists
from movehub.long_list import CHUNK
from movehub.message import Message

import erru_client as erru
from tests.support.erru_messages import fleet

#: What stands in a document, how else it may be written, and the number of the vehicle.
Change = tuple[tuple[bytes, bytes], int]

FORM = Form(erru.CheckTransportUndertakingDataResponse, erru.ERRU_3_5)
LISTS = Lists(FORM.parts[1][1], erru.ERRU_3_5.namespace)
#: Vehicles that make a list long, by some way.
MANY = LONG // 40

#: Other ways to write the same, each of which may stand anywhere in a document.
REWRITTEN = [
    (b'="WA %d" vehicleRegistrationCountry="PL"', b"='WA %d' \nvehicleRegistrationCountry = 'PL'"),
    (
        b'vehicleRegistrationNumber="WA %d" vehicleRegistrationCountry="PL"',
        b'vehicleRegistrationCountry="PL" vehicleRegistrationNumber="WA %d"',
    ),
    (b'"WA %d" vehicleRegistrationCountry="PL"/>', b'"WA %d" vehicleRegistrationCountry="PL"></Vehicle >'),
    (b'"WA %d" vehicleRegistrationCountry="PL"/>', b'"WA %d" vehicleRegistrationCountry="PL"></Vehicle>\n'),
    (b'"WA %d"', b'"WA&#32;%d"'),
    (b'"WA %d"', b'"WA\n%d"'),
    (b'"WA %d"', b'"WA\t%d"'),
    (b'"WA %d"', b'"WA %d "'),
    (
        b'<Vehicle vehicleRegistrationNumber="WA %d"',
        b'<!-- <Vehicle -->\n<Vehicle vehicleRegistrationNumber="WA %d"',
    ),
    (
        b'<Vehicle vehicleRegistrationNumber="WA %d"',
        b'<?a <Vehicle ?><Vehicle vehicleRegistrationNumber="WA %d"',
    ),
    (b'<Vehicle vehicleRegistrationNumber="WA %d"', b'<Vehicle\n  vehicleRegistrationNumber="WA %d"'),
    (
        b'<Vehicle vehicleRegistrationNumber="WA %d"',
        b'<Vehicle xmlns="https://webgate.ec.testa.eu/move-hub/erru/3.5" vehicleRegistrationNumber="WA %d"',
    ),
    (b'"WA %d"', '"\u017d %d"'.encode()),
    (b'"WA %d"', '"Z\u030c %d"'.encode()),
    (b'"WA %d"', b'"WA > \'%d"'),
]


def of_a_tree(document: bytes) -> Message[Any]:
    """Return what is read where nothing was cut out."""
    return FORM.read(parse(document))


def raws(message: Message[Any]) -> list[str]:
    """Return what stood on the wire."""
    numbers = [each.vehicle_registration_number for each in message.body.undertakings[0].vehicles]
    return [getattr(number, "raw", number) for number in numbers]


@pytest.mark.parametrize("number", [0, 1, MANY - 1, MANY, 10 * MANY, CHUNK // 50])
def test_a_list_of_any_length_comes_back_as_it_was(number: int) -> None:
    message = fleet(number)
    assert erru.decode(erru.encode(message)) == message


def test_of_a_document_with_a_long_list_the_tree_is_small() -> None:
    rest, [rows] = LISTS.cut(erru.encode(fleet(10 * MANY)))
    assert len(rest) < 2_000
    assert len(rows) == 10 * MANY


@given(st.lists(st.tuples(st.sampled_from(REWRITTEN), st.integers(0, MANY - 1)), max_size=6))
def test_how_a_long_list_is_written_makes_no_difference(
    changes: list[tuple[tuple[bytes, bytes], int]],
) -> None:
    document = erru.encode(fleet(MANY))
    for (old, new), number in changes:
        document = document.replace(old % number, new % number)
    read, expected = erru.decode(document), of_a_tree(document)
    assert read == expected
    assert raws(read) == raws(expected)


@pytest.mark.parametrize(("old", "new"), REWRITTEN)
def test_a_list_that_is_written_otherwise_throughout_makes_no_difference(old: bytes, new: bytes) -> None:
    document = erru.encode(fleet(MANY))
    for number in range(MANY):
        assert old % number in document
        document = document.replace(old % number, new % number)
    read, expected = erru.decode(document), of_a_tree(document)
    assert read == expected
    assert raws(read) == raws(expected)


@pytest.mark.parametrize("at", [b"<Header ", b"</Body>", b"<VehicleRegistrations>"])
@pytest.mark.parametrize(
    "hidden", [b"<!--<VehicleRegistrations></VehicleRegistrations>-->", b"<?a <VehicleRegistrations> ?>"]
)
def test_what_a_comment_holds_is_no_list(at: bytes, hidden: bytes) -> None:
    message = fleet(MANY)
    document = erru.encode(message)
    assert document.count(at) == 1
    assert erru.decode(document.replace(at, hidden + at)) == message


@pytest.mark.parametrize("suspended", [(), range(0, MANY, 7), range(MANY)], ids=["none", "some", "all"])
def test_an_attribute_that_only_some_of_a_long_list_have_stays_with_its_own(suspended: Iterable[int]) -> None:
    copies = tuple(
        erru.CertifiedTrueCopy(
            true_copy_number=f"PL-{number}",
            true_copy_issue_date=date(2020, 1, 1),
            true_copy_expiry_date=date(2030, 1, 1),
            true_copy_suspension_date=date(2021, 1, number % 28 + 1) if number in set(suspended) else None,
        )
        for number in range(MANY)
    )
    message = fleet(MANY)
    [found] = message.body.undertakings
    body = replace(message.body, undertakings=(replace(found, true_copies=copies),) * 2)
    assert erru.decode(erru.encode(replace(message, body=body))).body == body


@pytest.mark.parametrize("text", [" WA  3 ", "WA&#9;3", "Z\u030c 3"])
def test_a_text_in_a_long_list_is_cleaned_and_kept_as_it_came(text: str) -> None:
    document = erru.encode(fleet(MANY)).replace(b'"WA 3"', f'"{text}"'.encode())
    vehicle = erru.decode(document).body.undertakings[0].vehicles[3]
    assert vehicle.vehicle_registration_number in {"WA 3", "\u017d 3"}
    assert vehicle.vehicle_registration_number.raw == text.replace("&#9;", "\t")


def test_a_value_that_no_field_takes_is_not_left_out() -> None:
    document = erru.encode(fleet(MANY)).replace(b"<Vehicle v", b'<Vehicle colour="red" v')
    with pytest.raises(InvalidIncoming):
        LISTS.cut(document)


def test_an_xsi_attribute_in_a_long_list_is_refused_with_its_line() -> None:
    xsi = b'<Vehicle xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Vehicle" v'
    document = erru.encode(fleet(MANY)).replace(b"<Vehicle v", xsi, 1)
    with pytest.raises(InvalidIncoming, match="Vehicle/@xsi, line 2: an xsi attribute"):
        erru.decode(document)


def test_a_value_without_meaning_in_python_is_not_left_out() -> None:
    """No schema of ours lets one pass; an official one may, and then a tree of the whole says where it is."""
    copies = tuple(
        erru.CertifiedTrueCopy(
            true_copy_number=f"PL-{number}",
            true_copy_issue_date=date(2020, 1, 1),
            true_copy_expiry_date=date(2030, 1, 1),
        )
        for number in range(MANY)
    )
    message = fleet(1)
    body = replace(message.body, undertakings=(replace(message.body.undertakings[0], true_copies=copies),))
    old, new = b'CopyExpiryDate="2030-01-01"', b'CopyExpiryDate="0000-01-01"'
    document = erru.encode(replace(message, body=body)).replace(old, new, 1)
    assert new in document
    with pytest.raises(ValueError, match="year"):
        LISTS.cut(document)


def test_the_sign_of_a_list_that_was_cut_out_is_not_taken_from_a_document() -> None:
    document = erru.encode(fleet(MANY)).replace(b"<VehicleRegistrations>", b'<VehicleRegistrations cut="0">')
    with pytest.raises(InvalidIncoming):
        erru.decode(document)
