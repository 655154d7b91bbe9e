"""The configuration file: the loader that reads every section, and the settings of a client.

::

    member_state = "FI"
    certificate = "fi.pem"
    key = "fi.key"
    authority = "movehub-ca.pem"

    [erru]
    url = "https://hub.example/erru"

A class with `@settings` declares what a section may hold: each `setting` has a kind, a help text and perhaps
a default. `Section` reads a section of a file. `settings_of` lists settings, for the page of all settings.

An error names the file, the section, the key and what is expected. It never shows a value: it may be secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, dataclass_transform, overload

from movehub import law
from movehub.errors import InvalidConfiguration
from movehub.http.transport import Timeouts, is_address
from movehub.input_files import read_toml
from movehub.protocol.edition import Edition
from movehub.protocol.member_states import participants_of
from movehub.protocol.rate_limit import check_rate
from movehub.tls.credentials import Credentials, PassPhrase
from movehub.tls.revocation import fingerprint

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
U = TypeVar("U")

#: The types of a TOML value, in words. Any other type is a date or a time.
_TYPES: Final = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a section",
}
REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """The values that a setting accepts.

    `read` gets a TOML value of one of the `types`, and the folder of the file. It raises ValueError if the
    value is not what `words` say, or InvalidConfiguration to give a reason of its own.
    """

    words: str
    types: tuple[type, ...]
    read: Callable[[Any, Path], T]

    def that_is(self, words: str, read: Callable[[T], U]) -> Kind[U]:
        """Return a narrower kind, whose `read` gets what this kind has read."""
        return Kind(words, self.types, lambda value, folder: read(self.read(value, folder)))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a section."""

    kind: Kind[Any]
    help: str
    #: A TOML value. None if the setting may be left out without a default, REQUIRED if it must be given.
    default: Any
    #: Another setting of the section, without which this one has no effect.
    needs: str
    #: A name that still works for one release.
    old_key: str | None


@overload
def setting(kind: Kind[T], help_text: str, *, old_key: str | None = None) -> T: ...
@overload
def setting(kind: Kind[T], help_text: str, *, default: None, needs: str = "") -> T | None: ...
@overload
def setting(kind: Kind[T], help_text: str, *, default: str | int, needs: str = "") -> T: ...
def setting(
    kind: Kind[Any], help_text: str, *, default: Any = REQUIRED, needs: str = "", old_key: str | None = None
) -> Any:
    """Declare a field of a frozen dataclass as a setting. The key in the file is the name of the field."""
    metadata = {"setting": Setting(kind, help_text, default, needs, old_key)}
    if default is REQUIRED:
        return field(metadata=metadata)
    return field(default=None if default is None else kind.read(default, Path()), metadata=metadata)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(setting,))
def settings(cls: type[T]) -> type[T]:
    """Make a frozen dataclass, whose fields may be settings."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@cache
def settings_of(cls: type) -> dict[str, Setting]:
    """Return the settings that a class declares, by their keys."""
    return {each.name: each.metadata["setting"] for each in fields(cls) if "setting" in each.metadata}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a configuration file, or its top: `name` is empty there."""

    file: Path
    name: str
    _given: dict[str, Any] = field(repr=False)

    @classmethod
    def top_of(cls, file: str | Path) -> Section:
        """Open a file. Raises InvalidConfiguration if it is missing or not TOML."""
        return cls(Path(file), "", read_toml(file, "configuration file"))

    @property
    def sections(self) -> tuple[str, ...]:
        """The names of the sections inside this one."""
        return tuple(name for name, value in self._given.items() if isinstance(value, dict))

    def section(self, name: str, *, optional: bool = False) -> Section:
        """Return a section inside this one, empty if missing and `optional`. Raises InvalidConfiguration."""
        full_name = self._full_name(name)
        near = get_close_matches(name, self.sections, n=1, cutoff=0.8)
        if name in self._given:
            given = self._given[name]
            if not isinstance(given, dict):
                raise self._invalid(f"[{full_name}] must be a section, not {_type_of(given)}")
            return Section(self.file, full_name, given)
        if near:
            raise self._invalid(
                f"the section [{full_name}] is missing. Did you mean it by [{self._full_name(near[0])}]?"
            )
        if not optional:
            raise self._invalid(f"the section [{full_name}] is missing")
        return Section(self.file, full_name, {})

    def values(self, cls: type, *, sections: Collection[str] = ()) -> dict[str, Any]:
        """Return all settings of a class. `sections` may be inside this one. Raises InvalidConfiguration."""
        declared = settings_of(cls)
        old_keys = {each.old_key for each in declared.values()}
        inside = set(sections) & set(self.sections)
        for key in sorted(self._given.keys() - declared.keys() - old_keys - inside):
            near = get_close_matches(key, [*declared, *sections], n=1)
            advice = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(declared))}"
            raise self._invalid(f"unknown setting {self._full_name(key)}. {advice}")
        values = {key: self.value(cls, key) for key in declared}
        for key, each in declared.items():
            if key in self._given and each.needs and each.needs not in self._given:
                missing, given = self._full_name(each.needs), self._full_name(key)
                raise self._invalid(f"{missing} must be given together with {given}")
        return values

    def value(self, cls: type, key: str) -> Any:
        """Return one setting of a class. Raises as `values` does."""
        declared = settings_of(cls)[key]
        value = self._value_of(key, declared)
        if value is None:
            value = declared.default
        if value is None:
            return None
        if value is REQUIRED:
            raise self._invalid(f"{self._full_name(key)} must be given, as {declared.kind.words}")
        expected = f"{self._full_name(key)} must be {declared.kind.words}"
        if type(value) not in declared.kind.types:
            raise self._invalid(f"{expected}, not {_type_of(value)}")
        try:
            return declared.kind.read(value, self.file.parent)
        except InvalidConfiguration as error:
            wrong = f"{self._full_name(key)}: {error.reason}"
        except ValueError:
            wrong = expected
        raise self._invalid(wrong)  # outside: the other error may hold the value

    def error(self, *keys: str, reason: str) -> InvalidConfiguration:
        """Return an error that names settings of this section."""
        return self._invalid(f"{', '.join(map(self._full_name, keys))}: {reason}")

    def _value_of(self, key: str, declared: Setting) -> Any:
        if declared.old_key not in self._given:
            return self._given.get(key)
        old, new = self._full_name(declared.old_key), self._full_name(key)
        if key in self._given:
            raise self._invalid(f"{old} is the old name of {new}: give only {key}")
        _warn_of_old_key(self.file, old, new)
        return self._given[declared.old_key]

    def _full_name(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _invalid(self, reason: str) -> InvalidConfiguration:
        return InvalidConfiguration(f"{self.file}: {reason}")


@cache
def _warn_of_old_key(file: Path, old: str, new: str) -> None:
    """Warn once per process and file."""
    _LOG.warning("%s: the setting %s is now called %s. The next release refuses the old name", file, old, new)


def _type_of(value: object) -> str:
    return _TYPES.get(type(value), "a date or a time")


def _text(value: str, _: Path) -> str:
    if not value:
        raise InvalidConfiguration("it is empty")
    return value


def _texts(values: list[Any], _: Path) -> tuple[str, ...]:
    if not values or not all(isinstance(each, str) and each for each in values):
        raise ValueError
    return tuple(values)


def _seconds(value: float, _: Path) -> float:
    if not 0 < value < 1000:
        raise ValueError
    return float(value)


def _hub_address(url: str) -> str:
    if not is_address(url):
        raise ValueError
    return url


def _pass_phrase(path: Path) -> Path:
    PassPhrase.read(path)  # now, and not only when the hub is called
    return path


def whole_number(least: int, most: int) -> Kind[int]:
    """Return the kind of a whole number within limits."""

    def read(value: int, _: Path) -> int:
        if not least <= value <= most:
            raise ValueError
        return value

    return Kind(f"a whole number from {least} to {most}", (int,), read)


def each_checked(values: tuple[str, ...], check: Callable[[str], object]) -> tuple[str, ...]:
    """Return the values if `check` accepts each. Raises InvalidConfiguration, which numbers a wrong one."""
    for number, value in enumerate(values, 1):
        try:
            check(value)
        except InvalidConfiguration as error:
            reason = f"entry {number}: {error.reason}"
        else:
            continue
        raise InvalidConfiguration(reason)  # outside: the other error may hold the value
    return values


def one_of(*words: str) -> Kind[str]:
    """Return the kind of a text that is one of a few words."""

    def read(value: str, _: Path) -> str:
        if value not in words:
            raise ValueError
        return value

    return Kind(" or ".join(words), (str,), read)


TEXT: Final = Kind("text", (str,), _text)
TEXTS: Final = Kind("a list of texts", (list,), _texts)
#: A relative path starts at the folder of the configuration file.
PATH: Final = Kind("text, a path", (str,), lambda value, folder: folder / _text(value, folder))
SECONDS: Final = Kind("a number of seconds above 0 and below 1000", (int, float), _seconds)
_RATE: Final = Kind(
    "a number of requests a second, 2 at most", (int, float), lambda rate, _: check_rate(float(rate))
)
_PASS_PHRASE: Final = PATH.that_is("text, the path of a file with one line", _pass_phrase)
_PARTICIPANTS: Final = TEXTS.that_is('a list of states, such as ["AT", "BE"]', participants_of)
_FINGERPRINTS: Final = TEXTS.that_is(
    "a list of SHA-256 fingerprints", lambda given: each_checked(given, fingerprint)
)
URL: Final = TEXT.that_is("https://host/path, without a user name or password", _hub_address)


@settings
class Identity:
    """The settings at the top of the file: your Member State and its certificate."""

    member_state: str = setting(TEXT, "The code of your Member State, such as FI.")
    certificate: Path = setting(PATH, "Your certificate with its chain: PEM, or PKCS#12 with the key.")
    key: Path | None = setting(PATH, "Your key (PEM), if it is in a file of its own.", default=None)
    key_password_file: Path | None = setting(
        _PASS_PHRASE, "A file with the pass phrase of the key, if the key is encrypted.", default=None
    )
    authority: Path = setting(PATH, "The only authority that you trust: its certificates (PEM).")
    crl: Path | None = setting(
        PATH,
        "The revocation lists of that authority (PEM or DER). A peer without a current list is refused.",
        default=None,
    )
    refused_fingerprints: tuple[str, ...] | None = setting(
        _FINGERPRINTS,
        "The SHA-256 fingerprints of certificates that you refuse, such as one whose key is stolen.",
        default=None,
    )

    @classmethod
    def read(cls, top: Section) -> Identity:
        """Read the top of a file. Raises InvalidConfiguration."""
        return cls(**top.values(cls, sections=top.sections))

    @property
    def credentials(self) -> Credentials:
        """The files that a TLS connection needs."""
        return Credentials(
            certificate=self.certificate,
            key=self.key or self.certificate,
            authority=self.authority,
            password_file=self.key_password_file,
            crl=self.crl,
            refused=frozenset(map(fingerprint, self.refused_fingerprints or ())),
        )


@settings
class Config:
    """The settings of a client of one system: its section, `[tachonet]` or `[erru]`, and its identity."""

    url: str = setting(URL, "The address of the hub for this system.")
    version: str | None = setting(TEXT, "The version of your messages. Default: the newest.", default=None)
    connect_timeout: float | None = setting(
        SECONDS, "How long connecting may take. Default: 5, or less if the total is less.", default=None
    )
    total_timeout: float | None = setting(
        SECONDS,
        "How long an exchange may take. Default: 20, the most that the law allows.",
        default=None,
    )
    schemas: Path | None = setting(
        PATH, "The folder of official schemas that replace ours.", default=None, needs="mapping"
    )
    mapping: Path | None = setting(
        PATH,
        "The names that differ in the official schemas: see `edition check`.",
        default=None,
        needs="schemas",
    )
    requests_per_second: float | None = setting(
        _RATE,
        f"Requests a second, if other systems of your state send too. Default: 2, the most that the law "
        f"allows ({law.SEND_2_A_SECOND}).",
        default=None,
    )
    participants: frozenset[str] | None = setting(
        _PARTICIPANTS,
        "All states that take part, yours too: see [participants](participants.md). Default: the Member "
        "States and some third countries.",
        default=None,
    )
    statuses: Path | None = setting(
        PATH,
        "Only in `[tachonet]`: a file with your values for the card statuses: see "
        "[card statuses](tachonet/status.md). Default: the table that is shipped.",
        default=None,
    )
    identity: Identity
    timeouts: Timeouts
    edition: Edition | None = None

    @classmethod
    def read(cls, path: str | Path, system: str) -> Config:
        """Read the section `tachonet` or `erru`, and the top of a file. Raises InvalidConfiguration."""
        top = Section.top_of(path)
        section = top.section(system)
        identity, values = Identity.read(top), section.values(cls)
        if values["statuses"] and system != "tachonet":
            raise section.error("statuses", reason="only [tachonet] has card statuses: remove it here")
        try:
            timeouts = Timeouts.of(values["connect_timeout"], values["total_timeout"])
        except InvalidConfiguration as error:
            raise section.error("connect_timeout", "total_timeout", reason=error.reason) from None
        edition = Edition.from_directory(values["schemas"], values["mapping"]) if values["schemas"] else None
        return cls(**values, identity=identity, timeouts=timeouts, edition=edition)

    @property
    def member_state(self) -> str:
        """The code of the Member State."""
        return self.identity.member_state

    @property
    def credentials(self) -> Credentials:
        """The files that a TLS connection needs."""
        return self.identity.credentials


def read_credentials(path: str | Path) -> Credentials:
    """Read only the files of a TLS connection, whatever the systems. Raises InvalidConfiguration."""
    return Identity.read(Section.top_of(path)).credentials


def read_edition(path: str | Path, system: str) -> Edition | None:
    """Read only the official schemas of a system, None without them. Raises InvalidConfiguration."""
    section = Section.top_of(path).section(system, optional=True)
    schemas, mapping = section.value(Config, "schemas"), section.value(Config, "mapping")
    return None if schemas is None else Edition.from_directory(schemas, mapping)


def read_participants(path: str | Path, system: str) -> frozenset[str] | None:
    """Read only the states that take part in a system, None for the default. Raises InvalidConfiguration."""
    section = Section.top_of(path).section(system, optional=True)
    participants: frozenset[str] | None = section.value(Config, "participants")
    return participants
