"""The configuration file of a client.

member_state = "FI"
certificate = "fi.pem"        # chain, PEM, or PKCS#12 with the key; paths are relative to the file
key = "fi.key"                # left out where the key is in the same file
key_password_file = "fi.pass" # only where the key is encrypted
authority = "movehub-ca.pem"

[tachonet]
url = "https://hub.example/tachonet"
schemas = "official"          # only where official schemas take the place of ours: their folder,
mapping = "tachonet.toml"     # and what they call otherwise: see `tachonet edition check`

[erru]
url = "https://hub.example/erru"
version = "3.5"               # the newest where it is left out
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from movehub import settings_file
from movehub.errors import InvalidConfiguration
from movehub.http.transport import Timeouts
from movehub.protocol.edition import Edition
from movehub.settings_file import address, refuse_unknown, text, text_or_none
from movehub.tls.credentials import Credentials, PassPhrase

_COMMON = {"member_state", "certificate", "key", "key_password_file", "authority"}
_OF_A_SYSTEM = {"url", "version", "connect_timeout", "total_timeout", "schemas", "mapping"}


@dataclass(frozen=True, slots=True)
class Config:
    """What one client needs to know."""

    member_state: str
    url: str
    credentials: Credentials
    version: str | None
    timeouts: Timeouts
    edition: Edition | None = None

    @classmethod
    def read(cls, path: str | Path, system: str) -> Config:
        """Read the file's common part and the section of one system (`tachonet` or `erru`).

        Raises InvalidConfiguration that names the setting.
        """
        path = Path(path)
        content = settings_file.content(path)
        section = settings_file.section(content, system)
        common = _common(content)
        prefix = f"{system}."
        refuse_unknown(section, _OF_A_SYSTEM, prefix)
        return cls(
            member_state=text(common, "member_state"),
            url=address(text(section, "url", prefix), f"{prefix}url"),
            credentials=_credentials(common, path.parent),
            version=text_or_none(section, "version", prefix),
            timeouts=_timeouts(section, prefix),
            edition=_edition(section, path.parent, prefix),
        )


def read_credentials(path: str | Path) -> Credentials:
    """Read of a configuration file whose certificate it is, whichever the system. Raises as `Config.read`."""
    path = Path(path)
    return _credentials(_common(settings_file.content(path)), path.parent)


def _common(content: dict[str, Any]) -> dict[str, Any]:
    """Return what stands outside of every section. Raises InvalidConfiguration for what is not known."""
    common = {key: value for key, value in content.items() if not isinstance(value, dict)}
    refuse_unknown(common, _COMMON, "")
    return common


def _credentials(common: dict[str, Any], folder: Path) -> Credentials:
    certificate = folder / text(common, "certificate")
    phrase = folder / text(common, "key_password_file") if "key_password_file" in common else None
    if phrase is not None:
        PassPhrase.read(phrase, named="key_password_file")  # now, and not when the hub is called
    return Credentials(
        certificate=certificate,
        key=folder / text(common, "key") if "key" in common else certificate,
        authority=folder / text(common, "authority"),
        password_file=phrase,
    )


def _edition(section: dict[str, Any], folder: Path, prefix: str) -> Edition | None:
    if not section.keys() & {"schemas", "mapping"}:
        return None
    schemas, mapping = (folder / text(section, key, prefix) for key in ("schemas", "mapping"))
    return Edition.from_directory(schemas, mapping)


def _timeouts(section: dict[str, Any], prefix: str) -> Timeouts:
    connect, total = (_seconds(section, key, prefix) for key in ("connect_timeout", "total_timeout"))
    try:
        return Timeouts.of(connect, total)
    except InvalidConfiguration as error:
        raise InvalidConfiguration(
            f"{prefix}connect_timeout, {prefix}total_timeout: {error.reason}"
        ) from None


def _seconds(given: dict[str, Any], key: str, prefix: str) -> float | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1000:
        raise InvalidConfiguration(f"{prefix}{key} must be a number of seconds")
    return float(value)
