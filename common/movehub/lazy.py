"""Names of a package that are loaded when somebody asks for them (PEP 562).

An application that imports a client package, and many do long before they have a message, waits for nothing;
who reads documents never loads the client and its HTTP, or the procedures of an office. To a type checker the
names are imported as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any


def on_demand(
    package: str, modules: dict[str, str]
) -> tuple[Callable[[str], Any], Callable[[], Iterable[str]]]:
    """Return `__getattr__` and `__dir__` of a package.

    `modules` are the names, parted by blanks, by where they are; a module with a dot is of another package.
    """
    origin = {name: module for module, names in modules.items() for name in names.split()}

    def __getattr__(name: str) -> Any:  # noqa: N807 - it is the package's
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = origin[name]
        found = getattr(import_module(module if "." in module else f"{package}.{module}"), name)
        setattr(sys.modules[package], name, found)  # Python asks once
        return found

    def __dir__() -> Iterable[str]:  # noqa: N807
        return {*vars(sys.modules[package]), *origin}

    return __getattr__, __dir__
