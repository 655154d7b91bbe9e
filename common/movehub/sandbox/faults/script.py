"""A script of network faults, as a value: a list, or drawn at random from a seed.

Annex VI, 1.8 of Regulation (EU) 2016/68 and 1.7 of (EU) 2016/480 name five faults that a national system
must cope with. This module has those five and their causes on the network, one fault for each connection.
`FaultProxy` plays the faults that do not need to look into TLS, between any two parties. `FaultRelay` has
the hub's keys and plays the others.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """One way in which a connection fails."""

    #: No fault.
    PASS = "pass"  # noqa: S105 - no password
    #: Accepted, then closed.
    DROP = "drop"
    #: Closed normally after `after` bytes from one side. The relay counts bytes of the body.
    CUT = "cut"
    #: As CUT, but with a TCP reset.
    RESET = "reset"
    #: Delayed by `seconds` before it goes on.
    DELAY = "delay"
    #: Byte by byte, `seconds` apart.
    SLOW = "slow"
    #: Bytes that are not TLS, not HTTP, not XML.
    NO_TLS = "no TLS"
    NO_HTTP = "no HTTP"
    NO_XML = "no XML"
    #: The answer arrives `seconds` late.
    LATE = "late"
    #: The request is delivered twice, and the first answer comes back.
    DUPLICATE = "duplicate"
    #: The request is delivered after the next one, or after `seconds` if there is no next one.
    REORDER = "reorder"
    #: An unsolicited message is delivered before the request.
    UNSOLICITED = "unsolicited"
    #: An unsolicited message comes in place of the answer.
    STRAY_ANSWER = "stray answer"
    #: The certificate is from an unknown authority, or has expired.
    WRONG_CERTIFICATE = "wrong certificate"
    EXPIRED_CERTIFICATE = "expired certificate"


class Side(StrEnum):
    """The side whose bytes are counted or slowed down."""

    REQUEST = "request"
    ANSWER = "answer"


#: The proxy sees only encrypted bytes, the relay sees documents: so each plays faults of its own.
ON_THE_WIRE: Final = frozenset(
    {Kind.PASS, Kind.DROP, Kind.CUT, Kind.RESET, Kind.DELAY, Kind.SLOW, Kind.NO_TLS}
)
INSIDE: Final = frozenset(Kind) - {Kind.DROP, Kind.NO_TLS}

#: The kinds that use `after`, and the kinds that use `seconds`. `str` shows only the field in use.
_BY_BYTES: Final = {Kind.CUT, Kind.RESET}
_BY_TIME: Final = {Kind.DELAY, Kind.SLOW, Kind.LATE, Kind.REORDER}


@dataclass(frozen=True, slots=True)
class Fault:
    """The fault of one connection. `after` counts bytes."""

    kind: Kind = Kind.PASS
    side: Side = Side.REQUEST
    after: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return the fault in words, with the numbers that it uses."""
        if self.kind in _BY_BYTES:
            return f"{self.kind} the {self.side} after {self.after} bytes"
        if self.kind in _BY_TIME and self.seconds:
            return f"{self.kind} by {self.seconds:g} s"
        return str(self.kind)


@dataclass(frozen=True, slots=True)
class Script:
    """The faults of successive connections. After the last one, connections pass without a fault.

    `str(script)` has all that you need to play it again. `repr(script)` is the Python that makes it.
    """

    faults: tuple[Fault, ...] = ()
    #: The seed, if the script was drawn.
    seed: int | None = field(default=None, compare=False)

    @classmethod
    def of(cls, *faults: Fault | Kind) -> Script:
        """Return a script of these faults. A kind alone is that fault without numbers."""
        return cls(tuple(each if isinstance(each, Fault) else Fault(each) for each in faults))

    @classmethod
    def drawn(cls, seed: int, length: int, weights: Mapping[Fault, float]) -> Script:
        """Draw a script at random. The same seed gives the same script on every machine."""
        draw = random.Random(seed)  # noqa: S311 - must be repeatable, and is no secret
        faults = draw.choices(list(weights), weights=list(weights.values()), k=length)
        return cls(tuple(faults), seed)

    def __str__(self) -> str:
        """Return one line: the seed, if any, and each fault."""
        said = ", ".join(map(str, self.faults)) or "nothing"
        return said if self.seed is None else f"seed {self.seed}: {said}"

    def fault(self, turn: int) -> Fault:
        """Return the fault of a connection. The first one has the number 0."""
        return self.faults[turn] if turn < len(self.faults) else Fault()

    def only(self, playable: Collection[Kind]) -> Script:
        """Return the script itself. Raises ValueError if it has a fault that cannot be played here."""
        impossible = sorted({str(each.kind) for each in self.faults if each.kind not in playable})
        if impossible:
            raise ValueError(f"cannot be played here: {', '.join(impossible)}")
        return self


def equal_weights(kinds: Iterable[Fault | Kind]) -> dict[Fault, float]:
    """Return weights that give each fault the same probability."""
    return {each if isinstance(each, Fault) else Fault(each): 1.0 for each in kinds}
