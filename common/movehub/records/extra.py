"""Extra fields: what an official schema has, and our classes lack.

A mapping file gives each of them a name (`[extra]`, see `movehub.official.mapping`). A record keeps them
beside its own fields, as texts in their form on the wire. Each counts as personal data: nothing here knows
what it means.

    driver = with_extra(driver, authority_address="Rue de la Loi 1")
    extra(driver)["authority_address"]

Records without extra fields, which are nearly all, take no time for them: a reader leaves their place empty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from movehub.records.values import CONTENT

T = TypeVar("T")

#: The name of the place in every record. Its value is a tuple of pairs, name and text, sorted by name.
PLACE: Final = "_extra"

_Pairs = tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Extra:
    """The place of an extra field in the element of a record.

    An attribute of it (`element` is None), the text of an element below (`attribute` is None), or an
    attribute of such an element.
    """

    field: str
    element: str | None
    attribute: str | None
    #: The element of the record before which the element stands. None if it is the last.
    before: str | None = None


def with_extra(record: T, /, **values: str | None) -> T:
    """Return the same record with these extra fields. None removes one.

    Raises TypeError for a value that is not text, ValueError for a character that no XML document can hold.
    An edition that has no such field refuses the message (InvalidOutgoing).
    """
    if not values:
        return record
    kept = dict(_place(record))
    for name, value in values.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = _cleaned(record, name, value)
    return dataclasses.replace(record, **{PLACE: as_pairs(kept)})  # type: ignore[type-var]


def extra(record: object) -> Mapping[str, str]:
    """Return the extra fields of a record by their names. Each counts as personal data."""
    return MappingProxyType(dict(_place(record)))


def as_pairs(values: Mapping[str, str]) -> _Pairs:
    """Return extra fields as a record keeps them."""
    return tuple(sorted(values.items()))


def _place(record: object) -> _Pairs:
    pairs: _Pairs = getattr(record, PLACE, ())
    return pairs


def _cleaned(record: object, name: str, value: object) -> str:
    try:
        text: str = CONTENT.clean(value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{type(record).__name__}.{name} {error}") from None
    return text


class Slot:
    """The place in a record class: a slot that is read as empty if it was never filled."""

    #: Whether this process has ever held an extra field. As long as it has not, no message is searched for
    #: one that its edition lacks.
    ever_filled = False

    def __init__(self, member: Any) -> None:
        self._get, self._set = member.__get__, member.__set__

    def __get__(self, record: object, owner: type | None = None) -> Any:
        if record is None:
            return self
        try:
            return self._get(record, owner)
        except AttributeError:
            return ()

    def __set__(self, record: object, pairs: _Pairs) -> None:
        if pairs:
            Slot.ever_filled = True
            self._set(record, pairs)


def restricted(asked: T, repeated: object) -> T:
    """Return what was asked without the extra fields that are not repeated.

    An edition may have them in the question alone. If the answer must have them, its schema says so.
    """
    if not Slot.ever_filled or type(asked) is not type(repeated) or not hasattr(asked, PLACE):
        return asked
    names = dict(_place(repeated))
    changes: dict[str, Any] = {
        field.name: restricted(getattr(asked, field.name), getattr(repeated, field.name))
        for field in dataclasses.fields(asked)  # type: ignore[arg-type]
    }
    changes[PLACE] = tuple(pair for pair in _place(asked) if pair[0] in names)
    return dataclasses.replace(asked, **changes)  # type: ignore[type-var]
