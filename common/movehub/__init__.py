"""What TACHOnet and ERRU share: both run on the Commission's one hub, MOVEHUB.

Import `tachonet_client` or `erru_client`; what is here serves them both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
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

    def __getattr__(name: str) -> Any:  # noqa: N807 - it is the package's
        if name not in origin:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = origin[name]
        value = getattr(import_module(module if "." in module else f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)  # the next use does not come here
        return value

    def __dir__() -> Iterable[str]:  # noqa: N807 - it is the package's
        return {*vars(sys.modules[package]), *origin}

    return __getattr__, __dir__
