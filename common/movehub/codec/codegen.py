"""Compile a function from text: the one place where the program writes code of its own.

A loop over a plan asks of every value anew what the plan says once and for all, and takes three times as
long as a function written for that one record. So `reader` and `writer` write that function and have it
compiled here: at the first use of a plan, in memory, and only ever from a plan. Names of the wire go in as
quoted constants, everything else by name from `given`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

_NUMBERS = count(1)


def compiled(head: str, body: Iterable[str], given: dict[str, Any]) -> Callable[..., Any]:
    """Return the function `def <head>:` with these lines. A traceback shows them as any other lines."""
    name = head.partition("(")[0]
    source = "\n".join((f"def {head}:", *(f"    {line}" for line in body), ""))
    file = f"<{name} {next(_NUMBERS)} of movehub>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    scope = dict(given)
    exec(compile(source, file, "exec"), scope)  # noqa: S102 - our own text, see above
    function: Callable[..., Any] = scope[name]
    return function
