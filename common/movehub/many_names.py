"""Many names as one text.

Python rewrites one long text many times as fast as many short ones. So what is done to thousands of names is
done to all of them at once, between marks that no name may have and no rule takes for a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: What stands before and after each name: control characters, which no reading lets a name have.
START: Final = "\x02"
END: Final = "\x03"
MARKS: Final = START + END
_BETWEEN: Final = END + START


def joined(names: Sequence[str]) -> str | None:
    """Put names into one text; None where that cannot be undone: no name, or a mark within one."""
    text = f"{START}{_BETWEEN.join(names)}{END}"
    return text if text.count(START) == text.count(END) == len(names) else None


def parted(text: str) -> list[str]:
    """Take the names apart again."""
    return text[1:-1].split(_BETWEEN)
