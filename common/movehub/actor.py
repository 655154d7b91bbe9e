"""The author of an access, as the journal names it: an account, a service number or a program.

The French arrêté of 13 October 2004 requires an author of each access. See `movehub.store.journal`.
"""

from __future__ import annotations

import os
from typing import Final

from movehub.errors import InvalidConfiguration

#: An account or a service number is short. A longer text is not a name of an author.
_LONGEST: Final = 64


def actor(by: str | None = None) -> str:
    """Return the author to record: `by`, or by default the user of the operating system, as `os:anna`.

    Raises InvalidConfiguration if `by` is empty, longer than 64 characters, or not printable.
    """
    if by is None:
        return f"os:{_os_user()}"
    name = by.strip()
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise InvalidConfiguration(
            "`by` must say who you are, as an account or a service number of 1 to 64 printable characters"
        )
    return name


def _os_user() -> str:
    """Return the account of this process. No variable of the environment counts, except on Windows."""
    try:
        import pwd
    except ImportError:  # pragma: no cover - Windows
        import getpass

        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # as in a container, whose users may have no name
        return str(os.getuid())
