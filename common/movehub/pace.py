"""The old name of `movehub.rate_limit`, kept for one release."""

from __future__ import annotations

import warnings
from typing import Any

from movehub.rate_limit import RateLimit


def __getattr__(name: str) -> Any:
    if name != "Pace":
        raise AttributeError(name)
    message = "movehub.pace.Pace is now movehub.rate_limit.RateLimit: the next release removes the old name"
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return RateLimit
