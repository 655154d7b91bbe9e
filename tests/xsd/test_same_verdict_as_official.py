"""Our ERRU schemas say the same of a message as the official ones, which are written quite differently."""

from collections.abc import Iterable
from random import Random

import pytest
from lxml import etree

from tests.support.mutation import MUTATIONS, Mutant, mutants, single_changes
from tests.support.official import official_schema, our_schema, specimens

EDITIONS = ("3.4", "3.5")
ROOTS = {
    "CheckGoodRepute_Request": "check_good_repute_request",
    "CheckGoodRepute_Response": "check_good_repute_response",
    "ErrorNotification": "error_notification",
}
MUTANTS_EACH = 2500

each_edition = pytest.mark.parametrize("edition", EDITIONS)
each_root = pytest.mark.parametrize("root", ROOTS)


def documents(edition: str, root: str) -> list[bytes]:
    return [text for name, text in specimens("erru", edition).items() if name.startswith(ROOTS[root])]


def verdict(schema: etree.XMLSchema, document: bytes) -> bool:
    return schema.validate(etree.fromstring(document))


@each_edition
@each_root
def test_every_specimen_is_valid_in_both(edition: str, root: str) -> None:
    """A comparison that starts from invalid documents compares nothing."""
    for document in documents(edition, root):
        for schema in (our_schema("erru", edition), official_schema(edition, root)):
            schema.assertValid(etree.fromstring(document))


@each_edition
@each_root
def test_every_mutant_gets_the_same_verdict_from_both(edition: str, root: str) -> None:
    """What nobody thought of: order, repetition, odd dates and blanks, several of them together."""
    changed = mutants(documents(edition, root), Random(f"{edition} {root}"), MUTANTS_EACH)
    share = compare(changed, our_schema("erru", edition), official_schema(edition, root))
    assert 0.1 <= share <= 0.9, f"{share:.0%} of the mutants are valid: the comparison says too little"


@each_edition
@each_root
def test_every_single_change_gets_the_same_verdict_from_both(edition: str, root: str) -> None:
    """What must not be left to chance: each limit, each code list, each thing that may be missing."""
    changed = single_changes(documents(edition, root))
    assert compare(changed, our_schema("erru", edition), official_schema(edition, root))


def compare(changed: Iterable[Mutant], ours: etree.XMLSchema, official: etree.XMLSchema) -> float:
    """Fail at the first mutant on which the two disagree; return the share of those that both accept."""
    verdicts = []
    for mutant in changed:
        document = etree.fromstring(mutant.document)
        verdicts.append(official.validate(document))
        if ours.validate(document) != verdicts[-1]:
            pytest.fail(disagreement(mutant, ours, official))
    return sum(verdicts) / len(verdicts)


def disagreement(mutant: Mutant, ours: etree.XMLSchema, official: etree.XMLSchema) -> str:
    """Say what the document is and why one of the two refuses it."""
    accepts, refuses = ("official", ours) if verdict(official, mutant.document) else ("ours", official)
    verdict(refuses, mutant.document)
    return f"accepted by {accepts} alone:\n{mutant}\nthe other one says:\n{refuses.error_log}"


def test_a_seed_repeats_its_mutants() -> None:
    """Whoever sees a failure must be able to see it again."""
    first, again = ([*mutants(documents("3.5", "ErrorNotification"), Random(7), 50)] for _ in range(2))
    assert first == again


def test_every_mutation_is_used() -> None:
    """A mutation that never applies would look like one that never finds anything."""
    done = {
        mutation.partition(":")[0]
        for mutant in mutants(documents("3.5", "CheckGoodRepute_Response"), Random(7), 1000)
        for mutation in mutant.mutations
    }
    assert done == {mutation.__name__ for mutation in MUTATIONS}
