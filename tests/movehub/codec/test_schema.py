"""The verdict on a document is that of the schema on its tree, and a refusal costs no more than a reading."""

from __future__ import annotations

import pickle
from random import Random
from threading import Thread
from typing import Any

import pytest
from lxml import etree
from movehub.codec import schema as schema_module
from movehub.codec.schema import Schema
from movehub.errors import Unreadable
from movehub.protocol.edition import Violation

import erru_client as erru
from tests.support.erru_messages import fleet, valid_messages
from tests.support.mutation import mutants

SCHEMA = Schema.shipped("erru/3.5/erru.xsd")
ROW = b'<Vehicle vehicleRegistrationNumber="W" vehicleRegistrationCountry="PL"/>'
BROKEN_ROW = b'<Vehicle vehicleRegistrationNumber="W"/>'


def fleet_of(*rows: bytes) -> bytes:
    """Return an answer with these rows in its list of vehicles."""
    head, opening, rest = erru.encode(fleet(1)).partition(b"<VehicleRegistrations>")
    _, closing, tail = rest.partition(b"</VehicleRegistrations>")
    return b"".join((head, opening, *rows, closing, tail))


def refused(document: bytes) -> bool:
    """Whether both ways to judge refuse a document."""
    read, judged = isinstance(SCHEMA.read(document), Violation), SCHEMA.judge(document) is not None
    assert read is judged
    return read


@pytest.mark.parametrize("root", [*valid_messages(), "a fleet"])
def test_judged_while_it_is_read_a_document_gets_the_verdict_of_its_tree(root: str) -> None:
    document = erru.encode(fleet(100) if root == "a fleet" else valid_messages()[root])
    on_trees = etree.XMLSchema(etree.parse(SCHEMA.path))
    verdicts = set()
    for mutant in mutants([document], Random(root), 150):
        expected = on_trees.validate(etree.fromstring(mutant.document))
        assert refused(mutant.document) is not expected, str(mutant)
        verdicts.add(expected)
    assert verdicts == {True, False}


@pytest.mark.parametrize("broken", [b"", b"<a", b"<a></b>", b"<a/><b/>", b"\xff"])
@pytest.mark.parametrize("size", [0, 100_000], ids=["at once", "in pieces"])
def test_what_is_not_well_formed_is_never_valid(broken: bytes, size: int) -> None:
    with pytest.raises(Unreadable):
        SCHEMA.read(broken + b" " * size)
    with pytest.raises(Unreadable):
        SCHEMA.judge(broken + b" " * size)


@pytest.mark.parametrize("vehicles", [1, 500])
def test_a_document_that_was_cut_off_is_never_valid(vehicles: int) -> None:
    document = erru.encode(fleet(vehicles)).rstrip()
    for end in range(1, len(document), len(document) // 300 + 1):
        with pytest.raises(Unreadable):
            SCHEMA.read(document[:-end])
        with pytest.raises(Unreadable):
            SCHEMA.judge(document[:-end])


def test_a_refused_document_says_nothing_about_the_next() -> None:
    document = erru.encode(fleet(1))
    for _ in range(3):
        assert refused(document.replace(b"<Header ", b"<Haeder ", 1))
        assert not refused(document)


def test_threads_do_not_see_each_others_errors() -> None:
    documents = [fleet_of(*[BROKEN_ROW] * 20), fleet_of(ROW * 20)]
    seen: list[bool] = []

    def judge(document: bytes, expected: bool) -> None:
        seen.extend(refused(document) is expected for _ in range(100))

    threads = [Thread(target=judge, args=(each, not number)) for number, each in enumerate(documents)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 200


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All long documents that are read, each with how far it was read."""
    made: list[Any] = []

    class Watched(schema_module._Pieces):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(self)

    monkeypatch.setattr(schema_module, "_Pieces", Watched)
    return made


@pytest.mark.parametrize(
    "row", [b"<Vehicle/>", b'<Vehicle a=""/>', b"x<Vehicle/>", BROKEN_ROW], ids=["empty", "a", "text", "part"]
)
def test_the_work_on_a_document_full_of_errors_does_not_grow_with_it(
    row: bytes, pieces: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_module, "parse", None)  # no tree is built
    for size in (5_000, 10_000, 20_000, 40_000):
        violation = SCHEMA.read(fleet_of(row * size))
        assert isinstance(violation, Violation)
        assert "very many errors" in violation.reason
    assert len(pieces) == 4
    assert len({each.read_so_far for each in pieces}) == 1


def test_undertakings_without_anything_in_them_are_refused_at_once(pieces: list[Any]) -> None:
    """229 KB of them took 8 seconds, and sixteen such documents made a node deaf for minutes."""
    document = fleet_of(ROW).replace(
        b"<TransportUndertaking ", b"<TransportUndertaking/>" * 10_000 + b"<TransportUndertaking "
    )
    assert refused(document)
    assert all(each.read_so_far < 10_000 for each in pieces)


def test_errors_that_come_late_cost_a_share_of_what_was_read_before(pieces: list[Any]) -> None:
    for size in (2_000, 4_000, 8_000):
        good = fleet_of(ROW * size)
        assert refused(fleet_of(ROW * size, BROKEN_ROW * 4 * size))
        assert all(each.read_so_far < 1.3 * len(good) for each in pieces[-2:])


@pytest.mark.parametrize(("errors", "placed"), [(1, True), (49, True), (50, False), (99, False)])
def test_the_place_of_the_first_error_is_looked_for_if_there_are_few(errors: int, placed: bool) -> None:
    violation = SCHEMA.read(fleet_of(ROW * 2_000, BROKEN_ROW * errors))
    assert isinstance(violation, Violation)
    assert violation.reason.startswith("a required attribute is missing")
    assert violation.where.path.endswith("Vehicle/@vehicleRegistrationCountry") is placed
    assert ("very many" in violation.reason) is not placed


def test_a_schema_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(SCHEMA))
    assert again.path == SCHEMA.path
    assert again.judge(erru.encode(fleet(1))) is None
