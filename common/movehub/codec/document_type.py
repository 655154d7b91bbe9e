"""One kind of message in one edition: its names, the plans of header and body, its readers and writers."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from lxml import etree

from movehub.codec.extras import misplaced, without_misplaced
from movehub.codec.reader import Reader, reader_of
from movehub.codec.writer import NotInEdition, Writer, text_of, writer_of
from movehub.errors import InvalidIncoming, Where
from movehub.protocol.edition import Edition, Parts
from movehub.protocol.message import Body, Header, Message
from movehub.records import Plan, plan_in, plan_of
from movehub.records.extra import Slot


class DocumentType:
    """A body class in the words of one edition. Its reader and writer are compiled at their first use."""

    def __init__(self, body: type[Body], edition: Edition) -> None:
        self.body = body
        self.edition = edition
        self.root = edition.vocabulary.name(body.root)
        self._opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{self.root} xmlns="{edition.namespace}">'
        self._closing = f"</{self.root}>\n"

    @cached_property
    def parts(self) -> Parts:
        """Header and body: the name of the element, and the plan of its content."""
        return self._part("Header", Header), self._part("Body", self.body)

    def _part(self, name: str, cls: type) -> tuple[str, Plan]:
        path = f"{self.body.root}/{name}"
        vocabulary, official = self.edition.vocabulary, self.edition.official
        if official is None:
            plan = vocabulary.plan(plan_in(plan_of(cls), self.edition.version), path)
        else:
            plan = official.plan(plan_of(cls), path, vocabulary)
        return vocabulary.name(path), plan

    def read(self, root: etree._Element) -> Message[Any]:
        """Return the message in a valid document.

        Raises InvalidIncoming if an official schema allows more than the classes can hold, if a value has no
        meaning in Python, or if the header contradicts the namespace.
        """
        if self.edition.official is not None:
            self.edition.official.fit(root, self.parts)
        read_header, read_body = self._readers
        header = read_header(root[0])
        if header.version != self.edition.version:  # an official schema may leave it open
            where = Where(f"{self.root}/Header")
            raise InvalidIncoming("the header is of another version than the namespace", where=where)
        return Message(header=header, body=read_body(root[1]))

    def write(self, message: Message[Any]) -> bytes:
        """Return the document of a message. Whether it is valid is for the schema to say.

        Raises NotInEdition if the message has a value in a field that the edition lacks.
        """
        write_header, write_body = self._writers
        if Slot.ever_filled:
            self._refuse_misplaced(message)
        out = [self._opening, ""]
        write_header(message.header, out)
        write_body(message.body, out)
        out += self._closing, ""
        return text_of(out).encode()

    def repeating(self, answer: Message[Any], request: Message[Any]) -> Message[Any]:
        """Return an answer. What it repeats of its request loses the extra fields that the answer lacks."""
        changes = {}
        for child in self.parts[1][1].children:
            found = getattr(answer.body, child.field)
            if not child.many and found is not None and found == getattr(request.body, child.field, None):
                (plan,) = (
                    below for _, plans in child.alternatives for below in plans if below.cls is type(found)
                )
                changes[child.field] = without_misplaced(found, plan)
        return replace(answer, body=replace(answer.body, **changes))

    def _refuse_misplaced(self, message: Message[Any]) -> None:
        (_, header), (_, body) = self.parts
        for field in (*misplaced(message.header, header), *misplaced(message.body, body)):
            raise NotInEdition(field)

    @cached_property
    def _readers(self) -> tuple[Reader, Reader]:
        (_, header), (_, body) = self.parts
        return reader_of(header, self.edition.namespace), reader_of(body, self.edition.namespace)

    @cached_property
    def _writers(self) -> tuple[Writer, Writer]:
        (header, header_plan), (body, body_plan) = self.parts
        return writer_of(header_plan, header), writer_of(body_plan, body)
