"""The verdict on a document is one, whichever way it is asked for."""

from __future__ import annotations

from random import Random

import pytest
from lxml import etree

import erru_client as erru
from tests.support.erru_messages import fleet, valid_messages
from tests.support.mutation import mutants

SCHEMA = erru.ERRU_3_5.schema


@pytest.mark.parametrize("root", [*valid_messages(), "a fleet"])
def test_judged_while_it_is_read_a_document_gets_the_verdict_of_its_tree(root: str) -> None:
    """With no tree made, and with one: both have to agree with the tree that is judged when it is there."""
    document = erru.encode(fleet(100) if root == "a fleet" else valid_messages()[root])
    verdicts = set()
    for mutant in mutants([document], Random(root), 150):
        expected = SCHEMA.violation(etree.fromstring(mutant.document), mutant.document) is None
        assert SCHEMA.admits(mutant.document) is expected, str(mutant)
        assert (SCHEMA.valid_root(mutant.document) is not None) is expected, str(mutant)
        verdicts.add(expected)
    assert verdicts == {True, False}


@pytest.mark.parametrize("broken", [b"", b"<a", b"<a></b>", b"<a/><b/>", b"\xff"])
def test_what_is_not_well_formed_is_never_admitted(broken: bytes) -> None:
    assert not SCHEMA.admits(broken)
    assert SCHEMA.valid_root(broken) is None


def test_a_refused_document_says_nothing_about_the_next() -> None:
    document = erru.encode(fleet(1))
    for _ in range(3):
        assert not SCHEMA.admits(document.replace(b"<Header ", b"<Haeder ", 1))
        assert SCHEMA.admits(document)
