"""Text on the wire ⇄ values in Python.

One `Kind` a Python type: how it is read, written, and cleaned when a caller hands it in. Lexical rules are
those of XML Schema 1.0 as both systems use them: white space around a value never counts, an instant is
`YYYY-MM-DDThh:mm:ssZ` and nothing else, integers have no upper bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Final
from unicodedata import is_normalized, normalize

#: White space that XML Schema collapses: these four, and not, say, U+00A0.
_NEEDS_COLLAPSE = re.compile(r"^[ \t\n\r]|[ \t\n\r]$|[ \t\n\r]{2}|[\t\n\r]").search
_SPACES = re.compile(r"[ \t\n\r]+")
#: XML 1.0, production 2: what may not stand in a document, however it is escaped.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search
#: The one form of a UUID, as a schema states it.
UUID_FORM: Final = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_UUID = re.compile(UUID_FORM).fullmatch


def is_xml(text: str) -> bool:
    """Whether XML can hold a text at all."""
    return _NOT_XML(text) is None


class VerbatimText(str):
    """Received text that was cleaned: blanks folded, letters composed. `raw` is the text as it came.

    Your code sees the clean text. An echo is written as `raw`, since the search block of an answer must be
    that of the request to the letter.
    """

    __slots__ = ("raw",)
    raw: str

    def __new__(cls, clean: str, raw: str) -> VerbatimText:
        """Make it of the clean text and of the text as it came."""
        self = super().__new__(cls, clean)
        self.raw = raw
        return self

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.raw


class Uuid:
    """A UUID as on the wire: compared without regard to case, written as it was received."""

    __slots__ = ("text",)
    text: str

    def __init__(self, text: str) -> None:
        if _UUID(text) is None:
            raise ValueError("not a UUID of the form 8-4-4-4-12")
        object.__setattr__(self, "text", text)

    @classmethod
    def new(cls) -> Uuid:
        """Make a random one (version 4)."""
        from uuid import uuid4  # its module is long, and reading does not need it

        return cls(str(uuid4()))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Uuid cannot be changed")

    def __reduce__(self) -> tuple[type[Uuid], tuple[str]]:
        return Uuid, (self.text,)

    def __eq__(self, other: object) -> bool:
        return self.text.lower() == other.text.lower() if isinstance(other, Uuid) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text.lower())

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Uuid({self.text!r})"


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one Python type travel. `clean` raises TypeError or ValueError, without the value."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    clean: Callable[[Any], Any]


def collapse(text: str) -> str:
    """Fold white space as `xs:token` does."""
    return _SPACES.sub(" ", text).strip(" ")


def read_text(text: str) -> str:
    """Read text: blanks folded, letters composed. If that changes the text, the original stays beside it."""
    if text == " ".join(text.split()) and (text.isascii() or is_normalized("NFC", text)):
        return text  # `split` knows more blanks than XML, so this is only the short way
    if _NEEDS_COLLAPSE(text) is None and is_normalized("NFC", text):
        return text
    return VerbatimText(collapse(normalize("NFC", text)), text)


def read_texts(texts: list[str]) -> list[str]:
    """Read many texts. One look over all of them tells if they are clean, as they nearly always are."""
    joined = f"|{'|'.join(texts)}|"
    blanks = "  " in joined or "| " in joined or " |" in joined
    clean = joined.isascii() and joined.isprintable() and not blanks
    return texts if clean else list(map(read_text, texts))


def write_text(value: str) -> str:
    """Write text, and received text as it came."""
    return value.raw if isinstance(value, VerbatimText) else value


def _clean_content(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("takes text")
    if _NOT_XML(value) is not None:
        raise ValueError("holds a character that XML does not allow")
    return value


def clean_text(value: object) -> str:
    """NFC, so that lengths count as a reader counts letters, and white space folded.

    A text that was received is left as it came. Raises TypeError for anything but text, ValueError for a
    character that no XML document can hold.
    """
    if isinstance(value, VerbatimText):
        return value
    if type(value) is str and value.isascii() and value.isprintable() and " " not in value:
        return value  # as nearly all is
    text = _clean_content(value)
    text = text if is_normalized("NFC", text) else normalize("NFC", text)
    return text if _NEEDS_COLLAPSE(text) is None else collapse(text)


class _Codes(dict[str, Any]):
    """Values by their texts, around which white space does not count."""

    def __missing__(self, text: str) -> Any:
        return dict(self)[collapse(text)]


def write_code(value: str) -> str:
    """Write a member of an enumeration, which is its own text."""
    return value


def _read_date(text: str) -> date:
    """Read `YYYY-MM-DD`. Python reads 20260102 and the day of a week, 2026-W01-5, as well."""
    if len(text) != 10:
        text = text.strip(" \t\n\r")
    if len(text) != 10 or text[7] != "-":
        raise ValueError("not a day of the form YYYY-MM-DD")
    return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """Read `YYYY-MM-DDThh:mm:ssZ`; hour 24 is midnight of the next day. Raises ValueError otherwise."""
    if len(text) != 20:
        text = text.strip(" \t\n\r")
    if len(text) != 20 or text[7:20:3] != "-T::Z":
        raise ValueError("not an instant of the form YYYY-MM-DDThh:mm:ssZ")
    if text[11:13] != "24":
        return datetime.fromisoformat(text)
    midnight = datetime.fromisoformat(f"{text[:11]}00{text[13:]}")
    try:
        return midnight + timedelta(days=1)
    except OverflowError:
        raise ValueError("beyond the last day of the calendar") from None


def write_instant(value: datetime) -> str:
    """Write an instant in the one form that the schemas accept: whole seconds and a literal Z."""
    in_utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f"{in_utc.isoformat()[:19]}Z"


def _clean_instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("takes a datetime")
    if value.utcoffset() is None:
        raise ValueError("takes a datetime with a time zone")
    if value.tzinfo is UTC and not value.microsecond:
        return value
    try:
        return value.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError("is beyond the calendar in UTC") from None


def _clean_date(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError("takes a date, without a time")
    return value


def _exactly(wanted: type) -> Callable[[object], Any]:
    def clean(value: object) -> object:
        if type(value) is not wanted:
            raise TypeError(f"takes {wanted.__name__}")
        return value

    return clean


#: The text of an element of its own (`xs:string`): neither folded nor composed.
CONTENT = Kind(str, str, _clean_content)

#: Kinds by Python type; enumerations are made by `kind_of`.
_KINDS: dict[type, Kind] = {
    str: Kind(read_text, write_text, clean_text),
    bool: Kind(
        _Codes({"true": True, "1": True, "false": False, "0": False}).__getitem__,
        {True: "true", False: "false"}.__getitem__,
        _exactly(bool),
    ),
    int: Kind(int, str, _exactly(int)),
    date: Kind(_read_date, date.isoformat, _clean_date),
    datetime: Kind(read_instant, write_instant, _clean_instant),
    Uuid: Kind(Uuid, attrgetter("text"), _exactly(Uuid)),
}


@cache
def kind_of(python_type: type) -> Kind | None:
    """Return the kind for a Python type, or None if it is no value type."""
    if issubclass(python_type, StrEnum):
        members = _Codes({member.value: member for member in python_type})
        return Kind(members.__getitem__, write_code, _exactly(python_type))
    return _KINDS.get(python_type)
