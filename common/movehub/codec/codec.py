"""Bytes ⇄ messages, validated in both directions, always.

gate → parse → schema → records        records → text → gate → parse → schema → bytes
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lxml import etree

from movehub.codec.document_type import Form
from movehub.codec.parser import admit, line_of, parse
from movehub.codec.writer import text_of
from movehub.errors import (
    InvalidConfiguration,
    InvalidIncoming,
    InvalidOutgoing,
    UnknownMessage,
    Unreadable,
    Where,
)
from movehub.protocol.edition import Edition
from movehub.protocol.message import DEFAULT_LIMIT, Body, Message
from movehub.protocol.rules import Level, Rule, broken_rules
from movehub.protocol.workflow import WORKFLOWS, workflow_of

#: How nearly every document begins: a declaration, if any, and a root that names its namespace first.
_BEGINNING = re.compile(
    rb"""(?:<\?xml\ version="1\.0"\ encoding="(?:UTF|utf)-8"(?:\ standalone="(?:yes|no)")?\?>[ \t\r\n]*
    |   <\?xml\ version='1\.0'\ encoding='(?:UTF|utf)-8'(?:\ standalone='(?:yes|no)')?\?>[ \t\r\n]*)?
    <([A-Za-z][\w.-]*)[ \t\r\n]+xmlns="([^"<&]*)\"""",
    re.VERBOSE,
).match
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
    def _to_read(self) -> dict[str, Form]:
        """What is known of a document by its root, `{namespace}name`."""
        return {f"{{{form.edition.namespace}}}{form.root}": form for form in self._to_write.values()}

    @cached_property
    def _by_beginning(self) -> dict[tuple[bytes, bytes], Form]:
        """The same, by root and namespace as they stand in a document."""
        forms = self._to_write.values()
        return {(form.root.encode(), form.edition.namespace.encode()): form for form in forms}

    @cached_property
    def _stopping(self) -> dict[type[Body], tuple[Rule, ...]]:
        """The rules of level *error* that speak of a body."""
        errors = [rule for rule in self.rules if rule.level is Level.ERROR]
        return {
            body: tuple(rule for rule in errors if issubclass(body, rule.applies_to)) for body in self.bodies
        }

    @cached_property
    def _reporting(self) -> dict[type[Body], tuple[Rule, ...]]:
        """The rules that speak of a body that was received."""
        received = [rule for rule in self.rules if not rule.sending_only]
        return {
            body: tuple(rule for rule in received if issubclass(body, rule.applies_to))
            for body in self.bodies
        }

    def speaking(self, edition: Edition) -> Codec:
        """Return this codec with one more edition, in the place of the one of the same version.

        Raises InvalidConfiguration where the edition is of another system, its mapping speaks of what is in
        no message, or what a message cannot do without has no name in its schema.
        """
        if edition.system != self.system:
            raise InvalidConfiguration(f"{edition} is not an edition of {self.system}")
        if edition.official is not None:
            from movehub.official.names import check_names

            check_names(edition.official, edition.spelling, self.bodies)
        others = tuple(known for known in self.editions if known.version != edition.version)
        return replace(self, editions=(*others, edition))

    def decode(self, data: bytes) -> Message[Any]:
        """Return the message in a document.

        Raises Unreadable before anything is parsed, UnknownMessage for a namespace, edition or root that is
        not spoken, InvalidIncoming where the schema is broken; TypeError for a text, of which nobody can tell
        whether it came in UTF-8.
        """
        if not isinstance(data, bytes):
            raise TypeError("a document is decoded from its bytes, as they came")
        admit(data, self.limit)
        try:
            return self._decoded(data)
        except InvalidIncoming as error:
            form, _ = self._seems_to_be(data)
            form = form or self._known(parse(data, self.limit))
            refused = InvalidIncoming(error.reason, where=error.where, workflow=self._named(form.body))
        raise refused  # outside: the error that it came from can quote the value, and must not come along

    def _decoded(self, data: bytes) -> Message[Any]:
        form, start = self._seems_to_be(data)
        message = None if form is None else form.valid_message(data, start)
        if message is not None:
            return message
        root = parse(data, self.limit)
        form = self._known(root)
        violation = form.edition.schema.violation(root, data)
        if violation is not None:
            raise InvalidIncoming(violation.reason, where=violation.where)
        return form.read(root)

    def encode(self, message: Message[Any]) -> bytes:
        """Return the document of a message that may be sent, in the edition of its header.

        Raises InvalidOutgoing where the edition is unknown, its schema is broken, or a rule of level *error*;
        TypeError for a body that has no header yet.
        """
        if not isinstance(message, Message):
            raise TypeError("a message is encoded, header and body: `Exchange.request` makes one of a body")
        for rule in self._stopping.get(type(message.body), ()):
            if rule.is_broken(message):
                raise InvalidOutgoing(f"breaks {rule}", workflow=self._named(type(message.body)))
        return self.write(message)

    def reported(self, message: Message[Any]) -> tuple[Rule, ...]:
        """Return the rules that a received message breaks. They stop nothing: act upon them, or log them."""
        rules = self._reporting.get(type(message.body), self.rules)
        return broken_rules(rules, message, received=True) if rules else ()

    def write(self, message: Message[Any]) -> bytes:
        """Return the document of a message, valid by the schema; the rules are not asked.

        For the hub of the sandbox, which says what no Member State may. Everybody else takes `encode`.
        """
        body = type(message.body)
        form = self._to_write.get((message.header.version, body))
        if form is None:
            spoken = f"{self.system} is spoken in {', '.join(self._by_version)}"
            raise InvalidOutgoing(spoken, workflow=self._named(body))
        out = form.written(message)
        text = text_of(out)
        data = text.encode()
        try:
            admit(data, self.limit)
            admitted = form.admits(out, text, data)
            violation = None if admitted else form.edition.schema.violation(parse(data, self.limit), data)
        except Unreadable as error:
            raise InvalidOutgoing(error.reason, where=error.where, workflow=self._named(body)) from None
        if violation is not None:
            where = Where(violation.where.path)
            raise InvalidOutgoing(violation.reason, where=where, workflow=self._named(body))
        return data

    def edition(self, version: str) -> Edition:
        """Return the edition of a version. Raises KeyError where it is not spoken."""
        return self._by_version[version]

    def _seems_to_be(self, data: bytes) -> tuple[Form | None, int]:
        """Return what a document says that it is, where it does so plainly, and where it has said so."""
        beginning = _BEGINNING(data)
        if beginning is None:
            return None, 0
        return self._by_beginning.get((beginning[1], beginning[2])), beginning.end()

    def _known(self, root: etree._Element) -> Form:
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
        other = _other_system(name.namespace or "", self.system)
        if other is not None:
            return UnknownMessage(
                f"the document is one of {other}; {self.system} is spoken here", where=where
            )
        found = _VERSION.search(name.namespace or "") or _VERSION.search(_stated_version(root))
        version = f"version {found[1]}" if found else "a namespace without a version"
        spoken = ", ".join(self._by_version)
        return UnknownMessage(
            f"the document is of {version}; {self.system} is spoken here in {spoken}", where=where
        )

    def _named(self, body: type[Body]) -> str:
        return str(workflow_of(body.root) or f"{self.system} {body.root}")


def _other_system(namespace: str, spoken: str) -> str | None:
    """Return the system that a namespace names, where it is not the one that is spoken."""
    others = {each.system for each in WORKFLOWS} - {spoken}
    return next((other for other in others if f"/{other.lower()}/" in namespace.lower()), None)


def _stated_version(root: etree._Element) -> str:
    """Return the version in the header of a document of another generation, which spelt it either way."""
    header: Any = root[0] if len(root) else root
    return str(header.get("version") or header.get("Version") or "")
