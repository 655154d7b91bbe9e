"""Records: frozen values whose types are the mapping to XML.

    @record
    class Certificate:
        certificate_number: PersonalText
        certificate_issue_date: date

A value field is a camelCase attribute, a record field a PascalCase child element, `tuple[X, ...]` repeats
it, `X | None` makes it optional. `A | B` of two records is a choice: with a name of its own (`wire("Name")`)
two contents of one element, without it two elements that are named after their classes. A list that the
wire keeps in an element of its own names its items (`wire(each="CheckedItem")`); the element is there when
there are items. Fields stand in document order. Only a field that breaks the rule names itself with `wire`,
so no reader or writer is ever written by hand, and they cannot drift apart. `plan_of` reads the types of a
class once, at its first use.

A field that only some editions have names them: `wire(editions=("3.0",))`. It may be None, and in the other
editions it must be. If it is mandatory in its editions, it has no default, so that a type checker asks for
it. The schema of an edition says what is mandatory there.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from movehub.records.extra import PLACE, Extra, Slot, extra
from movehub.records.personal import REDACTED, Personal
from movehub.records.values import CONTENT, Kind, kind_of

T = TypeVar("T")


def wire(
    name: str | None = None,
    *,
    each: str | None = None,
    text_element: bool = False,
    editions: tuple[str, ...] = (),
    default: Any = dataclasses.MISSING,
) -> Any:
    """Name a field that breaks the rule.

    `each` names the items of a list that has an element around it; `text_element` makes a text field a child
    element of its own. `editions` are the versions of the editions that have the field, empty for all of
    them.
    """
    metadata = {"wire": name, "each": each, "text_element": text_element, "editions": editions}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(wire,))
def record(cls: type[T]) -> type[T]:
    """Make a class a frozen, slotted, keyword-only record that cleans what it is given.

    Text is normalised to NFC and its white space folded, an empty optional text becomes None, an instant
    becomes whole seconds of UTC. Raises TypeError or ValueError that name the class and the field, never
    the value.
    """
    cls.__post_init__ = _clean_fields  # type: ignore[attr-defined]
    cls.__repr__ = _redacted_repr  # type: ignore[method-assign]
    cls.__annotations__ = {**cls.__annotations__, PLACE: tuple}  # a field like others, but see `Slot`
    setattr(cls, PLACE, dataclasses.field(default=()))
    made = dataclass(frozen=True, slots=True, kw_only=True, repr=False)(cls)
    if PLACE in made.__dict__:  # a subclass of a record has the place already
        setattr(made, PLACE, Slot(made.__dict__[PLACE]))
    return made


def record_fields(cls: Any) -> tuple[dataclasses.Field[Any], ...]:
    """Return the fields of a record or of its class, without the place of its extra fields."""
    return tuple(field for field in dataclasses.fields(cls) if field.name != PLACE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value field: an XML attribute, or (`is_element`) a child element that holds text alone."""

    field: str
    name: str
    kind: Kind
    optional: bool
    personal: bool
    is_element: bool
    editions: tuple[str, ...] = ()
    #: Whether a caller may leave the field out. A field that may not is mandatory in the default edition.
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """A record field: for each element name, the plans of the records that its content may be.

    `around` is the element that holds a list, if it has one.
    """

    field: str
    alternatives: tuple[tuple[str, tuple[Plan, ...]], ...]
    optional: bool
    many: bool
    around: str | None = None
    editions: tuple[str, ...] = ()
    #: As for `Attribute`.
    has_default: bool = False

    @property
    def classes(self) -> tuple[type, ...]:
        """All records that the field takes."""
        return tuple(plan.cls for _, plans in self.alternatives for plan in plans)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What the types of one record say about its element, and so on down to the last of its children.

    Two plans are the same when they are one object, so that what is compiled from a plan can be kept.
    """

    cls: type
    attributes: tuple[Attribute, ...]
    children: tuple[Child, ...]
    texts: tuple[Attribute, ...]
    #: The fields that the record has and the edition lacks: see `plan_in`.
    absent: tuple[Attribute | Child, ...] = ()
    #: The fields that an official schema has and the record lacks.
    extras: tuple[Extra, ...] = ()

    @property
    def values(self) -> tuple[Attribute, ...]:
        """Attributes and text elements."""
        return self.attributes + self.texts

    def first_child(self) -> str | None:
        """Return the element that opens this record's content, if it is a required one."""
        head = self.children[0] if self.children else None
        return None if head is None or head.optional else head.alternatives[0][0]


def camel(field: str) -> str:
    """`date_of_birth` → `dateOfBirth`; the underscore of `from_` falls away."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(field: str) -> str:
    """`searched_driver` → `SearchedDriver`."""
    return "".join(word.capitalize() for word in field.rstrip("_").split("_"))


@cache
def plan_of(cls: type) -> Plan:
    """Return the plan of a record class. Raises TypeError if the type of a field has no form in XML."""
    hints = get_type_hints(cls, include_extras=True)
    fields = [_compile(cls, field, hints[field.name]) for field in record_fields(cls)]
    values = [field for field in fields if isinstance(field, Attribute)]
    return Plan(
        cls=cls,
        attributes=tuple(value for value in values if not value.is_element),
        children=tuple(field for field in fields if isinstance(field, Child)),
        texts=tuple(value for value in values if value.is_element),
    )


def _compile(cls: type, field: dataclasses.Field[Any], hint: Any) -> Attribute | Child:
    options, optional, personal = _unfold(hint)
    editions = field.metadata.get("editions", ())
    if editions and not optional:
        raise TypeError(f"{cls.__name__}.{field.name}: only some editions have it, so it must accept None")
    has_default = field.default is not dataclasses.MISSING
    name = field.metadata.get("wire")
    is_element = field.metadata.get("text_element", False)
    kind = kind_of(options[0]) if len(options) == 1 and isinstance(options[0], type) else None
    if kind is not None:
        kind = CONTENT if is_element else kind
        name = name or (pascal if is_element else camel)(field.name)
        return Attribute(field.name, name, kind, optional, personal, is_element, editions, has_default)
    many = len(options) == 1 and get_origin(options[0]) is tuple
    if many:
        options, _, _ = _unfold(get_args(options[0])[0])
    if not all(dataclasses.is_dataclass(option) for option in options):
        raise TypeError(f"{cls.__name__}.{field.name}: its type has no form in XML")
    each, plans = field.metadata.get("each"), tuple(map(plan_of, options))
    alternatives: tuple[tuple[str, tuple[Plan, ...]], ...]
    if name is None and each is None and len(options) > 1:
        alternatives = tuple((plan.cls.__name__, (plan,)) for plan in plans)
    else:
        alternatives = ((each or name or pascal(field.name), plans),)
    around = None if each is None else name or pascal(field.name)
    return Child(field.name, alternatives, optional or many, many, around, editions, has_default)


def _unfold(hint: Any) -> tuple[tuple[Any, ...], bool, bool]:
    """Return the alternatives of a type, whether None is one of them, and whether it is personal."""
    personal = False
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
        personal = any(isinstance(mark, Personal) for mark in marks)
    if get_origin(hint) not in {Union, types.UnionType}:
        return (hint,), False, personal
    options = [_unfold(option) for option in get_args(hint) if option is not type(None)]
    flat = tuple(option for inner, _, _ in options for option in inner)
    return flat, type(None) in get_args(hint), personal or any(inner for _, _, inner in options)


def value_type(hint: Any) -> Any:
    """Return the Python type of a value field, without its mark and without None."""
    return _unfold(hint)[0][0]


def _clean_fields(self: Any) -> None:
    cls: type = type(self)
    plan = plan_of(cls)
    for value in plan.values:
        given = getattr(self, value.field)
        if given is not None or not value.optional:
            cleaned = _cleaned(plan, value, given)
            if cleaned is not given:
                object.__setattr__(self, value.field, cleaned)
    for child in plan.children:
        _check(plan, child, getattr(self, child.field))


def _cleaned(plan: Plan, value: Attribute, given: object) -> object:
    try:
        cleaned: object = value.kind.clean(given)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{plan.cls.__name__}.{value.field} {error}") from None
    return None if cleaned == "" and value.optional and not value.is_element else cleaned


def _check(plan: Plan, child: Child, given: Any) -> None:
    """Refuse what is not a record of one of the classes. A subclass has another plan."""
    if given is None and child.optional and not child.many:
        return
    items = given if child.many else (given,)
    if type(items) is not tuple or not all(type(item) in child.classes for item in items):
        wanted = " or ".join(option.__name__ for option in child.classes)
        shape = f"a tuple of {wanted}" if child.many else wanted
        raise TypeError(f"{plan.cls.__name__}.{child.field} takes {shape}")


def _redacted_repr(self: object) -> str:
    shown = ", ".join(f"{name}={text}" for name, text in _shown(self))
    return f"{type(self).__name__}({shown})"


def _shown(self: Any) -> Iterator[tuple[str, str]]:
    cls: type = type(self)
    personal = {value.field for value in plan_of(cls).values if value.personal}
    for field in record_fields(self):
        value = getattr(self, field.name)
        if value is not None and value != ():
            yield field.name, REDACTED if field.name in personal else repr(value)
    for name in extra(self):
        yield name, REDACTED


def paths(plan: Plan, name: str) -> Iterator[str]:
    """Yield the path of every element and attribute that a record can hold, from its own name on."""
    yield name
    yield from (f"{name}/@{value.name}" for value in plan.attributes)
    yield from (f"{name}/{value.name}" for value in plan.texts)
    for child in plan.children:
        above = name if child.around is None else f"{name}/{child.around}"
        if child.around is not None:
            yield above
        for element, plans in child.alternatives:
            for option in plans:
                yield from paths(option, f"{above}/{element}")
