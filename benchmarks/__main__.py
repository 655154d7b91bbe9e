"""`make bench`: our figures as ratios to the floor, which is parsing and validating with lxml alone.

Interleaved rounds; the median of the ratios round by round, so that a machine whose speed drifts does not
spoil the comparison. Nothing is asserted here yet.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import median

from lxml import etree
from movehub.exchange import Exchange

import erru_client as erru

ROUNDS = 15
CALLS = 400


def _message() -> erru.Message[erru.CheckGoodReputeRequest]:
    name = erru.SearchedName(
        family_name="Müller-Lüdenscheidt", first_name="Žofia", date_of_birth=date(1970, 1, 2)
    )
    body = erru.CheckGoodReputeRequest(
        business_case_id="FI-1",
        originating_authority="Traficom",
        request_purpose=erru.RequestPurpose.ISSUE,
        request_source=erru.RequestSource.COMPETENT_AUTHORITY,
        searched_transport_manager=erru.SearchByName(name=name),
    )
    return Exchange("FI", erru.ERRU_3_5).request(body, to=erru.BROADCAST)


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        function()
    return (time.perf_counter() - started) / CALLS


def main() -> None:
    """Measure and print."""
    message = _message()
    document = erru.encode(message)
    schema = etree.XMLSchema(etree.parse(erru.ERRU_3_5.schema.path))
    contenders: dict[str, Callable[[], object]] = {
        "decode (gate, parse, schema, record)": lambda: erru.decode(document),
        "encode (record, text, parse, schema)": lambda: erru.encode(message),
    }
    gc.disable()
    ratios: dict[str, list[float]] = {name: [] for name in contenders}
    floors = []
    for _ in range(ROUNDS):
        floors.append(_seconds(lambda: schema(etree.fromstring(document))))
        for name, function in contenders.items():
            ratios[name].append(_seconds(function) / floors[-1])
    sys.stdout.write(
        f"CGR request, {len(document)} bytes; floor: parse and schema {median(floors) * 1e6:.1f} µs\n"
    )
    for name, found in ratios.items():
        sys.stdout.write(f"{name}: {median(found):.2f} x floor (from {min(found):.2f} to {max(found):.2f})\n")


if __name__ == "__main__":
    main()
