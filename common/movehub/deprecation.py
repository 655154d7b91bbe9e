"""Old names of public things: they work for one release, and warn once."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def renamed(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module, where `names` maps each old name to the new one."""

    def __getattr__(name: str) -> Any:  # noqa: N807 - it is the module's
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        text = f"{module}.{name} is now called {names[name]}; the old name goes with the next release"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        found = getattr(sys.modules[module], names[name])
        setattr(sys.modules[module], name, found)  # so it warns once
        return found

    return __getattr__
