"""A document with one long list that is written as one before is read as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from movehub.codec.codec import Codec
from movehub.codec.document_type import Form
from movehub.list_markup import KnownList, KnownLists
from movehub.long_list import CHUNK

import erru_client as erru
from tests.movehub.test_known_markup import ERRU, form_of, of_the_whole, outcome, taught
from tests.support.erru_messages import fleet
from tests.support.mutation import mutants

PLAIN = erru.encode(fleet(60))


def row(number: object) -> str:
    """Return one row, written as usual."""
    return f'<Row a="{number}" b="ž"/>'


def document(*rows: str, before: str = "1", after: str = "") -> str:
    """Return a list of rows between something else."""
    joined = "\n".join(rows)
    return f'<X y="{before}"><Rows>{joined}\n{after}</Rows><Z w="2"/></X>'


def take(values: Sequence[str], cut: Any) -> Any:
    """Return the values of a document with one row, and the rows that were cut out."""
    y, _, b, w = values
    return y, b, w, cut


def rows_of(names: Sequence[str]) -> Any:
    """Return what pairs the values of a row; `no` is one that is refused."""
    assert list(names) == ["a", "b"]

    def rows(values: list[str]) -> list[Any]:
        if "no" in values:
            raise ValueError
        return list(zip(values[::2], values[1::2], strict=True))

    return rows


def known(*documents: tuple[str, str, int]) -> KnownLists:
    """Return lists that were learned of documents: whole, with the first row alone, and how many rows."""
    lists = KnownLists()
    for whole, one_row, rows in documents:
        lists.learn(whole, one_row, rows, take, rows_of)
    return lists


LISTS = known((document(row(1), row(2)), document(row(1)), 2))


@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_the_values_of_all_rows_are_found_and_those_around_them(rows: int) -> None:
    expected = "9", "ž", "2", (tuple((str(number), "ž") for number in range(rows)),)
    assert LISTS.take(document(*map(row, range(rows)), before="9")) == expected


@pytest.mark.parametrize(
    "other",
    [
        document(),
        document(row(1), row(2), after="<!-- -->"),
        document(row(1), row(2), after="<Row a='3' b='4'/>"),
        document(row(1), "<Row a='3' b='4'/>", row(2), row(3)),
        document(row(1), '<Row b="3" a="4"/>', row(2)),
        document(row(1), row(2)) + document(row(3), row(4)),
        document(row(1), row(2)).replace("</Rows>", ""),
        document(row(1), row(2)).replace('b="ž"', "b="),
        document(row(1), row(2)) + '"',
        document(row(1), row(2)) + '"3',
        document(row(1), row(2)) + '"3" ',
        document(row(1), row("no")),
        document(row(1), row(2), before="&amp;"),
        "",
    ],
)
def test_what_is_anything_else_is_left_alone(other: str) -> None:
    assert LISTS.take(other) is None


@pytest.mark.parametrize(
    ("whole", "one_row", "rows"),
    [
        (document(row(1)), document(row(1)), 1),
        (document(row(1), row(2)), document(row(1)), 3),
        (document(row(1), row(2)), document(), 2),
        (document(row(1), row(2)), document(row(1), row(2)), 2),
        (document(row(1), '<Row b="3" a="4"/>', row(2)), document(row(1)), 3),
    ],
)
def test_what_has_no_such_rows_is_not_learned(whole: str, one_row: str, rows: int) -> None:
    assert KnownList.of(whole, one_row, rows, take, rows_of) is None


def test_each_way_of_writing_is_learned_once_and_of_many_the_oldest_is_forgotten() -> None:
    ways = [f"<A{number}/>" for number in range(65)]
    first, *others = [(document(row(1), row(2), after=way), document(row(1), after=way), 2) for way in ways]
    lists = known(first, first, *others[:-1], first)
    assert len(lists._known) == 64
    assert lists.take(first[0]) is not None
    lists.learn(*others[-1], take, rows_of)
    assert len(lists._known) == 64
    assert [lists.take(whole) is None for whole, _, _ in (first, *others)] == [False, True, *[False] * 63]


def learned() -> tuple[Codec, Form]:
    """Return a codec that has learned how a haulier's vehicles are written."""
    codec = taught(ERRU, PLAIN)
    form, _ = form_of(codec, PLAIN)
    assert len(form._markup_of_lists._known) == 1
    return codec, form


@pytest.mark.parametrize("vehicles", [45, 60, 61, 400])
def test_a_haulier_with_more_or_fewer_vehicles_is_read_the_same_way(vehicles: int) -> None:
    codec, form = learned()
    form._valid_long_message = None  # type: ignore[method-assign, assignment]
    message = fleet(vehicles)
    data = erru.encode(message)
    assert len(data) < CHUNK
    assert codec.decode(data) == of_the_whole().decode(data) == message


@pytest.mark.parametrize("junk", [b'"', b'"x', b'" "', b'"2030-01-01', b" ", b"\n", b"<!-- -->", b"\xff"])
def test_what_stands_after_the_end_is_seen(junk: bytes) -> None:
    codec, whole = learned()[0], of_the_whole()
    assert outcome(codec, PLAIN + junk, whole) == outcome(whole, PLAIN + junk, whole)


def test_no_mutant_of_a_list_gets_another_verdict_because_it_is_written_as_one_before() -> None:
    codec, whole = learned()[0], of_the_whole()
    for mutant in mutants([PLAIN], Random(60), 400, most=2):
        assert outcome(codec, mutant.document, whole) == outcome(whole, mutant.document, whole), str(mutant)
