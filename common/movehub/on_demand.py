"""Names of a package that are loaded when somebody asks for them (PEP 562).

Whoever imports a client package to read documents needs neither the client and its HTTP nor the procedures of
an office, and need not wait for them. To a type checker the names are imported as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def on_demand(package: str, modules: dict[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package; `modules` are the names, parted by blanks, by where they are.

    A module with a dot in its name is one of another package.
    """
    origin = {name: module for module, names in modules.items() for name in names.split()}

    def __getattr__(name: str) -> Any:  # noqa: N807 - it is the package's
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = origin[name]
        return getattr(import_module(module if "." in module else f"{package}.{module}"), name)

    return __getattr__
