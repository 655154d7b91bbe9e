"""Text from outside, as it may be shown: on a terminal, in a log, in an error, in a spreadsheet.

A control character can colour or clear a terminal, and begin a line of a log that nobody wrote. A bidi
override shows a card number from right to left. So each invisible character is shown by its number.
"""

from __future__ import annotations

import json
from typing import Any
from unicodedata import category


def printable(text: str, *, keep: str = "") -> str:
    r"""Return a text with every character escaped that has no shape of its own, such as `\u009B`.

    These are control characters (C0 with line breaks, C1 with NEL and CSI), separators of lines and
    paragraphs, format characters with all bidi controls, half characters, and those that no font has. Blanks
    stay, and the characters in `keep`. The escapes are those of TOML and Python.
    """
    if text.isprintable():
        return text
    return "".join(each if _is_shown(each) or each in keep else _escaped(each) for each in text)


def json_text(plain: Any, encoding: str = "utf-8") -> str:
    """Return plain data as JSON with indents, escaped in JSON's own way, so that each value stays the same.

    Escaped is what `printable` escapes, and everything beyond ASCII if the encoding cannot hold all of it.
    """
    text = json.dumps(plain, indent=2, ensure_ascii=False)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(plain, indent=2)
    if all(line.isprintable() for line in text.split("\n")):
        return text
    # `dumps` has escaped the line breaks in values: those that are left stand between values.
    return "".join(each if _is_shown(each) or each == "\n" else json.dumps(each)[1:-1] for each in text)


def _is_shown(character: str) -> bool:
    return character.isprintable() or category(character) == "Zs"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
