"""What a register's method returned, looked at before it becomes an answer: alike in both systems.

A register is somebody else's code, and not all mistakes in it raise. A coroutine that nobody awaits has
stored nothing; a word where a record should be would be sent on as if it were the state's. Both become an
ErrorNotification `ServerError`.
"""

from __future__ import annotations

import inspect
from typing import TypeVar

from movehub.errors import InvalidOutgoing

T = TypeVar("T")


def stored(returned: object) -> None:
    """Make sure that a method which stores has returned nothing. Raises InvalidOutgoing otherwise.

    It stores, or it raises: whatever else it says, such as False, nobody here would understand.
    """
    expected(returned, type(None))


def expected(returned: T, *kinds: type) -> T:
    """Return what a method returned, if it is of one of these types. Raises InvalidOutgoing otherwise."""
    if isinstance(returned, kinds):
        return returned
    wanted = " or ".join("nothing" if kind is type(None) else kind.__name__ for kind in kinds)
    found = type(returned).__name__
    if inspect.iscoroutine(returned):
        returned.close()  # else Python complains later that it was never awaited, where nobody knows why
        found = "a coroutine: its methods are called, and not awaited"
    raise InvalidOutgoing(f"a method of the register must return {wanted}, and returned {found}")
