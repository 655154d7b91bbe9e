"""However a document is written, it is decoded as its tree says, or refused as its tree is."""

from __future__ import annotations

import re
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from movehub.codec import Codec, parse
from movehub.errors import InvalidIncoming, TheirFault, UnknownMessage, Unreadable

from erru_client import CODEC as ERRU
from erru_client import ERRU_3_5
from tachonet_client import CODEC as TACHONET
from tests.support.erru_messages import ctud_request, fleet, ncr_request, sent
from tests.support.official import specimens

#: Values that a schema, a parser and Python may each see in a light of their own.
NASTY: Final = [
    *("", " ", "x", " x", "x ", "a  b", "a\tb", "a\nb", "a\r\nb", "a b", "a\u00a0b", "a\u2003b", "\u200b"),
    *(
        "&amp;",
        "&#65;",
        "&lt;",
        ">",
        "'",
        "&bogus;",
        "]]>",
        "<",
        "&",
        "\x01",
        "\x7f",
        "\x85",
        "\ufffe",
        "\ue000",
    ),
    *("é", "e\u0301", "\u0301", "Ω", "\u2126", "Ж", "\U0001f600", "\ud55c", "\u1112\u1161\u11ab"),
    *("x" * length for length in (2, 3, 8, 9, 15, 16, 17, 20, 36, 37, 50, 51, 100, 101, 512, 513)),
    *("0", "1", "5", "05", "+5", "-1", "-0", "1.0", "1e3", "1_0", "9" * 9, "9" * 30, "０", "\u0661"),
    *("true", "false", "True", "TRUE", " true", "yes", "Yes", "No"),
    *("2026-10-20", "2026-02-29", "2028-02-29", "2026-13-01", "0000-01-01", "0001-01-01", "9999-12-31"),
    *("2026-W01-1", "20261020", "2026-10-20Z", "2026-10-20+01:00", "-2026-10-20", "12026-10-20", "2026-1-2"),
    *("2026-10-20T09:30:00Z", "2026-10-20T24:00:00Z", "2026-10-20T09:30:60Z", "2026-10-20T09:30:00z"),
    *("2026-10-20T09:30:00.5Z", "2026-10-20T09:30:00+00:00", "1752-12-31T23:59:59Z", "1753-01-01T00:00:00Z"),
    *("2026-10-20 09:30:00Z", "20261020T093000Z", "2026-10-20T25:00:00Z", "9999-12-31T24:00:00Z"),
    *("383ACF5B-3EDB-4B42-9C6D-6A8618CE27C2", "{383acf5b-3edb-4b42-9c6d-6a8618ce27c2}"),
    *("383acf5b3edb4b429c6d6a8618ce27c2", "383acf5b-3edb-4b42-9c6d-6a8618ce27c2 "),
    *(
        "3.4",
        "3.5",
        "FI",
        "fi",
        "ZZ",
        "EU",
        "Found",
        "found",
        "Found ",
        "901",
        "CA",
        "SI",
        "xmlns",
        'xmlns="a"',
    ),
]
VALUE: Final = re.compile(r'(?<==)"[^"]*"')
#: Editions that differ in fields.
SPOKEN: Final = ((ERRU, "erru", "3.5"), (TACHONET, "tachonet", "3.0"), (TACHONET, "tachonet", "2016"))
DOCUMENTS: Final = {
    f"{system} {version} {name}": (codec, document)
    for codec, system, version in SPOKEN
    for name, document in specimens(system, version).items()
}
ON_TREES: Final = {
    edition: etree.XMLSchema(etree.parse(edition.schema.path))  # type: ignore[attr-defined]
    for codec in (ERRU, TACHONET)
    for edition in codec.editions
}
NCR: Final = ERRU.encode(sent(ncr_request()))
DECLARED: Final = f' xmlns="{ERRU_3_5.namespace}"'.encode()


def verdict(codec: Codec, document: bytes) -> object:
    """Return the message, the kind of error with its place, or what is wrong with the bytes."""
    try:
        message = codec.decode(document)
    except TheirFault as error:
        assert error.__cause__ is None
        assert error.__context__ is None
        return type(error)
    return message, codec.write(message)


def of_the_tree(codec: Codec, document: bytes) -> object:
    """Return the same, of a document whose tree is built without a schema and then validated."""
    try:
        root = parse(document)
        known = codec._known(root)
        if not ON_TREES[known.edition].validate(root):
            return InvalidIncoming
        message = known.read(root)
    except TheirFault as error:
        return type(error)
    return message, codec.write(message)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_value_gets_the_verdict_of_the_tree(name: str) -> None:
    codec, document = DOCUMENTS[name]
    text, rng = document.decode(), Random(name)
    for value in VALUE.finditer(text, text.index("Header ")):
        for nasty in rng.sample(NASTY, 12):
            escaped = nasty.replace('"', "&quot;")
            changed = f'{text[: value.start()]}"{escaped}"{text[value.end() :]}'.encode()
            assert verdict(codec, changed) == of_the_tree(codec, changed), changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Body ", "<!-- --><Body "),
        ("<Body ", "<Body\n\t"),
        ("/><Body ", " ></Header>\n<Body "),
        ("/><Body ", '/><?a b="c"?><Body '),
        ("/><Body ", '/>x="y"<Body '),
        ("/><Body ", '/><![CDATA[ a="b"]]><Body '),
        ("<Body ", '<Body xmlns="https://webgate.ec.testa.eu/move-hub/erru/3.5" '),
        ("<Body ", '<Body xmlns="https://webgate.ec.testa.eu/move-hub/erru/3.4" '),
        ("<Body ", '<Body xsi:type="a" '),
        ("<Body ", '<Body a:b="c" '),
        ("<Body ", '<Body xmlns:a="b" a:b="c" '),
        ("<Body ", '<Body xml:lang="el" '),
        ("<Body ", '<a:Body xmlns:a="https://webgate.ec.testa.eu/move-hub/erru/3.5" '),
        ("<Body ", '<Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" '),
        ('to="PL"', "to='PL'"),
        ('to="PL"', "to='P\"L'"),
        ('to="PL"', 'to = "PL"'),
        ('to="PL"', 'to="PL" to="PL"'),
        ('from="FI" to="PL"', 'to="PL" from="FI"'),
        ("</Body>", "</Body><Body/>"),
        ("</NotifyCheckResult_Request>\n", ""),
        ("</NotifyCheckResult_Request>\n", "</NotifyCheckResult_Request>\n<!-- xmlns -->"),
        ('xmlns="', "xmlns='"),
        ('3.5">', "3.5'>"),
        ('xmlns="', 'xmlns:a="'),
        ('xmlns="', 'xmlns=" '),
        ('<?xml version="1.0" encoding="UTF-8"?>', ""),
        ('<?xml version="1.0" encoding="UTF-8"?>', "\ufeff"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0\" encoding='UTF-8'?>"),
        ('<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="UTF-8" bogus="a"?>'),
    ],
)
@pytest.mark.parametrize("long", [False, True])
def test_any_way_of_writing_gets_the_verdict_of_the_tree(old: str, new: str, long: bool) -> None:
    document = NCR.decode()
    assert old in document
    changed = document.replace(old, new, 1).encode() + b"\n" * (100_000 if long else 0)
    assert verdict(ERRU, changed) == of_the_tree(ERRU, changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'from="FI"', b'from="F\xff"'),
        (b"/><Body ", b"/>\xc3<Body "),
        (b"?>\n", b"?>\x0c"),
        (b"?>\n", b"?>\xa0"),
        (b"<NotifyCheckResult_Request ", b"<NotifyCheckResult_Request\x0b"),
        (b"<Body ", b"<Body\x0c"),
        (b"<Body ", b"<Body\x1c"),
        (b"<Body ", b'<Body xmlns:a="/>" '),
        (b"<Body ", b'<Body xmlns:a="" '),
        (b"<Body ", b'<Body xmlns:xml="x" '),
        (b"<Body ", b'<Body xmlns:xmlns="x" '),
        (b"<Body ", b'<Body xmlns:a="b" xmlns:a="b" '),
        (b"<Body ", b'<Body xmlns:a="b" xmlns:c="b" a:d="" c:d="" '),
    ],
)
def test_what_no_parser_takes_is_refused_as_unreadable(old: bytes, new: bytes) -> None:
    """A parser that validates overlooks faulty declarations of namespaces."""
    assert old in NCR
    changed = NCR.replace(old, new, 1)
    with pytest.raises(Unreadable):
        ERRU.decode(changed)
    with pytest.raises(Unreadable):
        ERRU.decode(changed + b"\n" * 100_000)


@pytest.mark.parametrize(
    "document",
    [
        NCR.replace(b"xmlns=", b"amlns="),
        NCR.replace(b" xmlns=", b" axmlns="),
        NCR.replace(DECLARED, b"", 1).replace(b"<Header ", b"<Header" + DECLARED + b" "),
        NCR.replace(DECLARED, b"", 1).replace(b"<Header ", b"<!--" + DECLARED + b" --><Header "),
    ],
    ids=["none", "another attribute", "below the root", "in a comment"],
)
def test_a_root_without_a_namespace_is_not_known_wherever_one_is_named(document: bytes) -> None:
    with pytest.raises(UnknownMessage, match="ERRU is spoken here"):
        ERRU.decode(document)


def test_a_namespace_is_no_value() -> None:
    """If it were read as one, the values after it would each go to the field before theirs."""
    document = ERRU.encode(sent(ctud_request(name="Canary", licence="PL-1")))
    namespace = f'<SearchByLicenceAndName xmlns="{ERRU.editions[-1].namespace}" '
    changed = document.replace(b"<SearchByLicenceAndName ", namespace.encode())
    assert changed != document
    assert ERRU.decode(changed) == ERRU.decode(document)


ROW: Final = b'<Vehicle vehicleRegistrationNumber="WA %d"'
COUNTRY: Final = b' vehicleRegistrationCountry="PL"'
#: Other ways to write a row, each of which may stand anywhere in a list.
REWRITTEN: Final = [
    (b'="WA %d"' + COUNTRY, b"='WA %d' \nvehicleRegistrationCountry = 'PL'"),
    (ROW + COUNTRY, b"<Vehicle" + COUNTRY + b' vehicleRegistrationNumber="WA %d"'),
    (b'"WA %d"' + COUNTRY + b"/>", b'"WA %d"' + COUNTRY + b"></Vehicle >\n"),
    *(
        (b'"WA %d"', b'"%s"' % text)
        for text in (
            b"WA&#32;%d",
            b"WA\n%d",
            b"WA  %d",
            b" WA %d",
            b"WA %d ",
            b"WA|%d",
            b"WA&#9;%d",
            b"W > '%d",
        )
    ),
    (b'"WA %d"', '"\u017d %d"'.encode()),
    (b'"WA %d"', '"Z\u030c %d"'.encode()),
    (b'"WA %d"', b'"WA %d" colour="red"'),
    (b'"WA %d"' + COUNTRY, b'"WA %d"'),
    (ROW, b"<!-- <Vehicle -->\n" + ROW),
    (ROW, b"<?a <Vehicle ?>" + ROW),
    (ROW, ROW.replace(b"<Vehicle", b"<Vehicle" + DECLARED)),
]
MANY: Final = 100
FLEET: Final = ERRU.encode(fleet(MANY))


@given(st.lists(st.tuples(st.sampled_from(REWRITTEN), st.integers(0, MANY - 1)), max_size=6))
def test_a_long_list_gets_the_verdict_of_the_tree_however_its_rows_are_written(
    changes: list[tuple[tuple[bytes, bytes], int]],
) -> None:
    document = FLEET
    for (old, new), number in changes:
        document = document.replace(old % number, new % number)
    assert verdict(ERRU, document) == of_the_tree(ERRU, document)


@pytest.mark.parametrize("place", [0, 1, MANY - 1])
def test_in_a_long_list_any_value_gets_the_verdict_of_the_tree(place: int) -> None:
    text = FLEET.decode()
    for nasty in NASTY:
        escaped = nasty.replace('"', "&quot;")
        for old in (f'"WA {place}" vehicleRegistrationCountry="PL"', f'"WA {place}"'):
            changed = text.replace(old, old.rpartition('"')[0].rpartition('"')[0] + f'"{escaped}"').encode()
            assert changed != FLEET
            assert verdict(ERRU, changed) == of_the_tree(ERRU, changed), changed[-2000:]


def test_an_xsi_attribute_in_a_long_list_is_refused_with_its_line() -> None:
    xsi: Any = b'<Vehicle xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Vehicle" v'
    with pytest.raises(InvalidIncoming, match="line 2: an xsi attribute"):
        ERRU.decode(FLEET.replace(b"<Vehicle v", xsi, 1))


def test_the_refusal_of_an_xsi_attribute_shows_no_name_that_the_document_made_up() -> None:
    """The schema has not judged the document yet, so any name in it can be that of a person."""
    document = ERRU.encode(sent(ctud_request()))
    declared = b' xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'
    altered = document.replace(b"<Header", b'<Anna_Virtanen x:type="a"/><Header', 1)
    altered = altered.replace(b' xmlns="', declared + b' xmlns="', 1)
    assert b"Virtanen" in altered
    with pytest.raises(InvalidIncoming, match="an xsi attribute") as refused:
        ERRU.decode(altered)
    assert "Virtanen" not in str(refused.value)


_ATTRIBUTE_NAME = re.compile(rb' (?=[A-Za-z]+=")')


@pytest.mark.parametrize(("codec", "system", "version"), SPOKEN)
def test_an_attribute_with_an_undeclared_prefix_is_refused(codec: Codec, system: str, version: str) -> None:
    """A parser that validates takes `q:startDate` for `startDate`: a value must not be lost in silence."""
    tried = 0
    for document in specimens(system, version).values():
        head = document.index(b"Header")
        for found in _ATTRIBUTE_NAME.finditer(document, head):
            altered = document[: found.end()] + b"q:" + document[found.end() :]
            with pytest.raises(TheirFault):
                codec.decode(altered)
            tried += 1
    assert tried > 300


@pytest.mark.parametrize("row", [0, MANY // 2, MANY - 1])
def test_an_attribute_with_an_undeclared_prefix_is_refused_in_a_long_list(row: int) -> None:
    places = [found.start() for found in re.finditer(b" vehicleRegistrationCountry=", FLEET)]
    at = places[row] + 1
    with pytest.raises(InvalidIncoming, match="a prefix that is not declared"):
        ERRU.decode(FLEET[:at] + b"q:" + FLEET[at:])
