"""A pass phrase that shows itself to nobody: not in a log, a `repr`, a traceback or a pickle."""

from __future__ import annotations

from pathlib import Path

from movehub.errors import InvalidConfiguration
from movehub.records.personal import decoded

#: Stands where the words would.
_HIDDEN = "‹secret›"


class PassPhrase:
    """Holds the words that unlock a key. `reveal` is the only way to them; nothing else shows them."""

    __slots__ = ("_words",)

    def __init__(self, words: str) -> None:
        self._words = words

    @classmethod
    def read(cls, path: Path, *, named: str = "the file of the pass phrase") -> PassPhrase:
        """Read a file's one line; the line's end is no part of it.

        Raises InvalidConfiguration that calls the file what it is `named`.
        """
        try:
            words = decoded(path.read_bytes())
        except OSError:
            words = None
        if words is None:  # outside: the error of a decoder holds the file
            raise InvalidConfiguration(f"{named} cannot be read: {path}")
        return cls(words.strip("\r\n"))

    def reveal(self) -> str:
        """Return the words. Use them where they stand: a variable that holds them shows in a traceback."""
        return self._words

    def __repr__(self) -> str:
        return _HIDDEN

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PassPhrase) and other._words == self._words

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise TypeError("a pass phrase is never written down")
