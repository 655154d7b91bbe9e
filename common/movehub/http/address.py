"""The addresses that documents may be posted to."""

from __future__ import annotations

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url


def is_address(url: str) -> bool:
    """Whether this is a complete https address, without a name or password."""
    try:
        parsed = parse_url(url)
    except LocationParseError:
        parsed = Url()
    right = parsed.scheme == "https" and bool(parsed.host) and not parsed.auth
    return right and url.isprintable() and " " not in url
