"""Documents whose markup is known: how they are judged and read without being parsed.

Take the values out of a document and its markup is left. Systems write the same markup again and again, and
whether a document is valid depends on two things alone: its markup, and whether each value keeps the rule for
its place. So when a document has been parsed, found valid and read, its markup is learned: which value goes
into which field, and what the schema says of it. The next document with that very markup is taken apart at
its quotes, and each value held against its rule (`sure_values`). Wherever there is a doubt, `take` returns
None and the document is parsed and judged as if nothing had been learned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

from lxml import etree

from movehub.codec.reader import CUT, Cut
from movehub.codec.writer import Out
from movehub.markup_lesson import Lesson, Parts, Take
from movehub.schema_types import ElementType, Unlike
from movehub.sure_values import is_plain

#: How often a markup is met before it is learned, which takes as long as reading some fifty documents.
_OFTEN: Final = 4
#: How many are learned, and how many counted; beyond that, all is forgotten and learned anew.
_MOST_LEARNED: Final = 64
_MOST_COUNTED: Final = 4_096
#: Of how many characters a document may be. A longer one is hardly ever written the same way twice.
_LONGEST: Final = 1 << 12

ValuesOf = Callable[[Sequence[str]], Sequence[str]]

_NAME: Final = "[A-Za-z_][A-Za-z0-9_.-]*"
_BLANK: Final = "[ \t\r\n]"
_TAGS: Final = f"{_BLANK}*/?>{_BLANK}*(?:</?{_NAME}{_BLANK}*/?>{_BLANK}*)*"
#: What stands before a value: its name, and before that the end of a tag, tags without values, a beginning.
_BEFORE_VALUE: Final = re.compile(f"(?:{_TAGS}<{_NAME})?{_BLANK}+({_NAME})=", re.ASCII).fullmatch
_AFTER_LAST: Final = re.compile(_TAGS, re.ASCII).fullmatch


class KnownMarkup:
    """What has been learned of one kind of document, from behind the name and namespace of its root."""

    def __init__(self) -> None:
        self._learned: dict[str, Take] = {}
        #: By what writers wrote between the values: what is learned of it, and where among theirs those are.
        self._written: dict[str, tuple[Take, ValuesOf]] = {}
        self._met: dict[int, int] = {}

    def admits(self, text: str) -> bool:
        """Whether a document is known to be valid."""
        return self.take(text, None) is True

    def admits_written(self, out: Out) -> bool:
        """Whether what writers have written, markup and values in turn, is known to be valid."""
        known = self._written.get("".join(out[::2]))
        if known is None:
            return False
        take, values_of = known
        return taken(take, values_of(out[1::2]), None) is True

    def remember(self, out: Out, text: str) -> None:
        """Remember how a document was written that is admitted."""
        pieces = text.split('"')
        take = self._learned.get('"'.join(pieces[::2]))
        places = [place for place, before in enumerate(out[::2]) if before.endswith('="')]
        if take is not None and [out[2 * place + 1] for place in places] == pieces[1::2]:
            self._written["".join(out[::2])] = take, itemgetter(*places)

    def take(self, text: str, cut: Cut | None = ()) -> Any:
        """Return the message in a document; None where that cannot be told without parsing it.

        With None in the place of the lists that were cut out, it is only judged: True or None.
        """
        if len(text) > _LONGEST:
            return None
        pieces = text.split('"')
        take = self._learned.get('"'.join(pieces[::2]))
        return None if take is None else taken(take, pieces[1::2], cut)

    def taught(self, text: str) -> Take | None:
        """Return what was learned of the markup of a document, if anything."""
        return self._learned.get('"'.join(text.split('"')[::2]))

    def met(self, text: str) -> bool:
        """Count the markup of a document that was read; tell whether it is worth to be learned now."""
        if len(text) > _LONGEST:
            return False
        if len(self._met) >= _MOST_COUNTED:
            self._met.clear()
        markup = hash('"'.join(text.split('"')[::2]))  # the markup itself could hold text, and so a person
        self._met[markup] = times = self._met.get(markup, 0) + 1
        return times == _OFTEN

    def learn(self, text: str, root: etree._Element, parts: Parts, said: ElementType) -> None:
        """Learn the markup of a document that is valid, has this root, and was read with these plans.

        An element with the attribute `CUT` stands for a list that was cut out. Raises Unlike for a document
        that cannot be learned.
        """
        pieces = text.split('"')
        if len(pieces) % 2 == 0:
            raise Unlike("quotes in a text")
        before = map(_BEFORE_VALUE, pieces[:-1:2])
        values = [(found and found[1], value) for found, value in zip(before, pieces[1::2], strict=True)]
        if _AFTER_LAST(pieces[-1]) is None or values != [
            each for element in root.iter() for each in element.items() if each[0] != CUT
        ]:
            raise Unlike("markup that holds text, or values that a parser changes")
        if len(self._learned) >= _MOST_LEARNED:
            self._learned.clear()
            self._written.clear()
            self._met.clear()
        self._learned['"'.join(pieces[::2])] = Lesson(len(values)).taught(root, parts, said)


def taken(take: Take, values: Sequence[str], cut: Cut | None) -> Any:
    """Return the message that has these values; None where that cannot be told. See `KnownMarkup.take`."""
    if not is_plain('"'.join(values)):
        return None
    try:
        return take(values, cut)
    except (ValueError, KeyError):
        return None
