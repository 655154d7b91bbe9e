"""A mutator of messages: small damage, and small changes that do no harm.

Two validators that agree on every mutant of a message very likely state the same rules. The mutator knows XML
and the habits of the wire (dates, moments, UUIDs, code lists), but no schema: it never asks whether a change
is allowed.

Everything is drawn from a `random.Random`, so that a seed repeats a mutant; Hypothesis can drive it with
`st.randoms()`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from random import Random

from lxml import etree

Element = etree._Element
Mutation = Callable[[Random, Element], str]

XML = "http://www.w3.org/XML/1998/namespace"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


class Inapplicable(Exception):
    """A mutation found nothing that it could change."""


# Values, by what they look like -----------------------------------------------------------------------------

DATES = (
    "2024-02-29", "2023-02-29", "2024-02-30", "1900-02-29", "2000-02-29", "0001-01-01", "9999-12-31",
    "0000-01-01", "-0001-01-01", "12024-01-01", "02024-01-01", "24-01-01", "2024-1-1", "2024-00-10",
    "2024-13-01", "2024-01-00", "2024-04-31", "2024-01-32", "2024-01-01Z", "2024-01-01+02:00",
    "2024-01-01T00:00:00Z", "20240101", "2024/01/01", "01.02.2024", " 2024-01-01 ", "\t2024-01-01\n",
    "2024- 01-01", "\u00a02024-01-01", "٢٠٢٤-٠١-٠١", "２０２４-01-01", "+2024-01-01", "2024-01", "today",
)  # fmt: skip

MOMENTS = (
    "2024-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2024-01-01T24:00:00Z", "2024-12-31T24:00:00Z",
    "2024-01-01T24:00:01Z", "2024-01-01T24:01:00Z", "2024-01-01T25:00:00Z", "2024-01-01T23:60:00Z",
    "2024-01-01T23:59:60Z", "2024-01-01T23:59:59.5Z", "2024-01-01T23:59:59.000Z", "2024-01-01T23:59:59.Z",
    "2024-01-01T23:59:59,5Z", "2024-01-01T23:59:59+00:00", "2024-01-01T23:59:59-00:00",
    "2024-01-01T23:59:59+02:00", "2024-01-01T23:59:59", "2024-01-01T23:59:59z", "2024-01-01t23:59:59Z",
    "2024-01-01 23:59:59Z", "2024-01-01T23:59Z", "2024-01-01Z", "2024-01-01", "23:59:59Z",
    "1753-01-01T00:00:00Z", "1752-12-31T23:59:59Z", "1752-12-31T24:00:00Z", "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T24:00:00Z", "12024-01-01T00:00:00Z",
    "-2024-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", " 2024-01-01T00:00:00Z ",
    "\n2024-01-01T00:00:00Z\t", "2024-01-01T00:00:00 Z", "2024-01-01T00:00:00ZZ", "٢٠٢٤-01-01T00:00:00Z",
    "1704067200", "2024-01-01T-1:00:00Z",
)  # fmt: skip

UUIDS = (
    "123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-FFFFFFFFFFFF",
    "{123e4567-e89b-12d3-a456-426614174000}", "123e4567e89b12d3a456426614174000",
    "urn:uuid:123e4567-e89b-12d3-a456-426614174000", " 123e4567-e89b-12d3-a456-426614174000",
    "123e4567-e89b-12d3-a456-426614174000 ", "123e4567-e89b-12d3-a456-426614174000\n",
    "123e4567-e89b-12d3-a456-42661417400", "123e4567-e89b-12d3-a456-4266141740000",
    "123e456-7e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456_426614174000",
    "g23e4567-e89b-12d3-a456-426614174000", "١23e4567-e89b-12d3-a456-426614174000",
    "１23e4567-e89b-12d3-a456-426614174000", "123e4567–e89b–12d3–a456–426614174000",
    "123e4567-e89b-12d3-a456-426614174000-", "аbcdef01-e89b-12d3-a456-426614174000",
)  # fmt: skip

INTEGERS = (
    "0", "1", "7", "42", "007", "+7", "+0", "-0", "-1", "+007", "0000", "4294967296",
    "18446744073709551616", "9" * 24, "9" * 25, "1" + "0" * 40, "1.0", "1.", "0.0", "1e3", "0x10",
    "1_000", "1 000", "1,000", " 7 ", "\t7\n", "--7", "+", "-", "+ 7", "٧", "７", "½", "NaN", "INF",
    "seven", "None",
)  # fmt: skip

BOOLEANS = (
    "true", "false", "1", "0", " true ", "\n1\t", "TRUE", "True", "t", "yes", "01", "+1", "on",
    "true false", "ｔrue",
)  # fmt: skip

COUNTRIES = (
    "GR", "EL", "UK", "EU", "ZZ", "zz", "pl", "00", "éé", "e\u0301", "é", "😀😀", "😀", "A", "POL",
    " BG ", "B G", "\tMT\n", "\u00a0M", "ΕΛ", "--",
)  # fmt: skip

#: Codes from everywhere on the wire, so that a code turns up where another list is meant.
CODES = (
    "Found", "NotFound", "Timeout", "NotAvailable", "OK", "Valid", "Invalid", "Fit", "Unfit", "CPC",
    "NYSIIS", "Local", "Custom", "Issue", "Control", "Exchange", "Heartbeat", "Other", "CA", "CIA", "RSI",
    "Hub", "Active", "Suspended", "Withdrawn", "Expired", "LostOrStolen", "Annulled", "Returned",
    "InvalidFormat", "InvalidData", "ServerError", "ResponseNotCorrelated", "DuplicateRequest",
    "DuplicateResponse", "Pass", "Fail", "CleanCheck", "HandedOver", "Lost", "Stolen", "InExchange",
    "Rejected", "3.4", "3.5", "3.0", "3.50",
    # CTUD
    "Red", "Amber", "Green", "Grey", "CompanyName", "CommunityLicence", "VehicleRegistration",
    "Community licence for goods transport", "Community licence for goods transport, exclusively ≤3.5 t",
    "Community licence for goods transport, exclusively <=3.5 t", "National licence for goods transport",
    "Community licence for passenger transport", "National licence for passenger transport",
    "No effective and stable establishment", "No appropriate financial standing",
    "No requisite professional competence", "Not of good repute",
    # NCR
    "MSI", "VSI", "SI", "MI", "Yes", "No", "Unknown", "NCRN_Ack", "NCRR_Ack", "IN_Ack", "101", "102", "103",
    "201", "202", "203", "204", "205", "301", "302", "303", "304", "305", "306", "307", "308", "502", "504",
    "603", "702", "800", "829", "830", "831", "832", "879", "880", "900", "952", "953",
    # RSI
    "Minor", "Major", "Dangerous", "0", "1", "9", "10", "11", "12", "20", "21", "30", "0.1.a", "1.1.13.a",
    "1.1.13", "1.8", "1.8.a", "10.7.2", "20.6.2", "20.6.3", "C", "L1e", "L8e", "M1", "M4", "N3", "n3", "O4",
    "T4.1a", "T4.1", "T5", "WDB9634031L123456", "wdb9634031l123456", "WDB9634031I123456",
)  # fmt: skip

KINDS: tuple[tuple[re.Pattern[str], Sequence[str]], ...] = (
    (re.compile(r"\s*\d{4}-\d\d-\d\dT.*"), MOMENTS),
    (re.compile(r"\s*\d{4}-\d\d-\d\d\s*"), DATES),
    (re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"), UUIDS),
    (re.compile(r"\s*[+-]?\d{1,4}\s*"), INTEGERS),
    (re.compile(r"true|false"), BOOLEANS),
    (re.compile(r"[A-Z]{2}"), COUNTRIES),
    (re.compile(r"[A-Z][A-Za-z]+"), CODES),
)

#: Lengths on both sides of every limit on the wire.
LENGTHS = (
    1, 2, 3, 8, 9, 10, 11, 15, 16, 17, 20, 21, 25, 26, 36, 37, 50, 51, 60, 61, 100, 101, 150, 151, 500,
    501, 512, 513,
)  # fmt: skip

LETTERS = ("a", "Ω", "Ж", "ż", "😀", "\u0301")
BLANKS = (" ", "  ", "\t", "\n", "\r\n", " \t\n ", "\u00a0", "\u2003")
TEXTS = ("text", "0", " ", "\n\t", "\u00a0", "Ω", "]]>", "<a/>")

ELEMENT_NAMES = (
    "Header", "Body", "SearchedTransportManager", "TransportManagerNameDetails",
    "TransportManagerAddressDetails", "TransportManagerCertificateDetails", "MemberState",
    "TransportManagerDetails", "Fitness", "TransportUndertakings", "TransportUndertaking",
    "TransportUndertakingAddress", "OriginalMessage", "SearchedDriver", "DriverDetails", "Anything",
    "SearchedCompany", "SearchByLicenceAndName", "SearchByLicenceAndVehicle", "SearchByNameAndVehicle",
    "Vehicle", "VehicleRegistrations", "CommunityLicenceDetails", "CertifiedTrueCopyDetails",
    "CertifiedTrueCopy", "CheckSummary", "MinorInfringement", "SeriousInfringement", "PenaltiesImposed",
    "PenaltyImposed", "PenaltiesRequested", "PenaltyRequested", "TransportManager",
    "CertificateOfProfessionalCompetence", "InspectionDetails", "InspectionResult",
    "IdentificationDetails", "VehicleDetails", "TransportUndertakingDetails", "HolderDetails", "Company",
    "NaturalPerson", "CheckedItems", "CheckedItem", "FailedChecks", "FailedCheck",
)  # fmt: skip

ATTRIBUTE_NAMES = (
    "version", "testId", "technicalId", "sentAt", "timeoutValue", "from", "businessCaseId",
    "originatingAuthority", "respondingAuthority", "requestPurpose", "requestSource", "familyName",
    "firstName", "dateOfBirth", "placeOfBirth", "familyNameSearchKey", "firstNameSearchKey",
    "certificateNumber", "certificateValidity", "memberStateCode", "statusCode", "statusMessage",
    "searchMethod", "fitnessStatus", "unfitStartDate", "unfitEndDate", "numberOfVehicles",
    "communityLicenceStatus", "address", "country", "anything", "requestAllVehicles",
    "transportUndertakingName", "communityLicenceNumber", "vehicleRegistrationNumber", "legalForm",
    "riskBand", "withdrawalDate", "suspensionOrWithdrawalReason", "trueCopyWithdrawalDate",
    "acknowledgementType", "appealPossible", "startDate", "endDate", "notExecutedReason", "duration",
    "reason", "inspectionIdentifier", "drivingLicenceNumber", "registrationCertificate", "companyName",
    "itemFailed", "isRectified",
)  # fmt: skip

#: Attributes that belong to XML or to XML Schema and not to any message.
FOREIGN_ATTRIBUTES = (
    (f"{{{XML}}}lang", "el"), (f"{{{XML}}}space", "preserve"),
    (f"{{{XSI}}}nil", "true"), (f"{{{XSI}}}nil", "false"), (f"{{{XSI}}}schemaLocation", "urn:a a.xsd"),
    (f"{{{XSI}}}noNamespaceSchemaLocation", "a.xsd"), (f"{{{XSI}}}type", "noSuchType"),
    ("{urn:elsewhere}familyName", "Ω"),
)  # fmt: skip

NAMESPACES = (
    "urn:elsewhere",
    "https://webgate.ec.testa.eu/move-hub/erru/3.3",
    "https://webgate.ec.testa.eu/move-hub/erru/3.6",
)


# Attributes -------------------------------------------------------------------------------------------------


def drop_attribute(rng: Random, root: Element) -> str:
    """Leave an attribute out."""
    element, name = _some_attribute(rng, root)
    del element.attrib[name]
    return _at(element, f"@{name} dropped")


def rename_attribute(rng: Random, root: Element) -> str:
    """Write an attribute under another name, or the same in other letters."""
    element, name = _some_attribute(rng, root)
    local = etree.QName(name).localname
    own = (local.capitalize(), local.lower(), local + "s", f"{{{NAMESPACES[0]}}}{local}")
    other = rng.choice((*ATTRIBUTE_NAMES, *own))
    element.set(other, element.attrib.pop(name))
    return _at(element, f"@{name} renamed {other}")


def add_attribute(rng: Random, root: Element) -> str:
    """Add an attribute from another place, or one that is foreign to the message."""
    element = rng.choice(_elements(root))
    attribute = (rng.choice(ATTRIBUTE_NAMES), rng.choice((*DATES, *CODES, *COUNTRIES, "Ω")))
    name, value = rng.choice((attribute, rng.choice(FOREIGN_ATTRIBUTES)))
    element.set(name, value)
    return _at(element, f"@{name} added as {value!r}")


def copy_attribute(rng: Random, root: Element) -> str:
    """Give one attribute the value of another."""
    element, name = _some_attribute(rng, root)
    other, source = _some_attribute(rng, root)
    element.set(name, str(other.attrib[source]))
    return _at(element, f"@{name} has the value of {other.tag}/@{source}")


def move_attribute(rng: Random, root: Element) -> str:
    """Give another element an attribute of this one."""
    element, name = _some_attribute(rng, root)
    other = rng.choice(_elements(root))
    other.set(name, element.attrib.pop(name))
    return _at(other, f"@{name} comes from {element.tag}")


# Values -----------------------------------------------------------------------------------------------------


def empty_value(rng: Random, root: Element) -> str:
    """Write an attribute that says nothing."""
    return _rewrite(rng, root, lambda _: rng.choice(("", *BLANKS)))


def lengthen_value(rng: Random, root: Element) -> str:
    """Fill an attribute up to a length on one side of a limit."""
    return _rewrite(rng, root, lambda _: rng.choice(LETTERS) * rng.choice(LENGTHS))


def pad_value(rng: Random, root: Element) -> str:
    """Put blanks around a value, which most types forgive."""
    return _rewrite(rng, root, lambda value: rng.choice(("", *BLANKS)) + value + rng.choice(BLANKS))


def space_out_value(rng: Random, root: Element) -> str:
    """Put blanks inside a value."""

    def spaced(value: str) -> str:
        at = rng.randint(0, len(value))
        return value[:at] + rng.choice(BLANKS) + value[at:]

    return _rewrite(rng, root, spaced)


def change_letter_case(rng: Random, root: Element) -> str:
    """Write a value in other letters: codes mind it, UUIDs do not."""
    return _rewrite(rng, root, lambda value: rng.choice((value.lower(), value.upper(), value.swapcase())))


def replace_value_of_its_kind(rng: Random, root: Element) -> str:
    """Give a date another date, a code another code, good or bad."""

    def alike(value: str) -> str:
        return rng.choice(next((values for kind, values in KINDS if kind.fullmatch(value)), CODES))

    return _rewrite(rng, root, alike)


def replace_value_of_any_kind(rng: Random, root: Element) -> str:
    """Give an attribute a value of some other kind."""
    return _rewrite(rng, root, lambda _: rng.choice(rng.choice([values for _, values in KINDS])))


# Elements ---------------------------------------------------------------------------------------------------


def drop_element(rng: Random, root: Element) -> str:
    """Leave an element out, with all that it holds."""
    element = _some(rng, _elements(root)[1:])
    told = _at(element, "dropped")
    _parent(element).remove(element)
    return told


def repeat_element(rng: Random, root: Element) -> str:
    """Write an element more than once."""
    element = _some(rng, _elements(root)[1:])
    times = rng.choice((1, 1, 1, 2, 12))
    for _ in range(times):
        element.addnext(deepcopy(element))
    return _at(element, f"repeated {times} times")


def reorder_elements(rng: Random, root: Element) -> str:
    """Change the order of the children of one element."""
    parent = _some(rng, [element for element in _elements(root) if len(element) > 1])
    children = list(parent)
    rng.shuffle(children)
    parent[:] = children
    return _at(parent, "children shuffled")


def move_element(rng: Random, root: Element) -> str:
    """Write an element somewhere else."""
    element = _some(rng, _elements(root)[1:])
    parent = rng.choice(_elements(root))
    told = _at(element, f"moved or copied to {_at(parent, '')}")
    parent.insert(rng.randint(0, len(parent)), deepcopy(element))
    if rng.random() < 0.5:
        _parent(element).remove(element)
    return told


def rename_element(rng: Random, root: Element) -> str:
    """Write an element under another name, or the same in other letters."""
    element = rng.choice(_elements(root))
    name = etree.QName(element)
    own = (name.localname.lower(), name.localname + "s", name.localname.replace("_", ""))
    other = rng.choice((*ELEMENT_NAMES, *own))
    told = _at(element, f"renamed {other}")
    element.tag = f"{{{name.namespace}}}{other}" if name.namespace else other
    return told


def change_namespace(rng: Random, root: Element) -> str:
    """Move an element to another namespace, or to none."""
    element = rng.choice(_elements(root))
    namespace = rng.choice((None, None, *NAMESPACES))
    told = _at(element, f"moved to namespace {namespace}")
    element.tag = etree.QName(namespace, etree.QName(element).localname).text
    return told


def add_element(rng: Random, root: Element) -> str:
    """Write an empty element where it may not belong."""
    element = rng.choice(_elements(root))
    name = rng.choice(ELEMENT_NAMES)
    new = etree.Element(etree.QName(etree.QName(root).namespace, name))
    element.insert(rng.randint(0, len(element)), new)
    return _at(element, f"holds a new {name}")


# What stands between ----------------------------------------------------------------------------------------


def insert_text(rng: Random, root: Element) -> str:
    """Write text where most elements have none; blanks do no harm."""
    element = rng.choice(_elements(root))
    text = rng.choice((*TEXTS, *BLANKS))
    if len(element) and rng.random() < 0.5:
        rng.choice(list(element)).tail = text
    else:
        element.text = text
    return _at(element, f"holds the text {text!r}")


def insert_comment(rng: Random, root: Element) -> str:
    """Put a comment somewhere: no message minds."""
    return _insert_remark(rng, root, etree.Comment(" Ω "))


def insert_processing_instruction(rng: Random, root: Element) -> str:
    """Put a processing instruction somewhere: no message minds."""
    return _insert_remark(rng, root, etree.ProcessingInstruction("xml-stylesheet", 'href="a.xsl"'))


#: Every mutation, with how often it is drawn beside the others. Those that may do no harm come more often: a
#: mutant that is broken in one place says nothing any more about the others.
MUTATIONS: dict[Mutation, int] = {
    drop_attribute: 2,
    rename_attribute: 1,
    add_attribute: 1,
    copy_attribute: 2,
    move_attribute: 1,
    empty_value: 1,
    lengthen_value: 4,
    pad_value: 5,
    space_out_value: 2,
    change_letter_case: 3,
    replace_value_of_its_kind: 12,
    replace_value_of_any_kind: 2,
    drop_element: 2,
    repeat_element: 3,
    reorder_elements: 1,
    move_element: 1,
    rename_element: 1,
    change_namespace: 1,
    add_element: 1,
    insert_text: 3,
    insert_comment: 3,
    insert_processing_instruction: 2,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed document, and what was done to it."""

    document: bytes
    mutations: tuple[str, ...]

    def __str__(self) -> str:
        done = "\n".join(f"  * {mutation}" for mutation in self.mutations)
        return f"{done}\n{self.document.decode()}"


def mutants(documents: Sequence[bytes], rng: Random, count: int, most: int = 3) -> Iterator[Mutant]:
    """Yield `count` mutants, each of one of the documents and with one to `most` mutations."""
    parsed = [etree.fromstring(document) for document in documents]
    for _ in range(count):
        yield mutate(rng.choice(parsed), rng, rng.randint(1, most))


def mutate(root: Element, rng: Random, times: int) -> Mutant:
    """Return one mutant of a document; the document itself stays as it is."""
    tree = deepcopy(root.getroottree())
    done: list[str] = []
    while len(done) < times:
        mutation = rng.choices(tuple(MUTATIONS), tuple(MUTATIONS.values()))[0]
        with suppress(Inapplicable):
            done.append(f"{mutation.__name__}: {mutation(rng, tree.getroot())}")
    return _as_it_stands(tree.getroot(), *done)


def single_changes(documents: Sequence[bytes]) -> Iterator[Mutant]:
    """Yield what chance may pass over: each place of the documents changed in turn.

    An attribute is dropped, and written at each length and with each code; an element is repeated and
    dropped. Of places with the same path only the first is changed.
    """
    seen: set[str] = set()
    for root in map(etree.fromstring, documents):
        for element in _elements(root):
            place = _path(element)
            if element is not root and place not in seen:
                yield from _element_changes(root, element)
            seen.add(place)
            for name in map(str, element.keys()):
                if f"{place}/@{name}" not in seen:
                    seen.add(f"{place}/@{name}")
                    yield from _attribute_changes(root, element, name)


def _attribute_changes(root: Element, element: Element, name: str) -> Iterator[Mutant]:
    old = str(element.attrib.pop(name))
    yield _as_it_stands(root, _at(element, f"@{name} dropped"))
    for value in ("", *(f" {'x' * length} " for length in LENGTHS), *CODES):
        element.set(name, value)
        yield _as_it_stands(root, _at(element, f"@{name} -> {value!r}"))
    element.set(name, old)


def _element_changes(root: Element, element: Element) -> Iterator[Mutant]:
    parent, told = _parent(element), _at(element, "")
    again = deepcopy(element)
    element.addnext(again)
    yield _as_it_stands(root, f"{told}repeated")
    parent.remove(again)
    at = parent.index(element)
    parent.remove(element)
    yield _as_it_stands(root, f"{told}dropped")
    parent.insert(at, element)


def _as_it_stands(root: Element, *told: str) -> Mutant:
    return Mutant(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True), told)


def _elements(root: Element) -> list[Element]:
    return list(root.iter("*"))


def _some_attribute(rng: Random, root: Element) -> tuple[Element, str]:
    element = _some(rng, [element for element in _elements(root) if element.attrib])
    return element, str(rng.choice(list(element.attrib)))


def _some(rng: Random, elements: Sequence[Element]) -> Element:
    if not elements:
        raise Inapplicable
    return rng.choice(elements)


def _parent(element: Element) -> Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def _rewrite(rng: Random, root: Element, change: Callable[[str], str]) -> str:
    element, name = _some_attribute(rng, root)
    old = str(element.attrib[name])
    new = change(old)
    if new == old:
        raise Inapplicable
    element.set(name, new)
    return _at(element, f"@{name} {old!r} -> {new!r}")


def _insert_remark(rng: Random, root: Element, remark: Element) -> str:
    element = rng.choice(_elements(root))
    if element is root and rng.random() < 0.5:
        rng.choice((root.addprevious, root.addnext))(remark)
    else:
        element.insert(rng.randint(0, len(element)), remark)
    return _at(element, "a remark inserted")


def _at(element: Element, what: str) -> str:
    return f"{_path(element)} {what}"


def _path(element: Element) -> str:
    lineage = (element, *element.iterancestors())
    return "/".join(etree.QName(each).localname for each in reversed(lineage))
