"""A long list that is cut out of its document comes back as a tree of the whole would give it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.codec.document_type import Form
from movehub.codec.parser import parse
from movehub.errors import InvalidIncoming, TheirFault
from movehub.lists import LONG, Lists
from movehub.long_list import CHUNK, LongList
from movehub.protocol.message import Message
from movehub.records.record import plan_of
from movehub.schema_types import ElementType, SimpleType

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
    rest, [rows], _ = LISTS.cut(erru.encode(fleet(10 * MANY)), surely=False)
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
        LISTS.cut(document, surely=False)


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
        LISTS.cut(document, surely=False)


def test_the_sign_of_a_list_that_was_cut_out_is_not_taken_from_a_document() -> None:
    document = erru.encode(fleet(MANY)).replace(b"<VehicleRegistrations>", b'<VehicleRegistrations cut="0">')
    with pytest.raises(InvalidIncoming):
        erru.decode(document)


COMMENT = b'<!--<VehicleRegistrations><Vehicle vehicleRegistrationNumber="A"/></VehicleRegistrations>-->'


def test_a_list_whose_tag_is_written_otherwise_is_not_taken_for_one_in_a_comment() -> None:
    message = fleet(MANY)
    document = erru.encode(message).replace(b"<VehicleRegistrations>", COMMENT + b"<VehicleRegistrations >")
    assert erru.decode(document) == message


@pytest.mark.parametrize("place", [0, 1])
def test_a_list_whose_tag_is_written_otherwise_is_not_taken_for_another(place: int) -> None:
    message = fleet(MANY)
    [found] = message.body.undertakings
    other = replace(found, vehicles=found.vehicles[: MANY // 2])
    message = replace(message, body=replace(message.body, undertakings=(found, other)))
    parts = erru.encode(message).split(b"<VehicleRegistrations>")
    tags = [b"<VehicleRegistrations>", b"<VehicleRegistrations>"]
    tags[place] = b"<VehicleRegistrations >"
    assert erru.decode(parts[0] + tags[0] + parts[1] + tags[1] + parts[2]) == message


def test_a_list_whose_closing_tag_has_a_blank_is_read_all_the_same() -> None:
    message = fleet(MANY)
    [found] = message.body.undertakings
    few = replace(found, vehicles=found.vehicles[:1])
    message = replace(message, body=replace(message.body, undertakings=(few, found)))
    closing = b"</VehicleRegistrations>"
    document = erru.encode(message).replace(closing, b"</VehicleRegistrations >", 1)
    for _ in range(6):
        assert erru.decode(document) == message


def test_a_row_is_held_against_the_first_of_its_list_however_far_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("movehub.long_list.CHUNK", 1)  # each row by itself
    document = erru.encode(fleet(MANY))
    assert erru.decode(document) == erru.decode(document)
    last = b'"WA %d" vehicleRegistrationCountry="PL"' % (MANY - 1)
    assert last in document
    with pytest.raises(InvalidIncoming, match="required attribute is missing"):
        erru.decode(document.replace(last, b'"WA %d"' % (MANY - 1)))


def test_of_a_list_with_a_limit_one_row_does_not_stand_for_all() -> None:
    [plan] = FORM.parts[1][1].children[-1].alternatives[0][1]
    [vehicles] = [child for child in plan.children if child.around == "VehicleRegistrations"]
    rows = b'<Vehicle vehicleRegistrationNumber="WA 1" vehicleRegistrationCountry="PL"/>' * 3
    text = SimpleType("token", shortest=1, longest=15)
    row = ElementType({"vehicleRegistrationNumber": text, "vehicleRegistrationCountry": text}, {})
    for unbounded in (frozenset({"Vehicle"}), frozenset[str]()):
        said = ElementType({}, {"Vehicle": row}, unbounded)
        [[vehicle]] = [plans for _, plans in vehicles.alternatives]
        vehicle_list = LongList("VehicleRegistrations", "Vehicle", vehicle, "urn:a", said)
        if unbounded:
            assert len(vehicle_list.read(rows, surely=True)) == 3
        else:
            with pytest.raises(ValueError, match="left to the schema"):
                vehicle_list.read(rows, surely=True)
        assert len(vehicle_list.read(rows, surely=False)) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</VehicleRegistrations>", b'"Ghost</VehicleRegistrations>'),
        (b"</VehicleRegistrations>", b'"Ghost ]]> text</VehicleRegistrations>'),
        (b"</VehicleRegistrations>", b'"Ghost"</VehicleRegistrations>'),
        (b"</VehicleRegistrations>", b"\x0c</VehicleRegistrations>"),
        (b'PL"/></VehicleRegistrations>', b'PL"\x0b/></VehicleRegistrations>'),
        (b'<Vehicle vehicleRegistrationNumber="WA 9"', b'<Vehicle \x0cvehicleRegistrationNumber="WA 9"'),
        (b"<Vehicle v", b"<Vehicle \x0cv"),
        (b'"WA 9"', b'"WA \xff"'),
    ],
)
@pytest.mark.parametrize("chunk", [1, CHUNK])
def test_nothing_stands_between_rows_but_blanks(
    old: bytes, new: bytes, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("movehub.long_list.CHUNK", chunk)
    document = erru.encode(fleet(MANY))
    assert old in document
    with pytest.raises(TheirFault):
        erru.decode(document.replace(old, new))


def test_a_short_list_stays_in_the_document_beside_a_long_one() -> None:
    """What is left of both kinds of documents has the same markup: one row of each list."""
    [found] = fleet(MANY).body.undertakings
    copy = erru.CertifiedTrueCopy(
        true_copy_number="1",
        true_copy_issue_date=date(2026, 1, 1),
        true_copy_expiry_date=date(2027, 1, 1),
    )
    many_vehicles = replace(found, true_copies=(copy,))
    copies = tuple(replace(copy, true_copy_number=str(number)) for number in range(MANY))
    many_copies = replace(found, vehicles=found.vehicles[:1], true_copies=copies)
    kinds = set()
    for undertaking in (many_vehicles, many_copies) * 6:
        body = replace(fleet(0).body, undertakings=(undertaking,))
        document = erru.encode(replace(fleet(0), body=body))
        _, [rows], [kind] = FORM._lists.cut(document, surely=True)
        assert len(rows) == MANY
        kinds.add(kind)
        assert erru.decode(document).body == body
    assert len(kinds) == 2


def test_rows_that_begin_and_end_as_others_did_may_have_other_attributes() -> None:
    copies = LongList("Copies", "Copy", plan_of(erru.CertifiedTrueCopy), "urn:a")
    row = b'<Copy trueCopyNumber="1" trueCopyIssueDate="2026-01-01"%b trueCopyExpiryDate="2027-01-01"/>'
    for more in (b"", b' trueCopySuspensionDate="2026-02-02"', b""):
        read = copies.read((row % more) * 3, surely=False)
        assert [each.true_copy_suspension_date is not None for each in read] == [bool(more)] * 3


@given(st.lists(st.sampled_from(["PL", "DE", "CZ"]), min_size=1, max_size=4))
def test_each_vehicle_keeps_its_country_where_nearly_all_have_the_same(others: list[str]) -> None:
    document = erru.encode(fleet(MANY))
    expected = ["PL"] * MANY
    for place, country in zip(range(0, MANY, MANY // 4), others, strict=False):
        old = b'"WA %d" vehicleRegistrationCountry="PL"' % place
        document = document.replace(old, old.replace(b"PL", country.encode()))
        expected[place] = country
    for _ in range(6):  # known markup is read by the same columns
        vehicles = erru.decode(document).body.undertakings[0].vehicles
        assert [each.vehicle_registration_country for each in vehicles] == expected


def test_what_all_vehicles_have_alike_is_kept_once() -> None:
    vehicles = erru.decode(erru.encode(fleet(CHUNK // 80))).body.undertakings[0].vehicles
    assert len({id(each.vehicle_registration_country) for each in vehicles}) == 1
    assert len({each.vehicle_registration_number for each in vehicles}) == len(vehicles)


@pytest.mark.parametrize("place", [0, MANY // 2, MANY - 1])
def test_a_list_within_another_is_told_as_one_out_of_place(place: int) -> None:
    row = b'<Vehicle vehicleRegistrationNumber="WA %d" vehicleRegistrationCountry="PL"/>' % place
    inner = b"<CertifiedTrueCopyDetails>" + b'<X a="b"/>' * LONG + b"</CertifiedTrueCopyDetails>"
    document = erru.encode(fleet(MANY))
    assert row in document
    with pytest.raises(InvalidIncoming, match="VehicleRegistrations/.*out of place"):
        erru.decode(document.replace(row, row + inner))


def test_many_short_lists_are_not_cut_out() -> None:
    message = fleet(3)
    body = replace(message.body, undertakings=message.body.undertakings * 200)
    document = erru.encode(replace(message, body=body))
    assert LISTS.cut(document, surely=True) == (document, [], ())
    assert erru.decode(document).body == body


def test_a_part_that_has_a_tree_of_its_own_may_be_as_long_as_the_document() -> None:
    document = erru.encode(fleet(MANY)).replace(b'"WA 3"', b'"' + b"\t" * (3 << 20) + b'WA 3"')
    assert replace(erru.CODEC, limit=4 << 20).decode(document).body == fleet(MANY).body
