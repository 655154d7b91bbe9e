"""One kind of message in one edition: the plans of its header and body, how it is read, how it is written."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from lxml import etree

from movehub.codec.parser import parse
from movehub.codec.reader import Cut, Reader, reader_of
from movehub.codec.schema import Schema
from movehub.codec.writer import Out, Writer, writer_of
from movehub.errors import InvalidIncoming, Unreadable, Where
from movehub.known_markup import KnownMarkup
from movehub.list_markup import KnownLists
from movehub.lists import LONG, Kinds, Lists
from movehub.long_list import CHUNK
from movehub.protocol.edition import Edition
from movehub.protocol.message import Body, Header, Message
from movehub.records.codegen import draft_of
from movehub.records.record import Plan, plan_of
from movehub.schema_types import ElementType, Unlike

_MessageDraft = draft_of(Message)


class Form:
    """A body class as one edition spells it. What it needs is compiled at its first use."""

    def __init__(self, body: type[Body], edition: Edition) -> None:
        self.body = body
        self.edition = edition
        self.root = edition.spelling.name(body.root)
        self._opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{self.root} xmlns="{edition.namespace}">'
        self._closing = f"</{self.root}>\n"
        self._start = len(self._opening) - 1
        self._markup = KnownMarkup()
        #: Of what is left of documents with long lists, by the kinds of these, and whether they are several.
        self._markup_left: defaultdict[tuple[Kinds, bool], KnownMarkup] = defaultdict(KnownMarkup)
        #: Of whole documents with one long list that is not very long.
        self._markup_of_lists = KnownLists()

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
            from movehub.official.fitting import fit

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

    def valid_message(self, data: bytes, start: int) -> Message[Any] | None:
        """Return the message in a document that has passed the gate; None where it is not valid beyond doubt.

        `start` is where its root's name and namespace end. Raises InvalidIncoming as `read` does.
        """
        if len(data) < LONG:
            return self._message(data, start, self._markup)
        text = _text(data, start) if len(data) <= CHUNK else None
        known = None if text is None else self._markup_of_lists.take(text)
        return known or self._valid_long_message(data, start, text)

    def _valid_long_message(self, data: bytes, start: int, text: str | None) -> Message[Any] | None:
        try:
            rest, cut, kinds = self._lists.cut(data, surely=True)
        except (ValueError, KeyError, InvalidIncoming):
            return self._long_message(data)
        left = self._markup_left[kinds, len(cut) > 1]
        try:
            message = self._message(rest, start, left, cut, kinds)
        except (ValueError, KeyError, InvalidIncoming):
            message = None
        if message is None:
            return self._long_message(data) if kinds else None
        if text is not None and len(cut) == 1:
            self._learn_list(text, rest[start:].decode(), left, len(cut[0]), kinds[0])
        return message

    def _learn_list(self, text: str, one_row: str, left: KnownMarkup, rows: int, kind: int) -> None:
        take = left.taught(one_row)
        if take is not None:
            self._markup_of_lists.learn(text, one_row, rows, take, self._lists.rows_of(kind))

    def _message(
        self, data: bytes, start: int, known: KnownMarkup, cut: Cut = (), kinds: Kinds = ()
    ) -> Message[Any] | None:
        text = _text(data, start)
        if text is None:
            return None
        message: Message[Any] | None = known.take(text, cut)
        if message is not None:
            return message
        if data.count(b"xmlns") != 1:  # a parser that validates lets faulty declarations pass
            return None
        root = self.edition.schema.valid_root(data)
        if root is None:
            return None
        self._lists.mark(root, data, len(cut), kinds) if cut else None
        message = self.read(root, cut)
        self._learn(text, root, known)
        return message

    def _long_message(self, data: bytes) -> Message[Any] | None:
        """Return what is in a document with long lists that are written in no plain way."""
        if not self.edition.schema.admits(data):
            return None
        try:
            rest, cut, kinds = self._lists.cut(data, surely=False)
            root = parse(rest, len(rest))
            self._lists.mark(root, rest, len(cut), kinds)
            return self.read(root, cut)
        except (ValueError, KeyError, InvalidIncoming, Unreadable):
            pass
        return self.read(parse(data, len(data)))  # only the whole can say where a value has no meaning

    def admits(self, out: Out, document: str, data: bytes) -> bool:
        """Whether a document that was written here is valid beyond doubt.

        `out` is how it was written, and `data` are its bytes.
        """
        if len(data) >= LONG:
            return self.edition.schema.admits(data)
        if self._markup.admits_written(out):
            return True
        text = document[self._start :]
        if self._markup.admits(text):
            self._markup.remember(out, text)
            return True
        root = self.edition.schema.valid_root(data)
        if root is not None:
            self._learn(text, root, self._markup)
        return root is not None

    def _learn(self, text: str, root: etree._Element, known: KnownMarkup) -> None:
        if known.met(text) and self._said is not None:
            try:
                known.learn(text, root, self.parts, self._said)
            except (Unlike, KeyError):
                return  # its markup will be parsed each time

    def written(self, message: Message[Any]) -> Out:
        """Return a message as writers write it. Whether it is valid is for the schema to say."""
        write_header, write_body = self._writers
        out = [self._opening, ""]
        write_header(message.header, out)
        write_body(message.body, out)
        out += self._closing, ""
        return out

    @cached_property
    def _said(self) -> ElementType | None:
        """What our own schema says of every value."""
        schema = self.edition.schema
        if self.edition.official is not None or not isinstance(schema, Schema):
            return None
        try:
            return schema.types.root(self.root)
        except Unlike:
            return None

    @cached_property
    def _lists(self) -> Lists:
        return Lists(self.parts[1][1], self.edition.namespace, self._said)

    @cached_property
    def _readers(self) -> tuple[Reader, Reader]:
        (_, header), (_, body) = self.parts
        return reader_of(header, self.edition.namespace), reader_of(body, self.edition.namespace)

    @cached_property
    def _writers(self) -> tuple[Writer, Writer]:
        (header, header_plan), (body, body_plan) = self.parts
        return writer_of(header_plan, header), writer_of(body_plan, body)


def _text(data: bytes, start: int) -> str | None:
    """Return a document from `start` on; None where it is not in UTF-8."""
    try:
        return data[start:].decode()
    except UnicodeDecodeError:  # it holds the document, and must not be seen by anybody
        return None
