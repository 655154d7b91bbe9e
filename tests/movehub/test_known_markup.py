"""A document whose markup is known gets the verdict, and gives the message, of one that is parsed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from movehub.codec.codec import Codec
from movehub.codec.document_type import Form
from movehub.errors import MovehubError, Unreadable
from movehub.known_markup import KnownMarkup
from movehub.protocol.message import Message
from movehub.records.values import read_text
from movehub.sure_values import is_plain

from erru_client import CODEC as ERRU
from erru_client import encode
from tachonet_client import CODEC as TACHONET
from tests.support.erru_messages import ctud_request, fleet, ncr_request, sent
from tests.support.mutation import mutants
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
    *(
        "0",
        "1",
        "5",
        "05",
        "+5",
        "-1",
        "-0",
        "1.0",
        "1e3",
        "1_0",
        "9" * 9,
        "9" * 10,
        "9" * 30,
        "０",
        "\u0661",
    ),
    *("true", "false", "True", "TRUE", " true", "yes", "Yes", "No"),
    *("2026-10-20", "2026-02-29", "2028-02-29", "2026-13-01", "0000-01-01", "0001-01-01", "9999-12-31"),
    *("2026-W01-1", "20261020", "2026-10-20Z", "2026-10-20+01:00", "-2026-10-20", "12026-10-20", "2026-1-2"),
    *("2026-10-20T09:30:00Z", "2026-10-20T24:00:00Z", "2026-10-20T09:30:60Z", "2026-10-20T09:30:00z"),
    *("2026-10-20T09:30:00.5Z", "2026-10-20T09:30:00+00:00", "1752-12-31T23:59:59Z", "1753-01-01T00:00:00Z"),
    *("2026-10-20 09:30:00Z", "20261020T093000Z", "2026-10-20T25:00:00Z", "9999-12-31T24:00:00Z"),
    *("383ACF5B-3EDB-4B42-9C6D-6A8618CE27C2", "{383acf5b-3edb-4b42-9c6d-6a8618ce27c2}"),
    *("383acf5b3edb4b429c6d6a8618ce27c2", "383acf5b-3edb-4b42-9c6d-6a8618ce27c2 "),
    *("3.4", "3.5", "FI", "fi", "ZZ", "EU", "Found", "found", "Found ", "901", "CA", "SI"),
]
VALUE: Final = re.compile(r'(?<==)"[^"]*"')
DOCUMENTS: Final = {
    f"{system} {version} {name}": (codec, document)
    for system, version, codec in (("erru", "3.5", ERRU), ("tachonet", "3.0", TACHONET))
    for name, document in specimens(system, version).items()
}


def untaught(codec: Codec) -> Codec:
    """Return a codec that never learns."""
    fresh = replace(codec)
    for form in fresh._to_write.values():
        form._markup, form._markup_left = Untaught(), defaultdict(Untaught)
    return fresh


class Untaught(KnownMarkup):
    def met(self, text: str) -> bool:
        return False


def ncr_message() -> Message[Any]:
    """Return a notification of a check."""
    return sent(ncr_request())


def form_of(codec: Codec, document: bytes) -> tuple[Form, str]:
    """Return what a codec knows of a document, and the part of it that is looked up."""
    form, start = codec._seems_to_be(document)
    assert form is not None
    return form, document[start:].decode()


def taught(codec: Codec, document: bytes) -> Codec:
    """Return a codec that has met a document often enough."""
    fresh = replace(codec)
    for _ in range(4):
        fresh.decode(document)
    return fresh


def outcome(codec: Codec, document: bytes, writer: Codec) -> tuple[object, ...]:
    """Return what comes of a document: the message, and how it would be written, or the error."""
    try:
        message = codec.decode(document)
    except MovehubError as error:
        return type(error), str(error), error.__cause__, error.__context__
    return message, writer.write(message)


def plainly(codec: Codec, document: bytes) -> bytes:
    """Return a document with values that need no cleaning, and numbers in their one form."""
    text = codec.write(codec.decode(document)).decode().replace("&amp;", "and")
    text = re.sub(r'(?<==)"[^"]*"', lambda value: f'"{" ".join(value[0][1:-1].split())}"', text)
    return re.sub(r'"(?:0\d+|\d{10,})"', '"3"', text).encode()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_value_gets_another_verdict_because_the_markup_is_known(name: str) -> None:
    codec, document = DOCUMENTS[name]
    plain = plainly(codec, document)
    learned, never = taught(codec, plain), untaught(codec)
    form, text = form_of(learned, plain)
    if "error_notification" in name:
        assert form._markup.take(text) is None  # text in an element counts as markup, and is never kept
        return
    assert form._markup.take(text) == codec.decode(plain)
    rng = Random(name)
    for value in VALUE.finditer(plain.decode(), len(plain.decode()) - len(text)):
        for nasty in rng.sample(NASTY, 20):
            changed = plain.decode()[: value.start()] + f'"{nasty}"' + plain.decode()[value.end() :]
            assert outcome(learned, changed.encode(), never) == outcome(never, changed.encode(), never), (
                changed
            )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_mutant_gets_another_verdict_because_the_markup_is_known(name: str) -> None:
    codec, document = DOCUMENTS[name]
    learned, never = taught(codec, plainly(codec, document)), untaught(codec)
    for mutant in mutants([document, plainly(codec, document)], Random(name), 60, most=2):
        for _ in range(5):  # what is valid is learned on the way
            found = outcome(learned, mutant.document, never)
        assert found == outcome(never, mutant.document, never), str(mutant)


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
        ("<Body ", '<Body xsi:type="a" '),
        ("<Body ", '<Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" '),
        ('to="PL"', "to='PL'"),
        ('to="PL"', "to='P\"L'"),
        ('to="PL"', 'to = "PL"'),
        ('to="PL"', 'to="PL" to="PL"'),
        ('from="FI" to="PL"', 'to="PL" from="FI"'),
        ("</Body>", "</Body><Body/>"),
        ("</NotifyCheckResult_Request>\n", ""),
        ("</NotifyCheckResult_Request>\n", "</NotifyCheckResult_Request>\n<!-- -->"),
        ('<?xml version="1.0" encoding="UTF-8"?>', ""),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0\" encoding='UTF-8'?>"),
        ('<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="UTF-8" bogus="a"?>'),
    ],
)
def test_however_it_is_written_a_document_is_judged_alike_each_time(old: str, new: str) -> None:
    document = encode(ncr_message()).decode()
    assert old in document
    changed = document.replace(old, new, 1).encode()
    learned, never = taught(ERRU, document.encode()), untaught(ERRU)
    expected = outcome(never, changed, never)
    for _ in range(6):
        assert outcome(learned, changed, never) == expected


@pytest.mark.parametrize("learned", [True, False])
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
    ],
)
def test_what_no_parser_takes_is_refused_with_an_error_of_ours(learned: bool, old: bytes, new: bytes) -> None:
    document = encode(ncr_message())
    codec = taught(ERRU, document) if learned else replace(ERRU)
    assert old in document
    changed = document.replace(old, new, 1)
    expected = outcome_of_the_whole(changed)
    assert issubclass(expected[0], Unreadable)  # type: ignore[arg-type]
    assert outcome(codec, changed, ERRU) == expected


def test_a_namespace_is_no_value() -> None:
    """Were it taken for one, the values after it would each go to the field before theirs."""
    document = encode(sent(ctud_request(name="Canary", licence="PL-1")))
    namespace = f'<SearchByLicenceAndName xmlns="{ERRU.editions[-1].namespace}" '
    changed = document.replace(b"<SearchByLicenceAndName ", namespace.encode())
    assert changed != document
    codec = taught(ERRU, document)
    assert all(codec.decode(changed) == codec.decode(document) for _ in range(6))


@pytest.mark.parametrize("old", ["</Body>", "</NotifyCheckResult_Request>\n"])
def test_a_remark_is_never_kept(old: str) -> None:
    document = encode(ncr_message()).decode().replace(old, f"{old}<!-- Kanarienvogel -->").encode()
    form, _ = form_of(taught(ERRU, document), document)
    assert not form._markup._learned


@pytest.mark.parametrize("nasty", NASTY)
@pytest.mark.parametrize("place", [0, 1, 250, 498, 499])
def test_in_a_long_list_no_value_gets_another_verdict(nasty: str, place: int) -> None:
    never = untaught(ERRU)
    document = encode(fleet(500)).decode()
    for old in (f'"WA {place}"', f'"WA {place}" vehicleRegistrationCountry="PL"'):
        new = old.rpartition('"PL"')[0] + f'"{nasty}"' if old.endswith('"PL"') else f'"{nasty}"'
        changed = document.replace(old, new).encode()
        assert changed != document.encode()
        whole = outcome_of_the_whole(changed)
        assert outcome(ERRU, changed, never) == whole


def outcome_of_the_whole(document: bytes) -> tuple[object, ...]:
    """Return what comes of a document that is parsed and validated as a whole."""
    whole = of_the_whole()
    return outcome(whole, document, whole)


def of_the_whole() -> Codec:
    """Return a codec that parses and validates each document as a whole."""
    whole = untaught(ERRU)
    for form in whole._to_write.values():
        form.valid_message = lambda data, start: None  # type: ignore[method-assign, assignment]
    return whole


def test_markup_is_learned_when_it_comes_again_and_again() -> None:
    codec, message = replace(ERRU), ncr_message()
    document = encode(message)
    form, text = form_of(codec, document)
    for _ in range(3):
        codec.decode(document)
        assert form._markup.take(text) is None
    codec.decode(document)
    assert form._markup.take(text) == codec.decode(document) == message


def test_what_is_written_is_learned_as_well_as_what_is_read() -> None:
    codec, message = replace(ERRU), ncr_message()
    for _ in range(4):
        document = codec.encode(message)
    form, text = form_of(codec, document)
    assert form._markup.admits(text)


def test_what_was_written_before_is_known_by_how_it_is_written() -> None:
    codec, message = replace(ERRU), ncr_message()
    form, _ = form_of(codec, encode(message))
    for _ in range(5):
        assert not form._markup.admits_written(form.written(message))
        codec.encode(message)
    assert form._markup.admits_written(form.written(message))


@pytest.mark.parametrize("nasty", NASTY)
def test_what_is_written_gets_the_same_verdict_however_often_its_like_was_written(nasty: str) -> None:
    message, learned, never = ncr_message(), replace(ERRU), untaught(ERRU)
    for _ in range(6):
        learned.write(message)
    try:
        body = replace(message.body, originating_authority=nasty)
    except ValueError:
        return  # no record takes it
    assert written_by(learned, replace(message, body=body)) == written_by(never, replace(message, body=body))


def written_by(codec: Codec, message: Message[Any]) -> bytes | str:
    """Return the document, or what the error says."""
    try:
        return codec.write(message)
    except MovehubError as error:
        return str(error)


def test_what_was_learned_holds_nobody() -> None:
    codec = taught(ERRU, encode(ncr_message()))
    form, text = form_of(codec, encode(ncr_message()))
    [(markup, take)] = form._markup._learned.items()
    constants = repr(take.__code__.co_consts)
    for value in re.findall(r'="([^"]{3,})"', text):
        assert value not in markup
        assert value not in constants


def test_no_more_is_kept_than_a_fixed_number() -> None:
    known = KnownMarkup()
    for number in range(10_000):
        known.met(f"<Row{number}/>")
    assert len(known._met) <= 4_096
    codec = replace(ERRU)
    vehicles = [encode(fleet(number)) for number in range(1, 31)] * 4
    for document in vehicles:
        codec.decode(document)
    form, _ = form_of(codec, vehicles[0])
    assert 0 < len(form._markup._learned) <= 64


def test_what_was_forgotten_is_learned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("movehub.known_markup._MOST_LEARNED", 3)
    codec, document = taught(ERRU, encode(fleet(1))), encode(fleet(1))
    for number in range(2, 6):
        for _ in range(4):
            codec.decode(encode(fleet(number)))
    form, text = form_of(codec, document)
    assert form._markup.take(text) is None
    for _ in range(4):
        codec.decode(document)
    assert form._markup.take(text) == fleet_of(document)


def fleet_of(document: bytes) -> Message[Any]:
    """Return a message as a codec reads it that has learned nothing."""
    return untaught(ERRU).decode(document)


def test_a_long_text_is_neither_learned_nor_looked_up() -> None:
    known, long = KnownMarkup(), "x" * 5_000
    assert {known.met(long) for _ in range(10)} == {False}
    assert known.take(long) is None


LETTERS = st.sampled_from(["a", " ", "é", "e", "\u0301", "&", "<", "\t", "\u00a0", "Ω"])


@given(st.lists(st.lists(LETTERS, max_size=6).map("".join), min_size=1, max_size=3))
def test_plain_is_what_no_parser_and_no_cleaning_changes(texts: list[str]) -> None:
    if not is_plain('"'.join(texts)):
        return
    for text in texts:
        parsed = etree.fromstring(f'<a b="{text}"/>').get("b")
        assert parsed == text == read_text(text)
        assert type(read_text(text)) is str
