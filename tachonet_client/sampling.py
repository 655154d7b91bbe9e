"""Which applications are drawn for the broadcast that at least 30 % of them need.

Regulation (EU) 2016/68, Annex VIII, 1.5. The draw depends on the case number and a published salt alone, so
an auditor can repeat it with only a list of the cases::

    SHA-256 of salt, line feed, case number, in UTF-8, the first 8 bytes as an integer n, big-endian. Drawn if
    n * 100 < percentage * 2^64

A draw of 30 % gives 30 % on average and so less than the law's share in every second period. Therefore the
default percentage is 35, and `shortfall` returns the cases that you must still check if a period fell short
nevertheless.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from movehub import law
from movehub.errors import InvalidConfiguration

#: Annex VIII, 1.5.
LEAST_PERCENTAGE: Final = 30
#: With it, a period of 1 000 applications falls below 30 % once in more than 2 000 periods.
DEFAULT_PERCENTAGE: Final = 35


@dataclass(frozen=True, slots=True)
class Sample:
    """A reproducible sample. Raises InvalidConfiguration below 30 %, above 100 %, and without a salt.

    `salt` is any text, chosen before the first draw and disclosed to whoever audits. Change it, and other
    cases are drawn.
    """

    salt: str
    percentage: int = DEFAULT_PERCENTAGE

    def __post_init__(self) -> None:
        if not LEAST_PERCENTAGE <= self.percentage <= 100:
            raise InvalidConfiguration(f"the sample must be of 30 to 100 per cent ({law.SAMPLE.tachonet})")
        if not self.salt:
            raise InvalidConfiguration("the sample needs a salt, so that the draw can be repeated")

    def drawn(self, case_id: str) -> bool:
        """Whether a case is in the sample."""
        return self._number(case_id) * 100 < self.percentage << 64

    def shortfall(self, case_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the cases that you must still check to reach the 30 % of the law, next drawn first."""
        cases = sorted(set(case_ids), key=lambda case_id: (self._number(case_id), case_id))
        needed = -(-len(cases) * LEAST_PERCENTAGE // 100)
        return tuple(case_id for case_id in cases[:needed] if not self.drawn(case_id))

    def _number(self, case_id: str) -> int:
        return int.from_bytes(sha256(f"{self.salt}\n{case_id}".encode()).digest()[:8])
