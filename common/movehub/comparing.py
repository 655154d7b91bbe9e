"""Records compared field by field, as `dataclass` does it.

`dataclass` writes a function for every class, as the program starts; records are many, and share these.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from operator import attrgetter
from typing import Any


def equal(self: object, other: object) -> bool:
    """Return whether both are records of one class with equal fields."""
    return _values(self) == _values(other) if type(other) is type(self) else NotImplemented


def hashed(self: object) -> int:
    """Return the hash of the fields."""
    return hash(_values(self))


def _values(record: object) -> object:
    cls: type = type(record)
    return _fields_of(cls)(record)


@cache
def _fields_of(cls: type) -> attrgetter[Any]:
    return attrgetter(*(field.name for field in dataclasses.fields(cls)))
