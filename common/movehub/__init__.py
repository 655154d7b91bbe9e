"""What TACHOnet and ERRU share: both run on the Commission's one hub, MOVEHUB.

Import `tachonet_client` or `erru_client`; what is here serves them both.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def on_demand(
    package: str, modules: dict[str, str]
) -> tuple[Callable[[str], Any], Callable[[], Iterable[str]]]:
    """Return `__getattr__` and `__dir__` of a package whose names load at their first use (PEP 562).

    `modules` has the names, separated by blanks, for each module. A module with a dot is in another package.
    An application may import a client package long before its first message. The import stays fast, and an
    application that only reads documents never loads the client and HTTP. Type checkers see ordinary imports.
    """
    origin = {name: module for module, names in modules.items() for name in names.split()}

    def found(name: str) -> Any:
        module = origin[name]
        return getattr(import_module(module if "." in module else f"{package}.{module}"), name)

    def __dir__() -> Iterable[str]:  # noqa: N807 - it is the package's
        return {*vars(sys.modules[package]), *origin}

    return _looking_up(package, origin, found), __dir__


def renamed(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module. `names` maps each old name to the new one, and warns once."""

    def found(name: str) -> Any:
        text = f"{module}.{name} is now called {names[name]}; the old name goes with the next release"
        warnings.warn(text, DeprecationWarning, stacklevel=3)
        return getattr(sys.modules[module], names[name])

    return _looking_up(module, names, found)


def _looking_up(module: str, names: Mapping[str, str], found: Callable[[str], Any]) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:  # noqa: N807 - it is the module's
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = found(name)
        setattr(sys.modules[module], name, value)  # the next use does not come here
        return value

    return __getattr__
