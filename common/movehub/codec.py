"""Bytes ⇄ messages, validated in both directions, always.

gate → parse → schema → records        records → text → gate → parse → schema → bytes
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lxml import etree

from .edition import Edition
from .errors import InvalidConfiguration, InvalidIncoming, InvalidOutgoing, UnknownMessage, Unreadable, Where
from .form import Form
from .gate import DEFAULT_LIMIT, line_of, parse
from .message import Body, Message
from .official.names import check_names
from .rules import Level, Rule, broken_rules
from .workflow import workflow_of

_VERSION = re.compile(r"(\d{1,3}\.\d{1,3})/?$")


@dataclass(frozen=True)
class Codec:
    """All that one system speaks: its editions and its bodies. `limit` is the largest document, in bytes."""

    system: str
    editions: tuple[Edition, ...]
    bodies: tuple[type[Body], ...]
    rules: tuple[Rule, ...] = ()
    limit: int = DEFAULT_LIMIT

    @cached_property
    def _by_version(self) -> dict[str, Edition]:
        return {edition.version: edition for edition in self.editions}

    @cached_property
    def _by_namespace(self) -> dict[str, Edition]:
        return {edition.namespace: edition for edition in self.editions}

    @cached_property
    def _to_write(self) -> dict[tuple[str, type[Body]], Form]:
        return {
            (edition.version, body): Form(body, edition) for edition in self.editions for body in self.bodies
        }

    @cached_property
    def _to_read(self) -> dict[tuple[str, str], Form]:
        return {(version, form.root): form for (version, _), form in self._to_write.items()}

    def speaking(self, edition: Edition) -> Codec:
        """Return this codec with one more edition, in the place of the one of the same version.

        Raises InvalidConfiguration where the edition is of another system, its mapping speaks of what is in
        no message, or what a message cannot do without has no name in its schema.
        """
        if edition.system != self.system:
            raise InvalidConfiguration(f"{edition} is not an edition of {self.system}")
        if edition.official is not None:
            check_names(edition.official, edition.spelling, self.bodies)
        others = tuple(known for known in self.editions if known.version != edition.version)
        return replace(self, editions=(*others, edition))

    def decode(self, data: bytes) -> Message[Any]:
        """Return the message in a document.

        Raises Unreadable before anything is parsed, UnknownMessage for a namespace, edition or root that is
        not spoken, InvalidIncoming where the schema is broken.
        """
        root = parse(data, self.limit)
        edition, form = self._known(root)
        violation = edition.schema.violation(root, data)
        if violation is not None:
            raise InvalidIncoming(violation.reason, where=violation.where, workflow=self._named(form.body))
        try:
            return form.read(root)
        except InvalidIncoming as error:
            raise InvalidIncoming(error.reason, where=error.where, workflow=self._named(form.body)) from None

    def encode(self, message: Message[Any]) -> bytes:
        """Return the document of a message that may be sent, in the edition of its header.

        Raises InvalidOutgoing where the edition is unknown, its schema is broken, or a rule of level *error*.
        """
        for rule in broken_rules(self.rules, message):
            if rule.level is Level.ERROR:
                raise InvalidOutgoing(f"breaks {rule}", workflow=self._named(type(message.body)))
        return self.write(message)

    def reported(self, message: Message[Any]) -> tuple[Rule, ...]:
        """Return the rules that a received message breaks. They stop nothing: act upon them, or log them."""
        return broken_rules(self.rules, message, received=True)

    def write(self, message: Message[Any]) -> bytes:
        """Return the document of a message, valid by the schema; the rules are not asked.

        For the hub of the sandbox, which says what no Member State may. Everybody else takes `encode`.
        """
        workflow = self._named(type(message.body))
        form = self._to_write.get((message.header.version, type(message.body)))
        if form is None:
            raise InvalidOutgoing(
                f"{self.system} is spoken in {', '.join(self._by_version)}", workflow=workflow
            )
        data = form.document(message)
        schema = self._by_version[message.header.version].schema
        try:
            violation = schema.violation(parse(data, self.limit), data)
        except Unreadable as error:
            raise InvalidOutgoing(error.reason, where=error.where, workflow=workflow) from None
        if violation is not None:
            raise InvalidOutgoing(violation.reason, where=Where(violation.where.path), workflow=workflow)
        return data

    def edition(self, version: str) -> Edition:
        """Return the edition of a version. Raises KeyError where it is not spoken."""
        return self._by_version[version]

    def _known(self, root: etree._Element) -> tuple[Edition, Form]:
        name = etree.QName(root)
        where = Where(line=line_of(root))
        edition = self._by_namespace.get(name.namespace or "")
        if edition is None:
            found = _VERSION.search(name.namespace or "") or _VERSION.search(_stated_version(root))
            version = f"version {found[1]}" if found else "a namespace without a version"
            spoken = ", ".join(self._by_version)
            raise UnknownMessage(
                f"the document is of {version}; {self.system} is spoken here in {spoken}", where=where
            )
        form = self._to_read.get((edition.version, name.localname))
        if form is None:
            raise UnknownMessage(f"the root element is no message of {edition}", where=where)
        return edition, form

    def _named(self, body: type[Body]) -> str:
        return str(workflow_of(body.root) or f"{self.system} {body.root}")


def _stated_version(root: etree._Element) -> str:
    """Return the version in the header of a document of another generation, which spelt it either way."""
    header: Any = root[0] if len(root) else root
    return str(header.get("version") or header.get("Version") or "")
