"""What all errors have in common: a place, a fault, an article, and advice. They stand in `errors`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document: a path of schema names and a line, 1 for the first."""

    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Path and line, as far as they are known."""
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (self.path, line) if part)


class MovehubError(Exception):
    """The root of the tree. `str(error)` is one line that is safe to log."""

    fault: ClassVar[str] = "unknown"
    article: ClassVar[str] = ""
    advice: ClassVar[str] = ""

    def __init__(self, reason: str, *, where: Where | None = None, workflow: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where or Where()
        self.workflow = workflow

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild without calling a constructor, whose arguments differ from class to class."""
        return _rebuilt, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """Workflow, place, reason, article and advice, in this order."""
        head = ": ".join(part for part in (self.workflow, str(self.where), self.reason) if part)
        article = f" [{self.article}]" if self.article else ""
        advice = f". {self.advice}" if self.advice else ""
        return f"{head}{article}{advice}"


def _rebuilt(cls: type[MovehubError], args: tuple[Any, ...], state: dict[str, Any]) -> MovehubError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error
