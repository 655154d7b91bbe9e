"""What was found beside what is wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `most` or `least` is what is wanted of it; without either it is there to compare with."""

    subject: str
    what: str
    value: float
    noise: float
    unit: str = "x"
    most: float | None = None
    least: float | None = None
    #: The figure behind a ratio, in words.
    note: str = ""

    @property
    def wanted(self) -> str:
        """What is wanted, in words."""
        if self.most is not None:
            return f"at most {self.most:g}"
        return "" if self.least is None else f"at least {self.least:g}"

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or `within noise` where the noise measured is more than what is missing."""
        missing = 0.0
        if self.most is not None:
            missing = self.value - self.most
        elif self.least is not None:
            missing = self.least - self.value
        else:
            return ""
        if missing <= 0:
            return "met"
        return "within noise" if missing <= self.noise else "missed"

    def cells(self) -> tuple[str, ...]:
        """Return the columns of a table."""
        return (
            self.what,
            f"{_figure(self.value)} {self.unit}".strip(),
            f"± {_figure(self.noise)}",
            self.wanted,
            self.verdict,
            self.note,
        )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
