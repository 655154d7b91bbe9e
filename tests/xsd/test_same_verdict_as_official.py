"""Our ERRU schemas say the same of a message as the official ones, which are written quite differently."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from tests.support.mutation import MUTATIONS, Mutant, mutants, single_changes
from tests.support.official import SCHEMAS, WIRE, official_schema, our_schema, specimens

XS = "http://www.w3.org/2001/XMLSchema"
EDITIONS = ("3.4", "3.5")
#: Each root and how the file names of its specimens begin.
ROOTS = {
    "CheckGoodRepute_Request": "check_good_repute_request",
    "CheckGoodRepute_Response": "check_good_repute_response",
    "CheckTransportUndertakingData_Request": "check_transport_undertaking_data_request",
    "CheckTransportUndertakingData_Response": "check_transport_undertaking_data_response",
    "NotifyCheckResult_Request": "notify_check_result_request",
    "NotifyCheckResult_Acknowledgement": "notify_check_result_acknowledgement",
    "NotifyCheckResult_Response": "notify_check_result_response",
    "NotifyUnfitness_Request": "notify_unfitness_request",
    "NotifyUnfitness_Acknowledgement": "notify_unfitness_acknowledgement",
    "RoadSideInspection_Request": "road_side_inspection_request",
    "RoadSideInspection_Response": "road_side_inspection_response",
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


@each_edition
@pytest.mark.parametrize(
    ("root", "attribute", "others"),
    [
        ("NotifyCheckResult_Request", "infringementType", [f"{code:03}" for code in range(1000)]),
        ("RoadSideInspection_Request", "failedReason", ["30.1", "8.3", "8.4", "9.12", "20.7.1", "0.3.a"]),
        ("RoadSideInspection_Request", "vehicleCategory", ["M", "N", "O", "R4", "S2", "T4", "T1c", "L7"]),
    ],
)
def test_a_long_code_list_is_the_official_one(
    edition: str, root: str, attribute: str, others: list[str]
) -> None:
    """Chance would miss one of 476 codes: every code of either list is tried, and its neighbours."""
    ours, official = our_schema("erru", edition), official_schema(edition, root)
    folders = (SCHEMAS / "erru" / "messages", WIRE / f"erru-{edition}")
    listed = {code for folder in folders for file in folder.glob("*.xsd") for code in enumerated(file)}
    every = [element for text in documents(edition, root) for element in etree.fromstring(text).iter("*")]
    place = next(element for element in every if attribute in element.attrib)
    document = place.getroottree().getroot()
    for code in {*listed, *others, *(f"{code}.a" for code in listed), *(code[:-2] for code in listed)}:
        place.set(attribute, code)
        assert ours.validate(document) == official.validate(document), code


def enumerated(schema: Path) -> list[str]:
    """Return every value of every code list in a schema file."""
    return [str(each.get("value")) for each in etree.parse(schema).iter(f"{{{XS}}}enumeration")]


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
