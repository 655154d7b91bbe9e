"""Bytes ⇄ messages, validated in both directions, always.

gate → parse → schema → records        records → text → gate → parse → schema → bytes
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .edition import Edition
from .errors import InvalidIncoming, InvalidOutgoing, UnknownMessage, Unreadable, Where
from .gate import DEFAULT_LIMIT, line_of, parse
from .message import Body, Header, Message
from .reading import reader_of
from .rules import Level, Rule, broken_rules
from .workflow import workflow_of
from .writing import writer_of

_VERSION = re.compile(r"(\d{1,3}\.\d{1,3})/?$")


@dataclass(frozen=True)
class Codec:
    """All that one system speaks: its editions and its bodies. `limit` is the largest document, in bytes."""

    system: str
    editions: tuple[Edition, ...]
    bodies: tuple[type[Body], ...]
    rules: tuple[Rule, ...] = ()
    limit: int = DEFAULT_LIMIT
    _by_namespace: dict[str, Edition] = field(init=False, repr=False, compare=False)
    _by_version: dict[str, Edition] = field(init=False, repr=False, compare=False)
    _by_root: dict[str, type[Body]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_namespace", {edition.namespace: edition for edition in self.editions})
        object.__setattr__(self, "_by_version", {edition.version: edition for edition in self.editions})
        object.__setattr__(self, "_by_root", {body.root: body for body in self.bodies})

    def decode(self, data: bytes) -> Message[Any]:
        """Return the message in a document.

        Raises Unreadable before anything is parsed, UnknownMessage for a namespace, edition or root that is
        not spoken, InvalidIncoming where the schema is broken.
        """
        root = parse(data, self.limit)
        edition, body = self._known(root)
        workflow = _named(body, self.system)
        violation = edition.schema.violation(root, data)
        if violation is not None:
            raise InvalidIncoming(violation.reason, where=violation.where, workflow=workflow)
        try:
            return Message(
                header=reader_of(Header, edition.namespace)(root[0]),
                body=reader_of(body, edition.namespace)(root[1]),
            )
        except InvalidIncoming as error:
            raise InvalidIncoming(error.reason, where=error.where, workflow=workflow) from None

    def encode(self, message: Message[Any]) -> bytes:
        """Return the document of a message that may be sent, in the edition of its header.

        Raises InvalidOutgoing where the edition is unknown, its schema is broken, or a rule of level *error*.
        """
        for rule in broken_rules(self.rules, message):
            if rule.level is Level.ERROR:
                raise InvalidOutgoing(f"breaks {rule}", workflow=_named(type(message.body), self.system))
        return self.write(message)

    def reported(self, message: Message[Any]) -> tuple[Rule, ...]:
        """Return the rules that a received message breaks. They stop nothing: act upon them, or log them."""
        return broken_rules(self.rules, message, received=True)

    def write(self, message: Message[Any]) -> bytes:
        """Return the document of a message, valid by the schema; the rules are not asked.

        For the hub of the sandbox, which says what no Member State may. Everybody else takes `encode`.
        """
        body: type[Body] = type(message.body)
        workflow = _named(body, self.system)
        edition = self._by_version.get(message.header.version)
        if edition is None or body.root not in self._by_root:
            spoken = ", ".join(self._by_version)
            raise InvalidOutgoing(f"{self.system} is spoken in {spoken}", workflow=workflow)
        data = _document(message, body.root, edition.namespace)
        try:
            violation = edition.schema.violation(parse(data, self.limit), data)
        except Unreadable as error:
            raise InvalidOutgoing(error.reason, where=error.where, workflow=workflow) from None
        if violation is not None:
            raise InvalidOutgoing(violation.reason, where=Where(violation.where.path), workflow=workflow)
        return data

    def edition(self, version: str) -> Edition:
        """Return the edition of a version. Raises KeyError where it is not spoken."""
        return self._by_version[version]

    def _known(self, root: etree._Element) -> tuple[Edition, type]:
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
        body = self._by_root.get(name.localname)
        if body is None:
            raise UnknownMessage(f"the root element is no message of {edition}", where=where)
        return edition, body


def _stated_version(root: etree._Element) -> str:
    """Return the version in the header of a document of another generation, which spelt it either way."""
    header: Any = root[0] if len(root) else root
    return str(header.get("version") or header.get("Version") or "")


def _named(body: Any, system: str) -> str:
    return str(workflow_of(body.root) or f"{system} {body.root}")


def _document(message: Message[Any], root: str, namespace: str) -> bytes:
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n', f'<{root} xmlns="{namespace}">']
    writer_of(Header)(message.header, "Header", out)
    body: type = type(message.body)
    writer_of(body)(message.body, "Body", out)
    out.append(f"</{root}>\n")
    return "".join(out).encode("utf-8")
