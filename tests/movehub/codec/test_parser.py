"""What is refused before anything is parsed, and how fast."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.codec.parser import parse
from movehub.errors import ForbiddenDoctype, Malformed, NotUtf8, TooLarge, Unreadable
from movehub.protocol.message import DEFAULT_LIMIT

from tests.support.examples import CANARY

BILLION_LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><lolz>&j;</lolz>"
)
QUADRATIC = b'<!DOCTYPE q [<!ENTITY a "' + b"x" * 50_000 + b'">]><q>' + b"&a;" * 50_000 + b"</q>"
EXTERNAL = b'<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>'

#: Each input with the error that it must meet.
REFUSED = {
    "doctype": (b"<!DOCTYPE a><a/>", ForbiddenDoctype),
    "doctype after a comment": (b"<!-- > --><?pi?>\n<!DOCTYPE a><a/>", ForbiddenDoctype),
    "doctype after a byte order mark": (
        b"\xef\xbb\xbf<?xml version='1.0'?><!DOCTYPE a><a/>",
        ForbiddenDoctype,
    ),
    "external entity": (EXTERNAL, ForbiddenDoctype),
    "billion laughs": (BILLION_LAUGHS, ForbiddenDoctype),
    "quadratic blow-up": (QUADRATIC, ForbiddenDoctype),
    "UTF-16 with a mark": ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), NotUtf8),
    "UTF-16 without a mark": ("<a/>".encode("utf-16-le"), NotUtf8),
    "UTF-32": ("<a/>".encode("utf-32-be"), NotUtf8),
    "UTF-7": (b"+ADw-a/+AD4-", Malformed),
    "ISO-8859-1, declared": (b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", NotUtf8),
    "ISO-8859-1, not declared": ("<a b='Kanarienvögel'/>".encode("latin-1"), NotUtf8),
    "truncated": (b"<a><b>", Malformed),
    "trailing garbage": (b"<a/>garbage", Malformed),
    "two documents": (b"<a/><a/>", Malformed),
    "nothing": (b"", Malformed),
    "only blanks": (b"  \n ", Malformed),
    "an unfinished comment": (b"<!-- ", Malformed),
    "an undeclared entity": (b"<a>&x;</a>", Malformed),
    "100,000 deep": (b"<a>" * 100_000 + b"</a>" * 100_000, Malformed),
    "50 MB": (b"<a>" + b"x" * 50_000_000 + b"</a>", TooLarge),
    "200,000 attributes": (
        b"<a " + b" ".join(b"a%d='>\"'" % each for each in range(200_000)) + b"/>",
        TooLarge,
    ),
    "200,000 namespaces": (
        b"<a " + b" ".join(b'xmlns:a%d="u"' % each for each in range(200_000)) + b"/>",
        TooLarge,
    ),
    "a late doctype": (b"<a><!DOCTYPE a></a>", Malformed),
}


@pytest.mark.parametrize(("data", "error"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_input_is_refused_by_name(data: bytes, error: type[Unreadable]) -> None:
    with pytest.raises(error) as caught:
        parse(data)
    assert "Kanarienv" not in str(caught.value)
    assert caught.value.fault == "theirs"


def test_the_line_is_told() -> None:
    with pytest.raises(ForbiddenDoctype, match="line 3"):
        parse(b"<!-- \n -->\n<!DOCTYPE a><a/>")


def test_a_byte_order_mark_is_accepted() -> None:
    assert parse(b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>").tag == "a"


def test_any_spelling_of_utf_8_is_accepted_in_the_declaration() -> None:
    assert parse(b"<?xml version='1.0' encoding='uTf-8' standalone='yes'?><a/>").tag == "a"


def test_the_word_doctype_may_stand_in_a_value() -> None:
    assert parse(b"<!-- <!DOCTYPE --><a b='&lt;!DOCTYPE x>'/>").get("b") == "<!DOCTYPE x>"


def test_the_limit_can_be_set() -> None:
    data = b"<a>" + b"x" * DEFAULT_LIMIT + b"</a>"
    with pytest.raises(TooLarge):
        parse(data)
    assert parse(data, limit=len(data)).tag == "a"


def test_the_parsers_own_words_are_not_passed_on() -> None:
    with pytest.raises(Malformed) as caught:
        parse(f"<{CANARY}></x>".encode())
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=200) | st.text("<>!DOCTYPE?- [&;x\n'\"=/", max_size=60).map(str.encode))
def test_whatever_comes_is_parsed_or_refused_with_a_named_error(data: bytes) -> None:
    try:
        root = parse(data)
    except Unreadable:
        return
    assert root.getroottree().docinfo.doctype == ""


@pytest.mark.parametrize(
    "document",
    [
        b"<a>" + b"&lt;a b=\"1\" c='2'>" * 100_000 + b"</a>",
        b"<a b='" + b"c=1 " * 100_000 + b"'/>",
        b"<a>" + b"x" * 100_000 + b"<b " + b" ".join(b'a%d="1"' % each for each in range(900)) + b"/></a>",
        b" " * 100_000 + b"<a/>",
    ],
    ids=["text", "a value", "900 attributes", "blanks"],
)
def test_long_text_and_long_values_are_no_long_tags(document: bytes) -> None:
    assert parse(document).tag == "a"
