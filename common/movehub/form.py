"""One kind of message in one edition: the plans of its header and body, how it is read, how it is written."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from lxml import etree

from .binding import Plan, plan_of
from .compiling import draft_of
from .edition import Edition
from .errors import InvalidIncoming, Where
from .gate import parse
from .lists import LONG, Lists
from .message import Body, Header, Message
from .official.fitting import fit
from .reading import Cut, Reader, reader_of
from .writing import Writer, text_of, writer_of

_MessageDraft = draft_of(Message)


class Form:
    """A body class as one edition spells it. What it needs is compiled at its first use."""

    def __init__(self, body: type[Body], edition: Edition) -> None:
        self.body = body
        self.edition = edition
        self.root = edition.spelling.name(body.root)
        self._opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{self.root} xmlns="{edition.namespace}">'
        self._closing = f"</{self.root}>\n"

    @cached_property
    def parts(self) -> tuple[tuple[str, Plan], tuple[str, Plan]]:
        """Header and body: the name of the element, and the plan of what is in it."""
        return self._part("Header", Header), self._part("Body", self.body)

    def _part(self, name: str, cls: type) -> tuple[str, Plan]:
        path = f"{self.body.root}/{name}"
        spelling = self.edition.spelling
        return spelling.name(path), spelling.plan(plan_of(cls), path)

    def read(self, root: etree._Element, cut: Cut = ()) -> Message[Any]:
        """Return the message in a valid document; `cut` are the lists that were taken out of it.

        Raises InvalidIncoming: see `reader_of` and `fit`.
        """
        if self.edition.official is not None:
            fit(root, self.parts, self.edition.official)
        read_header, read_body = self._readers
        message: Any = _MessageDraft()
        message.header = header = read_header(root[0], cut)
        message.body = read_body(root[1], cut)
        message.__class__ = Message
        if header.version != self.edition.version:  # an official schema may leave it open
            where = Where(f"{self.root}/Header")
            raise InvalidIncoming("the header is of another version than the namespace", where=where)
        return message  # type: ignore[no-any-return]

    def valid_message(self, data: bytes) -> Message[Any] | None:
        """Return the message in a document that has passed the gate; None where it is not valid beyond doubt.

        Raises InvalidIncoming as `read` does.
        """
        if len(data) >= LONG and self._lists.any_in(data):
            return self._long_message(data) if self.edition.schema.admits(data) else None
        root = self.edition.schema.valid_root(data)
        return None if root is None else self.read(root)

    def _long_message(self, data: bytes) -> Message[Any]:
        try:
            rest, cut = self._lists.cut(data)
            return self.read(parse(rest, len(rest)), cut)
        except (ValueError, KeyError, InvalidIncoming):
            pass
        return self.read(parse(data, len(data)))  # only the whole can say where a value has no meaning

    def document(self, message: Message[Any]) -> bytes:
        """Return the document of a message. Whether it is valid is for the schema to say."""
        write_header, write_body = self._writers
        out = [self._opening, ""]
        write_header(message.header, out)
        write_body(message.body, out)
        out.append(self._closing)
        return text_of(out).encode("utf-8")

    @cached_property
    def _lists(self) -> Lists:
        return Lists(self.parts[1][1], self.edition.namespace)

    @cached_property
    def _readers(self) -> tuple[Reader, Reader]:
        (_, header), (_, body) = self.parts
        return reader_of(header, self.edition.namespace), reader_of(body, self.edition.namespace)

    @cached_property
    def _writers(self) -> tuple[Writer, Writer]:
        (header, header_plan), (body, body_plan) = self.parts
        return writer_of(header_plan, header), writer_of(body_plan, body)
