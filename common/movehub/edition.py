"""An edition is a value: a version, the namespace that names it, and its schema.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix, "Version": the version stands in the
namespace and in the header of every message.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .schemas import Schema
from .spelling import OURS, Spelling


@dataclass(frozen=True, slots=True)
class Edition:
    """One release of a system's messages, such as ERRU 3.5."""

    system: str
    version: str
    namespace: str
    schema: Schema = field(repr=False, compare=False)
    #: What it calls otherwise than our own schemas do.
    spelling: Spelling = field(default=OURS, repr=False, compare=False)

    def __str__(self) -> str:
        """Name it as people do: `ERRU 3.5`."""
        return f"{self.system} {self.version}"
