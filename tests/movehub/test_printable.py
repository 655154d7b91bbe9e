"""Text from outside is shown without anything that acts on a terminal, on a log or on the order of text."""

from __future__ import annotations

import json
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidIncoming, PeerNotAllowed
from movehub.printable import json_text, printable

#: C0, DEL, NEL, CSI, OSC, separators, every bidi control, zero width, a tag, half a character.
HOSTILE = (
    "\0\a\b\t\n\r\x1b\x7f\x85\x9b\x9d\u2028\u2029\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2066\u2067\u2068\u2069\u200b\u200d\ufeff\U000e0041\ud800"
)
TEXTS = st.text(st.characters() | st.sampled_from(HOSTILE))


@pytest.mark.parametrize("character", HOSTILE)
def test_what_has_no_shape_is_shown_by_its_number(character: str) -> None:
    shown = printable(f"a{character}b")
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.startswith("a\\")


def test_letters_signs_and_blanks_stay() -> None:
    text = "Brückenthaler-O’Neil, Παπαδόπουλος, Żółć\u00a0\u2009№ 5 ‹€› e\u0301 😀"
    assert printable(text) == text


@given(TEXTS)
def test_nothing_invisible_is_left(text: str) -> None:
    shown = printable(text)
    assert all(each.isprintable() or category(each) == "Zs" for each in shown)
    assert printable(shown) == shown


@given(TEXTS)
def test_line_breaks_are_kept_on_request_alone(text: str) -> None:
    assert printable(text, keep="\n").split("\n") == [printable(line) for line in text.split("\n")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
@given(plain=st.recursive(TEXTS, lambda inner: st.dictionaries(TEXTS, inner, max_size=3), max_leaves=5))
def test_json_has_the_same_values_and_nothing_invisible(encoding: str, plain: object) -> None:
    text = json_text(plain, encoding)
    assert json.loads(text) == plain
    assert all(printable(line) == line for line in text.split("\n"))
    text.encode(encoding)


def test_an_error_is_one_line_whatever_it_was_made_of() -> None:
    error = PeerNotAllowed(f"the subject {HOSTILE} is not allowed")
    assert str(error).isprintable()
    assert error.reason.isprintable()
    assert str(InvalidIncoming("not valid")) == "not valid [Annex III, 2.2]"
