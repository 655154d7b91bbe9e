"""Records ⇄ plain data: dicts, lists, texts and numbers, as in JSON and on a command line.

Keys are the field names (`from_` is `from`, a word that Python reserves), dates and instants are texts in
their form on the wire, absent values are left out. Plain data show people: write them to the screen or the
file of the person who asked, never to a log.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar, get_type_hints

from movehub import renamed
from movehub.protocol.message import Message
from movehub.records import (
    Attribute,
    Child,
    Uuid,
    extra,
    kind_of,
    plan_of,
    record_fields,
    value_type,
    with_extra,
    write_instant,
)

__getattr__ = renamed(__name__, {"to_plain": "to_dict", "from_plain": "from_dict"})

T = TypeVar("T")

#: The key of the extra fields of a record.
EXTRA: Final = "extra"

#: The form of a text that stands for a value of another type, in words. Codes are named themselves.
_FORMS: Final[dict[type, str]] = {
    date: "a day as YYYY-MM-DD",
    datetime: "an instant of UTC as YYYY-MM-DDThh:mm:ssZ",
    Uuid: "a UUID of the form 8-4-4-4-12",
}


def to_dict(value: Any) -> Any:
    """Turn a record, a message or a value into plain data."""
    if isinstance(value, Message):
        return {"root": value.body.root, "header": to_dict(value.header), "body": to_dict(value.body)}
    if dataclasses.is_dataclass(value):
        fields = ((field.name, getattr(value, field.name)) for field in record_fields(value))
        plain = {
            name.rstrip("_"): to_dict(found) for name, found in fields if found is not None and found != ()
        }
        return plain | ({EXTRA: dict(extra(value))} if extra(value) else {})
    if isinstance(value, tuple):
        return [to_dict(item) for item in value]
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str | Uuid) else value


def from_dict(cls: type[T], data: Any, path: str = "") -> T:
    """Make a record of plain data.

    The given fields decide a choice between records. A field that only some editions have may be missing: the
    schema says if it is mandatory. Raises ValueError that names the path of a missing, unknown or malformed
    field, never its value.
    """
    where = path or cls.__name__
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: an object is expected")
    extras = data.get(EXTRA, {})
    if not isinstance(extras, Mapping):
        raise ValueError(f"{where}.{EXTRA}: an object is expected")
    data = {name: found for name, found in data.items() if name != EXTRA}
    record: type = cls
    plan = plan_of(record)
    fields: tuple[Attribute | Child, ...] = (*plan.values, *plan.children)
    known = {field.field.rstrip("_"): field for field in fields}
    unknown = sorted(str(key) for key in data if key not in known)
    if unknown:
        raise ValueError(f"{where}: {len(unknown)} unknown field(s); known are {', '.join(known)}")
    required = {field.name for field in dataclasses.fields(record) if field.default is dataclasses.MISSING}
    absent = [name for name, field in known.items() if name not in data and field.field in required]
    missing = [name for name in absent if not _may_be_none(known[name])]
    if missing:
        raise ValueError(f"{where}: missing: {', '.join(missing)}")
    given: dict[str, Any] = {known[name].field: None for name in absent}
    given |= {
        known[name].field: _read(cls, known[name], found, f"{where}.{name}") for name, found in data.items()
    }
    try:
        return with_extra(cls(**given), **extras)
    except TypeError as error:
        reason = str(error)
    raise ValueError(f"{where}: {reason}")


def _may_be_none(field: Attribute | Child) -> bool:
    return field.optional and not (isinstance(field, Child) and field.many)


def _read(cls: type, field: Attribute | Child, data: Any, path: str) -> Any:
    if isinstance(field, Attribute):
        return _value(value_type(get_type_hints(cls, include_extras=True)[field.field]), data, path)
    if not field.many:
        return _choose(field.classes, data, path)
    if not isinstance(data, list):
        raise ValueError(f"{path}: a list is expected")
    return tuple(_choose(field.classes, item, f"{path}[{index}]") for index, item in enumerate(data))


def _value(python_type: Any, data: Any, path: str) -> Any:
    if python_type in {bool, int} or not isinstance(data, str):
        return data
    kind = kind_of(python_type)
    if kind is None or python_type is str:
        return data
    try:
        return kind.read(data)
    except (KeyError, ValueError):
        pass
    form = _FORMS.get(python_type) or f"one of {', '.join(python_type)}"
    raise ValueError(f"{path}: must be {form}")  # outside: the other error quotes the value


def _choose(classes: tuple[type, ...], data: Any, path: str) -> Any:
    """Make the first record that takes exactly the fields given."""
    if len(classes) == 1:
        return from_dict(classes[0], data, path)
    for cls in classes:
        try:
            return from_dict(cls, data, path)
        except ValueError:
            continue
    raise ValueError(f"{path}: the fields are those of none of {', '.join(cls.__name__ for cls in classes)}")
