"""Compare what an answer repeats with its request: the case to the letter, the search in meaning.

A national system may store names in capitals or numbers without blanks, and repeat them so. The workflow
identifier correlates the messages (Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, appendix). So an
answer still belongs to its request if the search differs in letter case or blanks only (inferred). Any other
difference means another search.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final, TypeGuard
from unicodedata import normalize

from movehub.protocol.message import Body
from movehub.records import restricted

#: The warning for the log: the technical identifier of the request, and the fields.
RESPELT: Final = "%s: the answer repeats the search in other letter case or with other blanks: %s"
_ANOTHER: Final = "the answer does not repeat the case and the search of the request"


def respelt_fields(request: Body, answer: Body) -> tuple[str, ...]:
    """Return the fields that an answer repeats in other letter case or with other blanks.

    Only fields of the search can differ: the case and the authority are repeated to the letter. The names
    hold no data, such as `SearchedDriver.family_name`.

    Raises ValueError if the answer does not repeat the case and the search of the request.
    """
    asked, repeated = request.repeated(), answer.repeated()
    if len(asked) != len(repeated):
        raise ValueError(_ANOTHER)
    pairs = ((restricted(one, other), other) for one, other in zip(asked, repeated, strict=True))
    return tuple(name for pair in pairs for name in _respelt("", *pair))


def same_but_case_and_blanks(one: str, other: str) -> bool:
    """Return whether two texts differ in letter case and white space at most.

    Each letter is compared by its capital and then by Unicode's full case folding, in canonical
    decomposition: `ß` equals `SS`, and `ı` equals `I`. Accents, hyphens and scripts still count.
    """
    return _folded(one) == _folded(other)


def _respelt(name: str, asked: Any, repeated: Any) -> Iterator[str]:
    """Yield the names of the respelt fields in a record. Raises ValueError for any other difference."""
    if asked == repeated:
        return
    if is_dataclass(asked) and type(asked) is type(repeated):
        inside = name or type(asked).__name__
        for each in fields(asked):
            values = getattr(asked, each.name), getattr(repeated, each.name)
            yield from _respelt(f"{inside}.{each.name}", *values)
    elif name and _is_text(asked) and _is_text(repeated) and same_but_case_and_blanks(asked, repeated):
        yield name
    else:
        raise ValueError(_ANOTHER)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and not isinstance(value, Enum)


def _folded(text: str) -> str:
    without_blanks = normalize("NFD", "".join(text.split()))
    return normalize("NFD", without_blanks.upper().casefold())
