"""What `erru cgr` and `ctud` print of each record: beside the request, so that a namesake is not mistaken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from movehub.cli import COLOURS, escape, out, plain_reply, table
from movehub.cli.comparison import Field, compared, numbered, print_comparison, text
from movehub.protocol.reply import Reply

from .cgr import (
    CheckGoodReputeResponse,
    Fitness,
    FoundTransportManager,
    SearchByCertificate,
    SearchByName,
)
from .ctud import (
    CertifiedTrueCopy,
    CheckTransportUndertakingDataResponse,
    CommunityLicence,
    FoundUndertaking,
)
from .matching import same_number
from .vocabulary import Address, Certificate, Vehicle


def print_managers(answer: CheckGoodReputeResponse) -> None:
    """Print each manager found beside the one asked about, and the undertakings that the manager manages."""
    for state, manager in _managers(answer):
        title = f"{state}, {manager.responding_authority}"
        print_comparison(title, "Asked about", beside(answer.searched_transport_manager, manager))


def plain_managers(reply: Reply[CheckGoodReputeResponse]) -> dict[str, Any]:
    """Return the answer as plain data, with the states asked and the comparisons of the screen."""
    answer = reply.body
    return {
        **plain_reply(reply),
        "compared": [
            {
                "member_state_code": state,
                "fields": compared(beside(answer.searched_transport_manager, manager)),
            }
            for state, manager in _managers(answer)
        ],
    }


def _managers(answer: CheckGoodReputeResponse) -> Iterator[tuple[str, FoundTransportManager]]:
    for row in answer.member_states:
        yield from ((row.member_state_code, manager) for manager in row.found)


def beside(search: SearchByName | SearchByCertificate, manager: FoundTransportManager) -> tuple[Field, ...]:
    """Return the manager found beside the one asked about, then what the manager manages."""
    name = search.name if isinstance(search, SearchByName) else None
    asked, found = search.certificate, manager.certificate
    validity = found.certificate_validity
    return (
        Field("Family name", manager.name.family_name, name.family_name if name else ""),
        Field("First name", manager.name.first_name, name.first_name if name else ""),
        Field("Date of birth", text(manager.name.date_of_birth), text(name and name.date_of_birth)),
        Field("Place of birth", text(manager.name.place_of_birth), text(name and name.place_of_birth)),
        Field("Address", address(manager.address), address(name.address if name else None)),
        Field("Certificate", _certificate(found), _certificate(asked)),
        Field("Issued", text(found.certificate_issue_date), text(asked and asked.certificate_issue_date)),
        Field("Validity", validity.value if validity else "not said", asked_for=False),
        Field("Fitness", fitness(found.fitness), asked_for=False),
        *(
            Field(
                "Manages",
                f"{each.transport_undertaking_name}, {address(each.address)}, licence "
                f"{each.community_licence_number} {each.community_licence_status.value}, "
                f"{each.number_of_vehicles} vehicle(s)",
                asked_for=False,
            )
            for each in manager.transport_undertakings.undertakings
        ),
    )


def fitness(given: Fitness) -> str:
    """Return the fitness of a manager in one phrase, with the dates of an unfitness."""
    begins, ends = given.unfit_start_date, given.unfit_end_date
    parts = [given.fitness_status.value, f"from {begins}" if begins else "", f"until {ends}" if ends else ""]
    return " ".join(part for part in parts if part)


def address(given: Address | None) -> str:
    """Return an address on one line, empty for None."""
    return f"{given.address}, {given.post_code} {given.city}, {given.country}" if given else ""


def _certificate(given: Certificate | None) -> str:
    return numbered(given.certificate_number, given.certificate_issue_country) if given else ""


def print_undertakings(reply: Reply[CheckTransportUndertakingDataResponse]) -> None:
    """Print the answer of the state, and each undertaking beside the one asked about."""
    answer, state = reply.body, escape(", ".join(reply.asked))
    outcome = answer.outcome
    said = f"{state} [{COLOURS[outcome]}]{outcome.value}[/], says {escape(answer.responding_authority)}"
    out.print(said, soft_wrap=True)
    if answer.status_message:
        out.print(f"It adds: {escape(answer.status_message)}", soft_wrap=True)
    for found in answer.undertakings:
        print_comparison(found.transport_undertaking_name, "Asked about", _beside(answer, found))
        _print_licences(found)


def plain_undertakings(reply: Reply[CheckTransportUndertakingDataResponse]) -> dict[str, Any]:
    """Return the answer as plain data, with the state asked and the comparisons of the screen."""
    answer = reply.body
    return {
        **plain_reply(reply),
        "compared": [{"fields": compared(_beside(answer, found))} for found in answer.undertakings],
    }


#: What the hub says of an answer of version 2, which has no staff and no risk (inferred: no public text).
_VERSION_2: Final = re.compile(r"\bv2\b")


def _beside(answer: CheckTransportUndertakingDataResponse, found: FoundUndertaking) -> tuple[Field, ...]:
    search = answer.searched_company.search
    perhaps = (
        ", perhaps not known: see what it adds" if _VERSION_2.search(answer.status_message or "") else ""
    )
    return (
        Field("Name", found.transport_undertaking_name, text(search.transport_undertaking_name)),
        Field("Licence", *_licences(found, text(search.community_licence_number))),
        Field("Vehicle", *_vehicles(found, search.vehicle)),
        *(
            Field(name, value, asked_for=False)
            for name, value in (
                ("Legal form", text(found.legal_form)),
                ("Address", address(found.address)),
                ("Risk", f"{found.risk_band.value} {found.risk_rating}{perhaps}"),
                ("Vehicles", str(found.number_of_vehicles)),
                ("Employees", f"{found.number_of_employees}{perhaps}"),
                ("Their plates", ", ".join(map(plate, found.vehicles))),
                ("True copies", ", ".join(map(_shown, found.true_copies))),
                ("Found by", found.search_method.value),
            )
        ),
    )


def _licences(found: FoundUndertaking, asked: str) -> tuple[str, str]:
    """Return the number that was asked for as the register has it, or else all of its licences."""
    licences = [each.community_licence_number for each in found.licences]
    copies = [each.true_copy_number for each in found.true_copies]
    own = next((number for number in (*licences, *copies) if same_number(number, asked)), None)
    return own or ", ".join(licences), asked


def _vehicles(found: FoundUndertaking, asked: Vehicle | None) -> tuple[str, str]:
    """Return the vehicle that was asked for as the register has it, empty if the answer does not list it."""
    if asked is None:
        return "", ""
    country = asked.vehicle_registration_country
    same = (
        plate(each)
        for each in found.vehicles
        if each.vehicle_registration_country == country
        and same_number(each.vehicle_registration_number, asked.vehicle_registration_number)
    )
    return next(same, ""), plate(asked)


def plate(vehicle: Vehicle) -> str:
    """Return the plate of a vehicle and its country."""
    return f"{vehicle.vehicle_registration_number} ({vehicle.vehicle_registration_country})"


def _print_licences(found: FoundUndertaking) -> None:
    columns = ("Licence", "Status", "Type", "Valid from/until", "Ended")
    shown = table("", *columns, folding=("Type", "Ended"))
    for licence in found.licences:
        shown.add_row(
            escape(licence.community_licence_number),
            licence.community_licence_status.value,
            escape(licence.community_licence_type.value),
            f"{licence.start_date}/{licence.expiry_date}",
            _ended(licence),
        )
    out.print(shown)


def _ended(licence: CommunityLicence) -> str:
    """Return when and why a licence was suspended or withdrawn."""
    begins, ends = licence.suspension_date, licence.suspension_expiry_date
    reason = licence.suspension_or_withdrawal_reason
    parts = (
        f"withdrawn {licence.withdrawal_date}" if licence.withdrawal_date else "",
        f"suspended from {begins}" if begins else "",
        f"until {ends}" if ends else "",
        f"({reason.value})" if reason else "",
    )
    return " ".join(part for part in parts if part)


def _shown(copy: CertifiedTrueCopy) -> str:
    """Return the number of a certified true copy, and whether it was withdrawn or suspended."""
    if copy.true_copy_withdrawal_date:
        return f"{copy.true_copy_number} (withdrawn {copy.true_copy_withdrawal_date})"
    if copy.true_copy_suspension_date:
        ends = copy.true_copy_suspension_expiry_date
        until = f" until {ends}" if ends else ""
        return f"{copy.true_copy_number} (suspended from {copy.true_copy_suspension_date}{until})"
    return copy.true_copy_number
