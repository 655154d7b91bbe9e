"""Names of a package that are loaded at their first use (PEP 562).

An application may import a client package long before its first message. The import stays fast, and an
application that only reads documents never loads the client and HTTP. Type checkers see ordinary imports.
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

    `modules` has the names, separated by blanks, for each module. A module with a dot is in another package.
    """
    origin = {name: module for module, names in modules.items() for name in names.split()}

    def __getattr__(name: str) -> Any:  # noqa: N807 - it is the package's
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = origin[name]
        found = getattr(import_module(module if "." in module else f"{package}.{module}"), name)
        setattr(sys.modules[package], name, found)  # the next use does not come here
        return found

    def __dir__() -> Iterable[str]:  # noqa: N807
        return {*vars(sys.modules[package]), *origin}

    return __getattr__, __dir__
