"""A list that is written as one before is taken out of its document whole, or not at all."""

from __future__ import annotations

from random import Random

import pytest
from movehub.list_markup import Written

import erru_client as erru
from tests.movehub.test_known_markup import ERRU, of_the_whole, outcome, taught
from tests.support.erru_messages import fleet
from tests.support.mutation import mutants

WRITTEN = Written.of(
    ["a", "b"], "Rows", ["<Row a=", " b=", "/>\n<Row a=", " b=", "/>\n<Row a=", " b=", "/>\n"]
)


def document(*rows: str, after: str = "") -> bytes:
    """Return a list of rows between something else."""
    return f'<X y="1"><Rows>{chr(10).join(rows)}\n{after}</Rows><Z w="2"/></X>'.encode()


def row(number: int) -> str:
    """Return one row, written as usual."""
    return f'<Row a="{number}" b="ž"/>'


@pytest.mark.parametrize("rows", [2, 3, 50])
def test_one_row_is_left_and_the_values_of_all_are_found(rows: int) -> None:
    found = WRITTEN.found(document(*map(row, range(rows))))
    assert found is not None
    rest, values = found
    assert rest == document(row(rows - 1))
    assert values == [value for number in range(rows) for value in (str(number), "ž")]


@pytest.mark.parametrize(
    "other",
    [
        document(row(1)),
        document(),
        document(row(1), row(2), after="<!-- -->"),
        document(row(1), row(2), after="<Row a='3' b='4'/>"),
        document(row(1), "<Row a='3' b='4'/>", row(2), row(3)),
        document(row(1), '<Row b="3" a="4"/>', row(2)),
        document(row(1), row(2)) + document(row(3), row(4)),
        document(row(1), row(2)).replace(b"</Rows>", b""),
        document(row(1), row(2)).replace(b'b="\xc5\xbe"', b"b="),
    ],
)
def test_what_is_anything_else_is_left_alone(other: bytes) -> None:
    assert WRITTEN.found(other) is None


def test_no_mutant_of_a_list_gets_another_verdict_because_its_rows_are_written_as_before() -> None:
    plain = erru.encode(fleet(60))
    learned, whole = taught(ERRU, plain), of_the_whole()
    for mutant in mutants([plain], Random(60), 400, most=2):
        assert outcome(learned, mutant.document, whole) == outcome(whole, mutant.document, whole), str(mutant)
