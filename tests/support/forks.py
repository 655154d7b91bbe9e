"""A forked child of the test's process."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable


def in_a_child(act: Callable[[], None]) -> int:
    """Run something in a forked child, which does not hang, and return its process number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this process has threads, as many parents do
        child = os.fork()
    if child == 0:
        code = 1
        signal.alarm(30)
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    return child


def ended_well(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
