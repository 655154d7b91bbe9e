"""Old names of a module that keep working for one release (PEP 562).

The first use of an old name in a process warns with DeprecationWarning and says the new name.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def renamed(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module. `names` maps each old name to the new one in the same module."""
    warned: set[str] = set()

    def __getattr__(name: str) -> Any:  # noqa: N807 - it belongs to the module
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        if name not in warned:
            warned.add(name)
            warnings.warn(
                f"{module}.{name} is now called {names[name]}; the old name goes with the next release",
                DeprecationWarning,
                stacklevel=2,
            )
        return getattr(sys.modules[module], names[name])

    return __getattr__
