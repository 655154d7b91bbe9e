"""How names of any supported script are written in ASCII."""

from __future__ import annotations

import csv
import pickle
import re
import unicodedata
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.names.cyrillic import ICAO_CYRILLIC, OTHER_CYRILLIC, SOFTENING, STATES
from movehub.names.greek import ELOT_LETTERS, ISO_843_LETTERS
from movehub.names.latin import APOSTROPHE_LETTERS, ICAO_LATIN, OTHER_LATIN
from movehub.names.transliteration import SUPPORTED, UntransliterableCharacter, to_ascii

VECTORS = Path(__file__).parents[2] / "vectors" / "transliteration.csv"
with VECTORS.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))

#: Letters that an alphabet of a Member State, a candidate or a neighbour in the AETR prints on a licence.
ALPHABETS = {
    "AL": "ÇË",
    "AT CH DE LI LU": "ÄÖÜßẞ",
    "AZ": "ÇƏĞIİıÖŞÜ",
    "BA HR ME SI": "ČĆĐŠŽŚŹ",
    "BG": "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЬЮЯ",
    "BY": "АБВГДЕЁЖЗІЙКЛМНОПРСТУЎФХЦЧШЫЬЭЮЯ",
    "CY GR": "ΑΆΒΓΔΕΈΖΗΉΘΙΊΪΐΚΛΜΝΞΟΌΠΡΣςΤΥΎΫΰΦΧΨΩΏ",
    "CZ SK": "ÁÄČĎÉĚÍĹĽŇÓÔŔŘŠŤÚŮÝŽ",
    "DK FO GL IS NO": "ÆØÅÐÞÁÉÍÓÚÝÖĸ",
    "EE FI SE": "ÅÄÖÕÜŠŽÁČĐŊŦ",
    "ES PT": "ÀÁÂÃÇÉÊÍÏÓÔÕÚÜÑŀ",
    "FR BE": "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ",
    "GB IE": "ÁÉÍÓÚŴŶÂÊÎÔÛÏ",
    "HU": "ÁÉÍÓÖŐÚÜŰ",
    "IT": "ÀÈÉÌÎÒÙ",
    "KZ": "ӘҒҚҢӨҰҮҺІ",
    "LT": "ĄČĘĖĮŠŲŪŽ",
    "LV": "ĀČĒĢĪĶĻŅŌŖŠŪŽ",
    "MK": "АБВГДЃЕЖЗЅИЈКЛЉМНЊОПРСТЌУФХЦЧЏШ",
    "MT": "ĊĠĦŻÀÈÌÒÙ",
    "NL": "ÁÉËÏÍÓÖÚÜĲĳ",
    "PL": "ĄĆĘŁŃÓŚŹŻ",
    "RO MD": "ĂÂÎȘŞȚŢ",
    "RS": "АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ",
    "RU": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
    "TR": "ÇĞIİıÖŞÜÂÎÛ",
    "UA": "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ",
    "VN": "ĂÂĐÊÔƠƯẢẠẮẶẤẬẺẼẾỆỈỊỎỌỐỘỚỢỦỤỨỰỲỴỶỸ",
}

SUPPORTED_CHARACTERS = [chr(code) for code in chain(*SUPPORTED)]


def reading(name: str, state: str | None = None) -> str | None:
    """What is written, or None for a refusal."""
    try:
        return to_ascii(name, state)
    except UntransliterableCharacter:
        return None


def in_range(text: str) -> bool:
    return all(any(ord(char) in codes for codes in SUPPORTED) for char in text)


def is_sign(char: str) -> bool:
    return char.upper() in SOFTENING or char in APOSTROPHE_LETTERS


READABLE = [char for char in SUPPORTED_CHARACTERS if reading("A" + char) is not None]
GREEK_LETTERS = [char for char in READABLE if "\u0370" <= char <= "\u03ff"] + ["µ"]
#: U+0345 is left out: Unicode makes it a mark in lower case and the letter iota in upper case.
CASED = [char for char in READABLE if in_range(char.upper()) and in_range(char.lower()) and char != "\u0345"]

any_text = st.text()
names = st.text(st.sampled_from(READABLE))
supported_text = st.text(st.sampled_from(SUPPORTED_CHARACTERS))
states = st.sampled_from([None, *STATES])


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['state'] or 'any'}-{row['name']}" for row in ROWS])
def test_every_vector_is_written_as_its_source_says(row: dict[str, str]) -> None:
    assert to_ascii(row["name"], row["state"] or None) == row["ascii"]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['state'] or 'any'}-{row['name']}" for row in ROWS])
def test_every_vector_is_written_the_same_in_capitals(row: dict[str, str]) -> None:
    assert to_ascii(row["name"].upper(), row["state"] or None) == row["ascii"]


@pytest.mark.parametrize("place", ALPHABETS)
def test_every_letter_of_a_national_alphabet_can_be_written(place: str) -> None:
    state = place if place in STATES else None
    for letter in ALPHABETS[place] + ALPHABETS[place].lower():
        assert reading("A" + letter, state), f"U+{ord(letter):04X}"


@pytest.mark.parametrize("char", [char for char in SUPPORTED_CHARACTERS if char.isalpha()])
def test_a_letter_alone_becomes_letters_or_is_refused(char: str) -> None:
    written = reading(char)
    if written is not None:
        assert re.fullmatch("'?[A-Z]+'?", written)


@pytest.mark.parametrize(
    "table", [ICAO_LATIN, OTHER_LATIN, ELOT_LETTERS, ISO_843_LETTERS, ICAO_CYRILLIC, OTHER_CYRILLIC]
)
def test_a_table_holds_each_letter_once_and_writes_capitals_only(table: dict[str, str]) -> None:
    letters = " ".join(table.values()).split()
    assert len(letters) == len(set(letters))
    assert all(len(letter) == 1 for letter in letters)
    assert all(re.fullmatch("[A-Z]+", written) for written in table)


def test_no_letter_stands_in_two_tables() -> None:
    tables = [ICAO_LATIN, OTHER_LATIN, ELOT_LETTERS, ISO_843_LETTERS, ICAO_CYRILLIC, OTHER_CYRILLIC]
    letters = [letter for table in tables for row in table.values() for letter in row.split()]
    assert len(letters) == len(set(letters))


def test_plain_punctuation_and_digits_stay_as_they_are() -> None:
    assert to_ascii("o'neil-van der berg, jr. 2") == "O'NEIL-VAN DER BERG, JR. 2"


def test_an_empty_name_stays_empty() -> None:
    assert to_ascii("") == ""


def test_the_issuing_state_decides_how_a_cyrillic_letter_is_read() -> None:
    readings = {state: to_ascii("Г", state) for state in (None, "RU", "BG", "RS", "MK", "UA", "BY")}
    assert readings == {None: "G", "RU": "G", "BG": "G", "RS": "G", "MK": "G", "UA": "H", "BY": "H"}
    assert [to_ascii("Щ", state) for state in (None, "BG", "UA")] == ["SHCH", "SHT", "SHCH"]


def test_a_state_without_a_reading_of_its_own_reads_as_icao_recommends() -> None:
    assert to_ascii("Ärzte Юлия", "DE") == to_ascii("Ärzte Юлия", "XX") == "AERZTE IULIIA"


def test_latin_and_greek_letters_are_read_alike_whatever_the_state() -> None:
    for state in STATES:
        assert to_ascii("Ångström Παπαδόπουλος", state) == "AANGSTROEM PAPADOPOULOS"


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Ђорђевић", "Đorđević"),
        ("Џорџ", "Džordž"),
        ("Жижић", "Žižić"),
        ("Љиљана", "Ljiljana"),
        ("Шћекић", "Šćekić"),
    ],
)
def test_the_two_alphabets_of_serbian_give_one_spelling(cyrillic: str, latin: str) -> None:
    assert to_ascii(cyrillic, "RS") == to_ascii(latin, "RS")


def test_a_softening_sign_falls_away_after_a_letter_and_is_refused_elsewhere() -> None:
    assert to_ascii("ОЛЬГА") == "OLGA"
    for alone in ("Ь", "ь", "А Ь", "-Ь", "\u0301Ь"):
        assert reading(alone) is None
    assert to_ascii("Ь", "BG") == "Y"


def test_an_apostrophe_that_is_a_letter_becomes_an_apostrophe_beside_a_letter() -> None:
    assert to_ascii("Марʼяна", "UA") == "MAR'IANA"
    assert to_ascii("ʻAlī") == "'ALI"
    for alone in ("ʼ", "A ʼ B", "ʼʼ"):
        assert reading(alone) is None


@pytest.mark.parametrize(
    "char", ["\x00", "\t", "\n", "\x7f", "\x85", "@", "(", "/", "_", "×", "©", "²", "؟", "中", "\ud800"]
)
def test_what_is_no_part_of_a_name_is_refused(char: str) -> None:
    with pytest.raises(UntransliterableCharacter):
        to_ascii(f"A{char}")


@pytest.mark.parametrize("char", ["’", "–", "\u2003", "Ԁ", "ἀ", "Ա", "א", "ﬁ"])
def test_what_the_supported_range_leaves_out_is_refused(char: str) -> None:
    with pytest.raises(UntransliterableCharacter):
        to_ascii(f"A{char}")


def test_a_refusal_names_the_code_point_and_its_place_and_nothing_else_of_the_name() -> None:
    with pytest.raises(UntransliterableCharacter) as refused:
        to_ascii("Ærø中Żak")
    error = refused.value
    assert (error.code_point, error.position) == (0x4E2D, 3)
    assert str(error) == "U+4E2D at position 3 has no reading in ASCII"
    assert error.args == (0x4E2D, 3)
    assert error.__cause__ is error.__context__ is None


def test_the_place_counts_the_characters_of_the_composed_name() -> None:
    with pytest.raises(UntransliterableCharacter) as refused:
        to_ascii("A\u030ae\u0301\u0323中")
    assert refused.value.position == 3
    with pytest.raises(UntransliterableCharacter) as refused:
        to_ascii("a\u0315 Ь")
    assert refused.value.position == 3


def test_a_refusal_survives_pickling() -> None:
    error = UntransliterableCharacter(0x4E2D, 3)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@given(any_text, states)
def test_any_text_is_written_or_refused_by_the_named_error(text: str, state: str | None) -> None:
    written = reading(text, state)
    assert written is None or re.fullmatch(r"[A-Z0-9 '.,-]*", written)


@given(supported_text, states)
def test_supported_text_is_written_or_refused_by_the_named_error(text: str, state: str | None) -> None:
    written = reading(text, state)
    assert written is None or re.fullmatch(r"[A-Z0-9 '.,-]*", written)


@given(names, states)
def test_what_is_written_is_written_the_same_again(name: str, state: str | None) -> None:
    written = reading(name, state)
    if written is not None:
        assert to_ascii(written, state) == written
        assert to_ascii(name, state) == written


@given(supported_text, states)
def test_a_name_is_written_the_same_composed_and_decomposed(name: str, state: str | None) -> None:
    composed = unicodedata.normalize("NFC", name)
    assert reading(name, state) == reading(composed, state)
    assert reading(unicodedata.normalize("NFD", name), state) == reading(composed, state)


@given(st.text(st.sampled_from(CASED)), states)
def test_case_never_matters(name: str, state: str | None) -> None:
    written = reading(name, state)
    assert reading(name.upper(), state) == written
    assert reading(name.lower(), state) == written


@given(names, states)
def test_no_letter_is_lost(name: str, state: str | None) -> None:
    """Only ΜΠ, the softening signs and letter-like apostrophes write less than a letter for a letter."""
    written = reading(name, state)
    if written is not None:
        letters = [
            char for char in unicodedata.normalize("NFC", name) if char.isalpha() and not is_sign(char)
        ]
        merged = sum(char.upper() == "Π" for char in letters)
        assert sum(map(str.isalpha, written)) >= len(letters) - merged


@given(names, states)
def test_a_name_with_a_letter_never_vanishes(name: str, state: str | None) -> None:
    written = reading(name, state)
    if written is not None and any(map(str.isalpha, name)):
        assert any(map(str.isalpha, written))


@given(st.text(st.sampled_from([*GREEK_LETTERS, " ", "-", "A"]), min_size=1))
def test_a_mark_that_falls_away_changes_no_combination_of_greek_letters(name: str) -> None:
    assert reading(name + "A\u0323") == reading(name + "A")
    assert reading("A\u0323 " + name) == reading("A " + name)
