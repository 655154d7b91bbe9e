"""What a record does with the values that it is given: one function a class, written for it and compiled.

Nearly all values are clean as they are, and a record sees that without a call. The function of
`FoundCertificate` in ERRU is, shortened:

    def clean(self):
        given = self.certificate_number
        if not (type(given) is str and given and given.isascii() and ...): mend(self, value_0, given)
        given = self.certificate_validity
        if given is not None and type(given) is not type_1: mend(self, value_1, given)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from movehub.records.codegen import compiled
from movehub.records.values import clean_text

if TYPE_CHECKING:
    from movehub.records.record import Attribute, Child, Plan

#: Of a text, what `clean_text` and an optional field leave as it is.
_CLEAN_TEXT: Final = (
    "type(given) is str and given and given.isascii() and given.isprintable() and ' ' not in given"
)


@cache
def cleaner_of(plan: Plan) -> Callable[[object], None]:
    """Return what cleans the values of a record, and makes sure that what is below it is of its classes.

    It raises TypeError or ValueError that name the class and the field, never the value.
    """
    given: dict[str, Any] = {"mend": _mend, "check": _check, "cls": plan.cls}
    lines = [*_values(plan.values, given), *_children(plan.children, given)]
    return compiled("clean(self)", lines or ["pass"], given)


def _values(values: tuple[Attribute, ...], given: dict[str, Any]) -> Iterator[str]:
    for number, value in enumerate(values):
        given[f"value_{number}"], given[f"type_{number}"] = value, value.kind.exact
        clean = _CLEAN_TEXT if value.kind.clean is clean_text else f"type(given) is type_{number}"
        there = "given is not None and " if value.optional else ""
        yield f"given = self.{value.field}"
        yield f"if {there}not ({clean}): mend(self, value_{number}, given)"


def _children(children: tuple[Child, ...], given: dict[str, Any]) -> Iterator[str]:
    for number, child in enumerate(children):
        given[f"child_{number}"], given[f"classes_{number}"] = child, child.classes
        # A subclass has another plan.
        right = "type(given) is tuple and not given" if child.many else f"type(given) in classes_{number}"
        there = "given is not None and " if child.optional and not child.many else ""
        yield f"given = self.{child.field}"
        yield f"if {there}not ({right}): check(cls, child_{number}, given)"


def _mend(self: object, value: Attribute, given: object) -> None:
    try:
        cleaned = value.kind.clean(given)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{type(self).__name__}.{value.field} {error}") from None
    if value.optional and cleaned == "" and not value.is_element:
        cleaned = None
    if cleaned is not given:
        object.__setattr__(self, value.field, cleaned)


def _check(cls: type, child: Child, given: object) -> None:
    items = given if child.many and isinstance(given, tuple) else (given,)
    listed = isinstance(given, tuple) or not child.many
    if not listed or not all(type(item) in child.classes for item in items):
        wanted = " or ".join(option.__name__ for option in child.classes)
        shape = f"a tuple of {wanted}" if child.many else wanted
        raise TypeError(f"{cls.__name__}.{child.field} takes {shape}")
