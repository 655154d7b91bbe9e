"""How long a heartbeat waits while a node refuses large documents: `python -m benchmarks.refusals`.

Sixteen clients post a document of 2 MB each at the same moment, over mutual TLS, and a heartbeat (Annex VI,
1.2) follows. The node is a process of its own with the synchronous interface, so the answer comes on the
connection of the heartbeat. Each kind of document is refused for a reason of its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Final

from movehub.errors import HttpRefused
from movehub.http.transport import HttpsTransport
from movehub.protocol.exchange import Exchange, utc_now
from movehub.protocol.workflow import HUB
from movehub.sandbox.pki import Authority
from movehub.tls.credentials import Credentials

import erru_client as erru
from tests.support.erru_messages import fleet
from tests.support.examples import cgr_request
from tests.support.nodes import from_denmark, written

from .node import _CONFIG, _serving

#: Bytes of a document, documents at once, and the most seconds that a heartbeat may wait.
_SIZE: Final = 2_000_000
_AT_ONCE: Final = 16
_WANTED: Final = 2.0
#: Seconds after which the heartbeat follows the documents.
_LATER: Final = 0.05


def main() -> int:
    """Measure, print, and return 1 if a heartbeat waited too long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refusals", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    slowest = 0.0
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="movehub-refusals-")))
        authority = Authority.create(folder / "pki")
        hub, state = authority.issue("hub"), authority.issue("FI")
        config = folder / "node.toml"
        database = f"sqlite:///{folder}/node.db"
        config.write_text(
            _CONFIG.format(state=state, port=1, database=database, interface="synchronous"), "utf-8"
        )
        _, port = running.enter_context(_serving(config, None))
        url = f"https://localhost:{port}/erru"
        waits = [_heartbeat(url, hub) for _ in range(rounds)]
        _show("nothing else", waits)
        for kind, document in documents().items():
            waits = [_while_refusing(url, hub, document) for _ in range(rounds)]
            _show(kind, waits)
            slowest = max(slowest, *waits)
    return 0 if slowest <= _WANTED else 1


def documents() -> Mapping[str, bytes]:
    """Return documents of 2 MB that are refused, by what is wrong with them."""
    question = written(from_denmark(cgr_request(), utc_now()))
    answer = erru.encode(fleet(1))
    row = b'<Vehicle vehicleRegistrationNumber="W" vehicleRegistrationCountry="PL"/>'
    rows = row * (_SIZE // len(row))
    long = question.replace(b'businessCaseId="', b'businessCaseId="' + b"x" * _SIZE, 1)
    faulty = answer.replace(b"<VehicleRegistrations>", b"<VehicleRegistrations>" + rows + b"<Vehicle/>" * 24)
    attributes = b" ".join(b'a%d="1"' % number for number in range(_SIZE // 11))
    namespaces = b" ".join(b'xmlns:a%d="u"' % number for number in range(_SIZE // 17))
    return {
        "a value of 2 MB": long,
        "a faulty row at the end": faulty,
        "a faulty row, and a second namespace": faulty.replace(b"<Body", b'<Body xmlns:a="urn:a"', 1),
        "nothing but faulty rows": answer.replace(
            b"<VehicleRegistrations>", b"<VehicleRegistrations>" + b"<Vehicle/>" * (_SIZE // 10)
        ),
        "nothing but unknown attributes": question.replace(b"<Body", b"<Body " + attributes, 1),
        "nothing but namespaces": question.replace(b"<Body", b"<Body " + namespaces, 1),
        "cut off": faulty[:-20],
    }


def _while_refusing(url: str, hub: Credentials, document: bytes) -> float:
    together = Barrier(_AT_ONCE + 1)

    def refused() -> None:
        with HttpsTransport(url, hub) as transport:
            together.wait()
            with suppress(HttpRefused):
                transport.post(document)
                raise AssertionError("it was not refused")

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        done = [threads.submit(refused) for _ in range(_AT_ONCE)]
        together.wait()
        time.sleep(_LATER)
        waited = _heartbeat(url, hub)
        for each in done:
            each.result()
    return waited


def _heartbeat(url: str, hub: Credentials) -> float:
    body = replace(cgr_request(), request_purpose=erru.RequestPurpose.HEARTBEAT)
    document = written(Exchange(HUB, erru.ERRU_3_5).request(body, "FI"))
    began = time.monotonic()
    with HttpsTransport(url, hub) as transport:
        answer = erru.decode(transport.post(document))
    if not isinstance(answer.body, erru.CheckGoodReputeResponse):
        raise AssertionError("the heartbeat was not answered")
    return time.monotonic() - began


def _show(kind: str, waits: list[float]) -> None:
    shown = ", ".join(f"{each:.2f}" for each in sorted(waits))
    sys.stdout.write(f"{kind}: a heartbeat is answered after {shown} s\n")


if __name__ == "__main__":
    sys.exit(main())
