"""What can become of one delivery to the hub (Annex VI of both regulations; see `docs/node.md`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from movehub.errors import (
    CertificateRefused,
    HttpRefused,
    HubUnreachable,
    OutcomeUnknown,
    TooManyRequests,
    TransportError,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One way for a delivery to go. `arrives`: its bytes came whole; `taken`: and the hub acts on them."""

    name: str
    arrives: bool = True
    taken: bool = True
    seconds: float = 0
    error: Callable[[], TransportError] | None = None
    at_once: bool = False


NONE: Final = Trouble("none")

UNREACHABLE: Final = Trouble(
    "unreachable", arrives=False, taken=False, error=lambda: HubUnreachable("no connection")
)

TROUBLES: Final = (
    NONE,
    Trouble("answered on the same connection", at_once=True),
    Trouble("slow", seconds=9),
    Trouble("500, taken", error=lambda: OutcomeUnknown("500", status=500)),
    Trouble("503, not taken", taken=False, error=lambda: OutcomeUnknown("503", status=503)),
    Trouble("408, not taken", taken=False, error=lambda: OutcomeUnknown("408", status=408)),
    Trouble("429", taken=False, error=lambda: TooManyRequests(429)),
    Trouble("404", taken=False, error=lambda: HttpRefused(404)),
    Trouble("reset after it was taken", error=lambda: OutcomeUnknown("reset")),
    Trouble("reset on the way", arrives=False, taken=False, error=lambda: OutcomeUnknown("reset")),
    Trouble("no answer in 20 s", seconds=20, error=lambda: OutcomeUnknown("the time was up")),
    UNREACHABLE,
    Trouble("our certificate", arrives=False, taken=False, error=lambda: CertificateRefused("expired")),
)
