"""The messages that are measured: about invented people, and valid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree
from movehub.protocol.message import Message

import erru_client as erru
from tests.support.erru_messages import FI_ERRU, PL_ERRU, ctud_request, found_undertaking, ncr_request
from tests.support.examples import cgr_request

#: Large enough for every document here; nothing else of the codec is changed.
CODEC = replace(erru.CODEC, limit=64 * 1024 * 1024)


def fleet(vehicles: int) -> Message[Any]:
    """Return the answer to a Check Transport Undertaking Data about a haulier with so many vehicles."""
    asked = FI_ERRU.request(ctud_request(), to="PL")
    rows = tuple(
        erru.Vehicle(vehicle_registration_number=f"WA {number:05}", vehicle_registration_country="PL")
        for number in range(vehicles)
    )
    found = replace(found_undertaking(), number_of_vehicles=vehicles, vehicles=rows)
    return PL_ERRU.answer(asked, asked.body.answer("GITD", (found,)))


def measured() -> dict[str, Message[Any]]:
    """Return the three messages whose figures are promised."""
    return {
        "CGR request": FI_ERRU.request(cgr_request(), to=erru.BROADCAST),
        "NCR request": FI_ERRU.request(ncr_request(), to="PL"),
        "CTUD response, 5,000 vehicles": fleet(5_000),
    }


def schema() -> etree.XMLSchema:
    """Return a compiled schema of its own for the floor."""
    return etree.XMLSchema(etree.parse(erru.ERRU_3_5.schema.path))
