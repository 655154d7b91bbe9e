"""Bytes ⇄ messages, valid in both directions, always.

bytes → admit → one parse, judged by the schema while reading → reader → message
message → rules → writer → the same judgement → bytes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from importlib import import_module
from typing import Any

from lxml import etree

from movehub.codec.document_type import DocumentType
from movehub.codec.parser import admit, line_of, parse, root_name
from movehub.codec.reader import refuse_xsi_attributes
from movehub.codec.writer import NotInEdition
from movehub.errors import (
    InvalidConfiguration,
    InvalidIncoming,
    InvalidOutgoing,
    UnknownMessage,
    Unreadable,
    Where,
)
from movehub.protocol.edition import Edition, Violation
from movehub.protocol.exchange import Exchange
from movehub.protocol.member_states import participants_of, sent_as
from movehub.protocol.message import DEFAULT_LIMIT, Body, Message
from movehub.protocol.rules import Level, Rule, broken_rules
from movehub.protocol.workflow import WORKFLOWS, workflow_of
from movehub.records.extra import Slot

_VERSION = re.compile(r"([0-9]{1,3}\.[0-9]{1,3})/?$")


def _no_rules(_: frozenset[str]) -> tuple[Rule, ...]:
    return ()


@dataclass(frozen=True)
class Codec:
    """The messages of one system: its editions, bodies, participants and rules.

    `participants` are the codes of the states that can ask and can be asked, and `rules_for` makes the rules
    for them. `limit` is the largest document, in bytes.

    `name` says where another process finds the codec, such as `erru_client:CODEC`: then it can be pickled,
    with its methods, although its rules are functions.
    """

    system: str
    editions: tuple[Edition, ...]
    bodies: tuple[type[Body], ...]
    participants: frozenset[str] = frozenset()
    rules_for: Callable[[frozenset[str]], tuple[Rule, ...]] = _no_rules
    limit: int = DEFAULT_LIMIT
    name: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        known = _imported(self.name) if self.name else None
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        changed = {name: value for name, value in values.items() if value is not getattr(known, name, None)}
        return _restored, (self.name, changed)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that the schemas do not hold, in the order of their table."""
        return self.rules_for(self.participants)

    @cached_property
    def _by_version(self) -> dict[str, Edition]:
        return {edition.version: edition for edition in self.editions}

    @cached_property
    def _by_namespace(self) -> dict[bytes, Edition]:
        return {edition.namespace.encode(): edition for edition in self.editions}

    @cached_property
    def _by_body(self) -> dict[tuple[str, type[Body]], DocumentType]:
        """Document types by version and body."""
        return {
            (edition.version, body): DocumentType(body, edition)
            for edition in self.editions
            for body in self.bodies
        }

    @cached_property
    def _by_root(self) -> dict[str, DocumentType]:
        """Document types by their root, `{namespace}name`."""
        return {f"{{{each.edition.namespace}}}{each.root}": each for each in self._by_body.values()}

    @cached_property
    def _stopping(self) -> dict[type[Body], tuple[Rule, ...]]:
        """The rules of level *error* by body."""
        errors = [rule for rule in self.rules if rule.level is Level.ERROR]
        return {
            body: tuple(rule for rule in errors if issubclass(body, rule.applies_to)) for body in self.bodies
        }

    @cached_property
    def _reporting(self) -> dict[type[Body], tuple[Rule, ...]]:
        """The rules for received messages by body."""
        received = [rule for rule in self.rules if not rule.sending_only]
        return {
            body: tuple(rule for rule in received if issubclass(body, rule.applies_to))
            for body in self.bodies
        }

    @property
    def own_versions(self) -> tuple[str, ...]:
        """The versions of the editions with schemas of ours."""
        return tuple(edition.version for edition in self.editions if edition.official is None)

    def speaking(self, edition: Edition) -> Codec:
        """Return this codec with one more edition, which replaces an edition of the same version.

        Raises InvalidConfiguration if the edition is of another system, its mapping names things that are in
        no message, or its schema has no name for something that a message needs.
        """
        if edition.system != self.system:
            raise InvalidConfiguration(f"{edition} is not an edition of {self.system}")
        if edition.official is not None:
            edition.official.check(edition, self.bodies, self.own_versions)
        others = tuple(known for known in self.editions if known.version != edition.version)
        return replace(self, editions=(*others, edition))

    def among(self, participants: Iterable[str]) -> Codec:
        """Return this codec for other participants: the rule `HDR-5` asks for them.

        `GB` and `EL` count as `UK` and `GR`. Raises InvalidConfiguration for a code of no state.
        """
        return replace(self, participants=participants_of(participants))

    def check_participant(self, code: str) -> None:
        """Check that a state takes part, by its code in a header. Raises InvalidConfiguration."""
        if sent_as(code) != code:
            raise InvalidConfiguration(f"the code of {code} in a header is {sent_as(code)}: use that one")
        if code not in self.participants:
            setting = f"{self.system.lower()}.participants"
            raise InvalidConfiguration(
                f"{code} does not take part in {self.system}: see the setting {setting}"
            )

    def decode(self, data: bytes) -> Message[Any]:
        """Return the message in a document.

        Raises Unreadable if the bytes are not a document, UnknownMessage for a namespace, edition or root
        that is not known here, InvalidIncoming if the schema is broken; TypeError for text, since it does not
        say whether it came in UTF-8.
        """
        if not isinstance(data, bytes):
            raise TypeError("a document is decoded from its bytes, as they came")
        admit(data, self.limit)
        edition = self._edition(data)
        root = edition.schema.read(data)
        if isinstance(root, Violation):
            raise self._refusal(data, edition, root)
        document_type = self._known(root)
        try:
            return document_type.read(root)
        except InvalidIncoming as error:
            refusal = InvalidIncoming(
                error.reason, where=error.where, workflow=self._workflow(document_type.body)
            )
        raise refusal  # outside: the error that it came from can quote the value, and must not come along

    def _edition(self, data: bytes) -> Edition:
        """Return the edition of a document, whose schema judges it.

        A parser that validates overlooks faulty declarations of namespaces. So if a document declares more
        than one namespace, it is first parsed without the schema. Raises Malformed, UnknownMessage or
        InvalidIncoming.
        """
        if data.count(b"xmlns") == 1:
            start = data.find(b'xmlns="') + 7
            edition = self._by_namespace.get(data[start : data.find(b'"', start)])
            if edition is not None:
                return edition
        root = parse(data, self.limit)
        edition = self._known(root).edition
        refuse_xsi_attributes(root)
        return edition

    def _refusal(self, data: bytes, edition: Edition, violation: Violation) -> InvalidIncoming:
        """Return the error for a document that is not valid. Raises UnknownMessage if its root is not known.

        A document with very many errors has no place of the first, and no tree is built of it: the schema
        knew its root, or it would have had one error only.
        """
        known = None
        if not violation.where.path:
            known = self._by_root.get(f"{{{edition.namespace}}}{root_name(data)}")
        body = (known or self._known(parse(data, self.limit))).body
        return InvalidIncoming(violation.reason, where=violation.where, workflow=self._workflow(body))

    def encode(self, message: Message[Any], *, despite: Collection[str] = ()) -> bytes:
        """Return the document of a message, in the edition of its header.

        `despite` names rules that the message may break. Only a rule that is `waivable` lets you.

        Raises InvalidOutgoing if the edition is unknown or lacks a field that has a value, or the message
        breaks its schema or a rule of level *error*; TypeError for a body that has no header yet.
        """
        if not isinstance(message, Message):
            raise TypeError("a message is encoded, header and body: `Exchange.request` makes one of a body")
        for rule in self._stopping.get(type(message.body), ()):
            if rule.is_broken(message) and not (rule.waivable and rule.id in despite):
                way_out = rule.way_out(self.system)
                reason = f"breaks {rule.broken_by(message)}{way_out}"
                raise InvalidOutgoing(reason, workflow=self._workflow(type(message.body)))
        return self.write(message)

    def reported(self, message: Message[Any]) -> tuple[Rule, ...]:
        """Return the rules that a received message breaks. They stop nothing: act upon them, or log them."""
        rules = self._reporting.get(type(message.body), self.rules)
        return broken_rules(rules, message, received=True) if rules else ()

    def write(self, message: Message[Any]) -> bytes:
        """Return the document of a message, valid by the schema, without asking the rules.

        For the hub of the sandbox, which says what no Member State may. Everybody else calls `encode`.
        """
        body = type(message.body)
        document_type = self._by_body.get((message.header.version, body))
        if document_type is None:
            raise self._not_spoken(body)
        try:
            data = document_type.write(message)
            admit(data, self.limit)
            violation = document_type.edition.schema.judge(data)
        except NotInEdition as field:
            reason = f"{document_type.edition} has no field {field}"
            raise InvalidOutgoing(reason, workflow=self._workflow(body)) from None
        except Unreadable as error:
            raise InvalidOutgoing(error.reason, where=error.where, workflow=self._workflow(body)) from None
        if violation is not None:
            where = Where(violation.where.path)
            raise InvalidOutgoing(violation.reason, where=where, workflow=self._workflow(body))
        return data

    def repeating(self, answer: Message[Any], request: Message[Any]) -> Message[Any]:
        """Return an answer. What it repeats of its request loses the extra fields that the answer lacks.

        An official schema may have a field in the question alone. A field that only the answer has stays, and
        is refused if the schema lacks it.
        """
        document_type = self._by_body.get((answer.header.version, type(answer.body)))
        if document_type is None or document_type.edition.official is None or not Slot.ever_filled:
            return answer
        return document_type.repeating(answer, request)

    def answering(self, exchange: Exchange, request: Message[Any]) -> Exchange:
        """Return a participant in the edition of a request, which its answer must have.

        Raises InvalidOutgoing if the edition is unknown.
        """
        edition = self._by_version.get(request.header.version)
        if edition is None:
            raise self._not_spoken(type(request.body))
        return replace(exchange, edition=edition)

    def edition(self, version: str) -> Edition:
        """Return the edition of a version. Raises KeyError if it is not known here."""
        return self._by_version[version]

    def _not_spoken(self, body: type[Body]) -> InvalidOutgoing:
        spoken = f"{self.system} is spoken in {', '.join(self._by_version)}"
        return InvalidOutgoing(spoken, workflow=self._workflow(body))

    def _workflow(self, body: type[Body]) -> str:
        return str(workflow_of(body.root) or f"{self.system} {body.root}")

    def _known(self, root: etree._Element) -> DocumentType:
        known = self._by_root.get(str(root.tag))
        if known is None:
            raise self._unknown(root)
        return known

    def _unknown(self, root: etree._Element) -> UnknownMessage:
        name = etree.QName(root)
        where = Where(line=line_of(root))
        edition = self._by_namespace.get((name.namespace or "").encode())
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


def _imported(name: str) -> Codec:
    module, _, attribute = name.partition(":")
    codec: Codec = getattr(import_module(module), attribute)
    return codec


def _restored(name: str, changed: dict[str, Any]) -> Codec:
    """Return the codec of a name, in this process, with the changes that were made to it."""
    if not name:
        return Codec(**changed)
    known = _imported(name)
    return replace(known, **changed) if changed else known


def _other_system(namespace: str, spoken: str) -> str | None:
    """Return the system that a namespace names, if it is not the one spoken here."""
    others = {each.system for each in WORKFLOWS} - {spoken}
    return next((other for other in others if f"/{other.lower()}/" in namespace.lower()), None)


def _stated_version(root: etree._Element) -> str:
    """Return the version in the header of a document of another generation, whichever way it is spelt."""
    header: Any = root[0] if len(root) else root
    return str(header.get("version") or header.get("Version") or "")
