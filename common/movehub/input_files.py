"""Files that a person wrote: text, TOML and JSON from any editor, and days in them.

Editors of Windows begin a file with a byte order mark, which is no part of its content. An error says where
the file is wrong, and quotes nothing of it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

from movehub.errors import InvalidConfiguration
from movehub.records.personal import decoded

#: Where Python's reader of TOML has stopped. The rest of its text can quote the file.
_PLACE: Final = re.compile(r"\(at (line [0-9]+, column [0-9]+|end of document)\)$")


def read_toml(path: str | Path, what: str) -> dict[str, Any]:
    """Return the content of a TOML file, which `what` names in an error. Raises InvalidConfiguration."""
    try:
        text = decoded(Path(path).read_bytes(), "utf-8-sig")
        wrong = f"the {what} {path} is not in UTF-8"
        if text is not None:
            return tomllib.loads(text)
    except FileNotFoundError:
        wrong = f"there is no {what} {path}"
    except OSError:
        wrong = f"the {what} {path} cannot be opened"
    except (ValueError, RecursionError) as error:
        found = _PLACE.search(str(error))
        place = f": see {found[1]}" if found else ""
        wrong = f"the {what} {path} cannot be read as TOML{place}"
    raise InvalidConfiguration(wrong)  # outside: the other error may hold the file


def read_json(data: bytes) -> Any:
    """Return the content of a JSON document in UTF-8. Raises ValueError, which quotes nothing.

    An object with the same field twice is refused, since only one of them would be read, and so is a number
    that is none (NaN).
    """
    text = decoded(data, "utf-8-sig")
    wrong = "the file is not JSON in UTF-8"
    if text is not None:
        try:
            return json.loads(text, object_pairs_hook=_object, parse_constant=_refused)
        except json.JSONDecodeError as error:
            wrong = f"the file is not JSON: see line {error.lineno}, column {error.colno}"
        except RecursionError:
            pass
        except ValueError as error:
            wrong = str(error)
    raise ValueError(wrong)  # outside: the error of the parser holds the file


def read_day(text: str) -> date:
    """Return a day of the form YYYY-MM-DD. Raises ValueError, which quotes nothing.

    Python also reads 20260102, and the days of a week, as 2026-W01-5.
    """
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if day.isoformat() == text:
            return day
    raise ValueError("the form is YYYY-MM-DD")


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    given = list(pairs)
    made = dict(given)
    if len(made) < len(given):
        raise ValueError("the file has an object with the same field twice")
    return made


def _refused(_: str) -> Any:
    raise ValueError("the file has a number that is none: NaN or Infinity")
