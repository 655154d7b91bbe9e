"""What a check says about a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """The consequence of a finding."""

    #: The certificate is refused.
    ERROR = "error"
    #: The certificate is used.
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a certificate."""

    severity: Severity
    says: str
    advice: str
    article: str

    def __str__(self) -> str:
        """Return the fault, the article, and the advice."""
        return f"{self.says} [{self.article}]. {self.advice}"


def refused(says: str, advice: str, article: str) -> Finding:
    """Return an error."""
    return Finding(Severity.ERROR, says, advice, article)


def warned(says: str, advice: str, article: str) -> Finding:
    """Return a warning."""
    return Finding(Severity.WARNING, says, advice, article)
