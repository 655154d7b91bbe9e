"""What makes a data class of the standard library frozen, with one function compiled for it instead of three.

`dataclass(frozen=True)` writes and compiles an `__init__`, a `__setattr__` and a `__delattr__` for each
class, and an application that loads fifty waits for a hundred and fifty. The last two are the same for all;
and an `__init__` that stores through the slots is faster than one that goes round `__setattr__`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NoReturn, TypeVar

from movehub.records.codegen import compiled

T = TypeVar("T")


def frozen(cls: type[T]) -> type[T]:
    """Return a slotted, keyword-only data class of which no instance can be changed.

    It has neither a `repr` nor a comparison of its own; `__post_init__` is called, if there is one.
    """
    made: Any = dataclasses.dataclass(slots=True, kw_only=True, init=False, repr=False, eq=False)(cls)
    made.__init__ = _init_of(made)
    made.__setattr__ = _refuse_to_set
    made.__delattr__ = _refuse_to_delete
    made.__getstate__ = _state
    made.__setstate__ = _restore
    return made  # type: ignore[no-any-return]


def _init_of(cls: type) -> Any:
    given: dict[str, Any] = {}
    parameters, lines = [], []
    for field in dataclasses.fields(cls):
        name = field.name
        given[f"set_{name}"] = getattr(cls, name).__set__  # of its slot
        lines.append(f"set_{name}(self, {name})")
        if field.default is dataclasses.MISSING:
            parameters.append(name)
        else:
            given[f"default_{name}"] = field.default
            parameters.append(f"{name}=default_{name}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    names = ", ".join(("self", "*", *parameters)) if parameters else "self"
    init: Any = compiled(f"__init__({names})", lines or ["pass"], given, shown=False)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    init.__annotations__ = {**cls.__annotations__, "return": None}
    return init


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
