"""What can go wrong on the way, as a value: a script of faults, given as a list or drawn by a seed.

Annex VI, 1.9 of Regulation (EU) 2016/68 and 1.7 of (EU) 2016/480 name five troubles that a national system
has to cope with. Here they are, and what lies beneath them, one fault a connection. What does not look into
TLS is played by `fault_proxy`, between any two parties; the rest by `fault_relay`, which has the keys.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Final


class Kind(StrEnum):
    """One way in which a connection goes wrong."""

    #: Nothing does.
    PASS = "pass"  # noqa: S105 - no password
    #: Accepted, and closed.
    DROP = "drop"
    #: Closed in the orderly way after `after` bytes of one side; in the relay, of its body.
    CUT = "cut"
    #: The same, with a reset.
    RESET = "reset"
    #: Held back for `seconds` before it goes on.
    DELAY = "delay"
    #: Byte by byte, `seconds` apart.
    SLOW = "slow"
    #: Bytes that are no TLS, no HTTP, no XML.
    NO_TLS = "no TLS"
    NO_HTTP = "no HTTP"
    NO_XML = "no XML"
    #: The answer comes `seconds` after the other side gave it.
    LATE = "late"
    #: The request is delivered twice, the first answer comes back.
    DUPLICATE = "duplicate"
    #: The request is delivered after the next one, or after `seconds` if none comes.
    REORDER = "reorder"
    #: A message that nobody asked for is delivered ahead of the request.
    UNSOLICITED = "unsolicited"
    #: A message that nobody asked for comes in the place of the answer.
    STRAY_ANSWER = "stray answer"
    #: The certificate is from an authority that nobody knows, or has expired.
    WRONG_CERTIFICATE = "wrong certificate"
    EXPIRED_CERTIFICATE = "expired certificate"


class Side(StrEnum):
    """Whose bytes are counted, or slowed down."""

    REQUEST = "request"
    ANSWER = "answer"


#: What the proxy plays, which sees bytes of TLS, and what the relay does, which sees documents.
ON_THE_WIRE: Final = frozenset(
    {Kind.PASS, Kind.DROP, Kind.CUT, Kind.RESET, Kind.DELAY, Kind.SLOW, Kind.NO_TLS}
)
INSIDE: Final = frozenset(Kind) - {Kind.DROP, Kind.NO_TLS}

#: The fields of a fault that mean something, by kind; the others print nothing.
_BY_BYTES: Final = {Kind.CUT, Kind.RESET}
_BY_TIME: Final = {Kind.DELAY, Kind.SLOW, Kind.LATE, Kind.REORDER}


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one connection. `after` is in bytes, `seconds` in seconds."""

    kind: Kind = Kind.PASS
    side: Side = Side.REQUEST
    after: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return the fault in words, with the numbers that matter to it."""
        if self.kind in _BY_BYTES:
            return f"{self.kind} the {self.side} after {self.after} bytes"
        if self.kind in _BY_TIME and self.seconds:
            return f"{self.kind} by {self.seconds:g} s"
        return str(self.kind)


@dataclass(frozen=True, slots=True)
class Script:
    """The faults of one connection after the other; when they are over, nothing goes wrong any more.

    `str(script)` says all that is needed to play it again, and `repr(script)` is Python that makes it.
    """

    faults: tuple[Fault, ...] = ()
    #: What it was drawn from, where it was drawn.
    seed: int | None = field(default=None, compare=False)

    @classmethod
    def of(cls, *faults: Fault | Kind) -> Script:
        """Return a script of these faults; a kind alone stands for its fault without any numbers."""
        return cls(tuple(each if isinstance(each, Fault) else Fault(each) for each in faults))

    @classmethod
    def drawn(cls, seed: int, length: int, weights: Mapping[Fault, float]) -> Script:
        """Draw a script: the same for the same seed, on every machine."""
        draw = random.Random(seed)  # noqa: S311 - has to be repeatable, and guards nothing
        faults = draw.choices(list(weights), weights=list(weights.values()), k=length)
        return cls(tuple(faults), seed)

    def __str__(self) -> str:
        """Return one line: where it comes from, and each fault."""
        said = ", ".join(map(str, self.faults)) or "nothing"
        return said if self.seed is None else f"seed {self.seed}: {said}"

    def only(self, playable: Collection[Kind]) -> Script:
        """Return the script itself. Raises ValueError where it has a fault that cannot be played here."""
        impossible = sorted({str(each.kind) for each in self.faults if each.kind not in playable})
        if impossible:
            raise ValueError(f"cannot be played here: {', '.join(impossible)}")
        return self


class Player:
    """Gives out the faults of a script, one a connection, to any number of threads."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._lock = Lock()
        self._turn = 0

    def next(self) -> tuple[int, Fault]:
        """Return the number of a connection, 0 for the first, and what happens to it."""
        with self._lock:
            turn, self._turn = self._turn, self._turn + 1
        return turn, self.script.faults[turn] if turn < len(self.script.faults) else Fault()


def each_alike(kinds: Iterable[Fault | Kind]) -> dict[Fault, float]:
    """Return weights that give every one of these the same chance."""
    return {each if isinstance(each, Fault) else Fault(each): 1.0 for each in kinds}
