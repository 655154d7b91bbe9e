"""The mapping file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration
from movehub.official.comparison import Comparison
from movehub.official.mapping import NameMapping, shortened, written
from movehub.printable import printable
from movehub.protocol.vocabulary import Vocabulary, anywhere

PATHS = ("A/Header", "A/Header/@from", "B/Header", "B/Header/@from", "A/Body/@x", "B/Body/@y")
#: Whatever a schema can say, and what would end a string, a comment or a line of TOML.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"])
    | st.sampled_from('\n\r"\\#=[]\u2028\u202e\x7f\x85'),
    min_size=1,
    max_size=6,
)


def read(tmp_path: Path, text: str) -> NameMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    return NameMapping.read(path)


HEAD = 'system = "TACHOnet"\nversion = "3.0"\nnamespace = "urn:x"\n'


@given(st.dictionaries(st.sampled_from(PATHS), WORDS))
def test_what_is_shortened_says_the_same_of_every_path(names: dict[str, str]) -> None:
    vocabulary = Vocabulary(shortened(names, PATHS))
    assert {path: vocabulary.name(path) for path in PATHS} == {
        path: names.get(path, path.rpartition("/")[2].lstrip("@")) for path in PATHS
    }


def test_a_name_that_holds_everywhere_is_written_once() -> None:
    assert shortened({"A/Header/@from": "sender", "B/Header/@from": "sender"}, PATHS) == {
        "*/Header/@from": "sender"
    }
    assert shortened({"A/Header/@from": "sender"}, PATHS) == {"A/Header/@from": "sender"}


CODES = st.dictionaries(
    st.sampled_from(PATHS),
    st.dictionaries(WORDS, WORDS, min_size=1).filter(lambda codes: len(set(codes.values())) == len(codes)),
)


COMPARISONS = st.builds(
    Comparison,
    ignored=st.frozensets(WORDS),
    names=st.dictionaries(st.sampled_from(PATHS), WORDS),
    guesses=st.dictionaries(st.sampled_from(PATHS), WORDS),
    codes=CODES,
    unmatched=st.dictionaries(st.sampled_from(PATHS), st.tuples(st.lists(WORDS), st.lists(WORDS))),
    extra=st.lists(WORDS),
    needed=st.lists(WORDS),
    missing=st.frozensets(WORDS),
    lacking=st.lists(WORDS),
    doubtful=st.lists(WORDS),
    paths=st.just(list(PATHS)),
)


@given(comparison=COMPARISONS, namespace=WORDS)
def test_what_is_written_is_read_again_and_no_word_of_a_schema_becomes_a_line(
    comparison: Comparison, namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = written(comparison, "ERRU", "3.6", namespace)
    assert printable(text, keep="\n") == text
    mapping = read(tmp_path_factory.mktemp("m"), text)
    assert (mapping.system, mapping.version, mapping.namespace) == ("ERRU", "3.6", namespace)
    assert mapping.ignored == comparison.ignored
    assert mapping.missing == comparison.missing
    assert mapping.vocabulary.names == shortened(comparison.names, PATHS)
    codes = {path: table for path, table in mapping.vocabulary.codes.items() if table}
    assert codes == shortened(comparison.codes, PATHS)


def test_a_guess_has_no_effect_until_somebody_has_confirmed_it(tmp_path: Path) -> None:
    comparison = Comparison(
        guesses={"A/Body/@x": "z"}, extra=["A/Body/@more"], lacking=["A/Body/@y"], paths=list(PATHS)
    )
    text = written(comparison, "ERRU", "3.6", "urn:x")
    assert read(tmp_path, text).vocabulary.names == {}
    assert read(tmp_path, text).ignored == read(tmp_path, text).missing == frozenset()
    confirmed = read(tmp_path, text.replace("#? ", ""))
    assert confirmed.vocabulary.names == {"A/Body/@x": "z"}
    assert confirmed.ignored == {"A/Body/@more"}
    assert confirmed.missing == {"A/Body/@y"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("system = ", "cannot be read as TOML"),
        ('version = "3.0"', "the mapping needs system"),
        (f"{HEAD}name = {{}}", "unknown setting in the mapping: name"),
        (f'{HEAD}[names]\n"A" = 1', "tables of texts"),
        (f"{HEAD}codes = 1", "tables of texts"),
        (f"{HEAD}ignored = [1]", "ignored in a mapping must be a list of texts"),
        (f'{HEAD}missing = "A"', "missing in a mapping must be a list of texts"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidConfiguration, match=says):
        read(tmp_path, text)


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="there is no mapping file"):
        NameMapping.read(tmp_path / "none.toml")


def test_the_root_of_a_path_can_be_any() -> None:
    assert anywhere("A/Header/@from") == "*/Header/@from"
