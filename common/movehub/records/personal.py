"""Personal data, which may never reach a log, a trace, a metric, an exception text or a `repr`.

A field that can identify a person says so in its type. To every type checker `PersonalText` is `str` and
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

#: Stands in a `repr` in place of a personal value.
REDACTED: Final = "‹personal›"


def decoded(data: bytes, encoding: str = "utf-8") -> str | None:
    """Return bytes as text, None if they are in another encoding.

    So you can raise an error without Python's own, which carries all of the bytes: `from None` only hides it
    from a traceback, and leaves it on the new error as its context.
    """
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
