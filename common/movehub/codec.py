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
from .gate import DEFAULT_LIMIT, admit, line_of, parse
from .message import Body, Message
from .official.names import check_names
from .rules import Level, Rule, broken_rules
from .schemas import is_long
from .workflow import workflow_of

#: Where a document that anybody writes has its namespace, in bytes.
_BEGINNING = 1024
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
    def _to_read(self) -> dict[str, tuple[Edition, Form]]:
        """What is known of a document by its root, `{namespace}name`."""
        return {
            f"{{{form.edition.namespace}}}{form.root}": (self._by_version[version], form)
            for (version, _), form in self._to_write.items()
        }

    @cached_property
    def _stopping(self) -> dict[type[Body], tuple[Rule, ...]]:
        """The rules of level *error* that speak of a body."""
        errors = [rule for rule in self.rules if rule.level is Level.ERROR]
        return {
            body: tuple(rule for rule in errors if issubclass(body, rule.applies_to)) for body in self.bodies
        }

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
        root, judged_by = self._parsed(data)
        edition, form = self._known(root)
        violation = None if edition is judged_by else edition.schema.violation(root, data)
        if violation is not None:
            raise InvalidIncoming(violation.reason, where=violation.where, workflow=self._named(form.body))
        try:
            return form.read(root)
        except InvalidIncoming as error:
            refused = InvalidIncoming(error.reason, where=error.where, workflow=self._named(form.body))
        raise refused  # outside: the error that it came from can quote the value, and must not come along

    def encode(self, message: Message[Any]) -> bytes:
        """Return the document of a message that may be sent, in the edition of its header.

        Raises InvalidOutgoing where the edition is unknown, its schema is broken, or a rule of level *error*.
        """
        for rule in self._stopping.get(type(message.body), ()):
            if rule.is_broken(message):
                raise InvalidOutgoing(f"breaks {rule}", workflow=self._named(type(message.body)))
        return self.write(message)

    def reported(self, message: Message[Any]) -> tuple[Rule, ...]:
        """Return the rules that a received message breaks. They stop nothing: act upon them, or log them."""
        return broken_rules(self.rules, message, received=True)

    def write(self, message: Message[Any]) -> bytes:
        """Return the document of a message, valid by the schema; the rules are not asked.

        For the hub of the sandbox, which says what no Member State may. Everybody else takes `encode`.
        """
        body = type(message.body)
        form = self._to_write.get((message.header.version, body))
        if form is None:
            spoken = f"{self.system} is spoken in {', '.join(self._by_version)}"
            raise InvalidOutgoing(spoken, workflow=self._named(body))
        data = form.document(message)
        edition = self._by_version[message.header.version]
        try:
            root, judged_by = self._parsed(data)
            violation = None if edition is judged_by else edition.schema.violation(root, data)
        except Unreadable as error:
            raise InvalidOutgoing(error.reason, where=error.where, workflow=self._named(body)) from None
        if violation is not None:
            where = Where(violation.where.path)
            raise InvalidOutgoing(violation.reason, where=where, workflow=self._named(body))
        return data

    def edition(self, version: str) -> Edition:
        """Return the edition of a version. Raises KeyError where it is not spoken."""
        return self._by_version[version]

    def _parsed(self, data: bytes) -> tuple[etree._Element, Edition | None]:
        """Return the root, and the edition by whose schema it has been found valid already, if by any.

        A long document is judged while it is read, and so is read once, by the schema of the edition that it
        seems to name. If that does not go well, it is read as any other.
        """
        if len(data) <= self.limit and is_long(data):
            admit(data, self.limit)
            beginning = data[:_BEGINNING]
            for edition in self.editions:
                if edition.namespace.encode() in beginning:
                    root = edition.schema.valid_root(data)
                    if root is not None:
                        return root, edition
        return parse(data, self.limit), None

    def _known(self, root: etree._Element) -> tuple[Edition, Form]:
        known = self._to_read.get(str(root.tag))
        if known is None:
            raise self._unknown(root)
        return known

    def _unknown(self, root: etree._Element) -> UnknownMessage:
        name = etree.QName(root)
        where = Where(line=line_of(root))
        edition = self._by_namespace.get(name.namespace or "")
        if edition is not None:
            return UnknownMessage(f"the root element is no message of {edition}", where=where)
        found = _VERSION.search(name.namespace or "") or _VERSION.search(_stated_version(root))
        version = f"version {found[1]}" if found else "a namespace without a version"
        spoken = ", ".join(self._by_version)
        return UnknownMessage(
            f"the document is of {version}; {self.system} is spoken here in {spoken}", where=where
        )

    def _named(self, body: type[Body]) -> str:
        return str(workflow_of(body.root) or f"{self.system} {body.root}")


def _stated_version(root: etree._Element) -> str:
    """Return the version in the header of a document of another generation, which spelt it either way."""
    header: Any = root[0] if len(root) else root
    return str(header.get("version") or header.get("Version") or "")
