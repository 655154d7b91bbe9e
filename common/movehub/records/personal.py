"""What may never reach a log, a trace, a metric, an exception text or a `repr`.

A field that can tell who somebody is says so in its type. To every type checker `PersonalText` is `str` and
`PersonalDate` is `date`; a record shows them as `‹personal›`. Regulation (EU) 2016/68, Annex VII, 1 and 3;
Regulation (EU) 2016/480, Annex VII.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final


class Personal:
    """The mark in `Annotated[..., PERSONAL]`."""

    __slots__ = ()


PERSONAL: Final = Personal()
PersonalText = Annotated[str, PERSONAL]
PersonalDate = Annotated[date, PERSONAL]

#: What stands in a `repr` in the place of a personal value.
REDACTED: Final = "‹personal›"


def decoded(data: bytes, encoding: str = "utf-8") -> str | None:
    """Return bytes as text, None where they are in another encoding.

    Whoever raises upon None does so without Python's own error, which carries all of the bytes: `from None`
    hides it from a traceback, and leaves it on the error as its context.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
