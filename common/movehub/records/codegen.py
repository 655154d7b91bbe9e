"""Functions written by the program itself, from a plan: the one place where that is done.

A loop over a plan asks of every value anew what the plan has said once and for all, and takes three times as
long as a function that was written for the one record. So `reading` and `writing` write that function, as
text, and have it compiled here: at the first use of a plan, in memory, and never from anything but a plan.
Names of the wire go in as quoted constants, all else by name from `given`.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from functools import cache
from itertools import count
from typing import Any

_NUMBERS = count(1)


def compiled(
    head: str, body: Iterable[str], given: dict[str, Any], *, shown: bool = True
) -> Callable[..., Any]:
    """Return the function `def <head>:` with these lines.

    A traceback shows them as any other, for which they are kept as long as the process lives, unless they
    are not to be `shown`.
    """
    name = head.partition("(")[0]
    source = "\n".join((f"def {head}:", *(f"    {line}" for line in body), ""))
    file = f"<{name} {next(_NUMBERS)} of movehub>"
    if shown:
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    scope = dict(given)
    exec(compile(source, file, "exec"), scope)  # noqa: S102 - our own text, see above
    function: Callable[..., Any] = scope[name]
    return function


@cache
def draft_of(cls: type) -> type:
    """Return a class with the slots of a frozen one that may be filled by plain assignment.

    Whoever has filled a draft gives it the frozen class (`draft.__class__ = cls`) before anybody else sees
    it. A frozen record is so made at the price of a plain one, and is none the less frozen.
    """
    names = {
        "__slots__": cls.__dict__["__slots__"],
        "__init__": object.__init__,
        "__setattr__": object.__setattr__,  # with `__delattr__`, or Python calls it instead of storing
        "__delattr__": object.__delattr__,
        "__orig_bases__": cls.__dict__.get("__orig_bases__", cls.__bases__),  # `Generic` asks for it
    }
    return type(f"{cls.__name__}Draft", cls.__bases__, names)
