"""What a user would pick instead, at its best: its own fast way, made ready beforehand, the same document.

xsdata and pydantic-xml get models made from our plans, so that they read the same fields with the same types;
neither validates against the schema. xmlschema validates and gives dictionaries, zeep gives objects without
validating. A peer that is not installed is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from lxml import etree
from movehub.codec import DocumentType
from movehub.protocol.message import Message
from movehub.records.record import Plan

import erru_client as erru

from .measuring import Function

#: What a peer has to be beaten by, and what it does.
DOES: dict[str, tuple[float | None, str]] = {
    "xsdata": (4, "objects, no validation"),
    "pydantic-xml": (1.5, "objects, no validation"),
    "zeep": (None, "objects, no validation"),
    "xmlschema": (None, "dictionaries, validated"),
    "lxml by hand": (None, "dictionaries, validated"),
}

_NAMESPACE = erru.ERRU_3_5.namespace


def readers(message: Message[Any], document: bytes) -> dict[str, Function]:
    """Return what reads the document, for each peer that is installed."""
    document_type = DocumentType(type(message.body), erru.ERRU_3_5)
    makers: dict[str, tuple[str, Callable[[DocumentType, bytes], Function]]] = {
        "xsdata": ("xsdata", _xsdata),
        "pydantic-xml": ("pydantic_xml", _pydantic),
        "zeep": ("zeep", _zeep),
        "xmlschema": ("xmlschema", _xmlschema),
        "lxml by hand": ("lxml", _by_hand),
    }
    return {
        name: make(document_type, document) for name, (module, make) in makers.items() if find_spec(module)
    }


def _by_hand(_: DocumentType, document: bytes) -> Function:
    schema = etree.XMLSchema(etree.parse(erru.ERRU_3_5.schema.path))

    def read(element: etree._Element) -> dict[str, Any]:
        return {"tag": element.tag, **element.attrib, "below": [read(below) for below in element]}

    def decode() -> object:
        root = etree.fromstring(document)
        schema.assertValid(root)
        return read(root)

    return decode


def _xmlschema(_: DocumentType, document: bytes) -> Function:
    import xmlschema

    schema = xmlschema.XMLSchema10(str(erru.ERRU_3_5.schema.path))
    text = document.decode()
    return lambda: schema.to_dict(text)


def _zeep(document_type: DocumentType, document: bytes) -> Function:
    from zeep.transports import Transport
    from zeep.xsd import Schema

    path = str(erru.ERRU_3_5.schema.path)
    schema = Schema(etree.parse(path).getroot(), Transport(), location=path)
    element = schema.get_element(f"{{{_NAMESPACE}}}{document_type.root}")
    return lambda: element.parse(etree.fromstring(document), schema)


def _xsdata(document_type: DocumentType, document: bytes) -> Function:
    from xsdata.formats.dataclass.context import XmlContext
    from xsdata.formats.dataclass.parsers import XmlParser

    parser = XmlParser(context=XmlContext())
    model = _dataclass(document_type)
    return lambda: parser.from_bytes(document, model)


def _dataclass(document_type: DocumentType) -> type:
    from xsdata.models.datatype import XmlDate, XmlDateTime

    types = {"date": XmlDate, "datetime": XmlDateTime, "Uuid": str}

    def model(plan: Plan) -> type:
        fields: list[Any] = []
        for value in plan.attributes:
            kind = _type_of(plan, value.field, types)
            options = {"name": value.name, "type": "Attribute"}
            fields.append((value.field, kind | None, dataclasses.field(default=None, metadata=options)))
        for name, below, many in _below(plan):
            options = {"name": name, "type": "Element", "namespace": _NAMESPACE}
            made = model(below) if isinstance(below, Plan) else wrapped(*below)
            if many:
                fields.append((name, list[made], dataclasses.field(default_factory=list, metadata=options)))  # type: ignore[valid-type]
            else:
                fields.append((name, made | None, dataclasses.field(default=None, metadata=options)))
        return dataclasses.make_dataclass(plan.cls.__name__, fields)

    def wrapped(name: str, plan: Plan) -> type:
        options = {"name": name, "type": "Element", "namespace": _NAMESPACE}
        items = dataclasses.field(default_factory=list, metadata=options)
        return dataclasses.make_dataclass(f"ListOf{name}", [("items", list[model(plan)], items)])  # type: ignore[misc]

    parts = []
    for name, plan in document_type.parts:
        options = {"name": name, "type": "Element", "namespace": _NAMESPACE}
        parts.append((name, model(plan) | None, dataclasses.field(default=None, metadata=options)))
    root = dataclasses.make_dataclass(document_type.root, parts)
    root.Meta = type("Meta", (), {"name": document_type.root, "namespace": _NAMESPACE})  # type: ignore[attr-defined]
    return root


def _pydantic(document_type: DocumentType, document: bytes) -> Function:
    from pydantic import create_model
    from pydantic_xml import BaseXmlModel, attr, element

    def made(name: str, fields: dict[str, Any], tag: str) -> Any:
        kwargs = {"tag": tag, "nsmap": {"": _NAMESPACE}}
        return create_model(name, __base__=BaseXmlModel, __cls_kwargs__=kwargs, **fields)

    def model(plan: Plan, tag: str) -> Any:
        fields: dict[str, Any] = {}
        for value in plan.attributes:
            kind = _type_of(plan, value.field, {"Uuid": str})
            fields[value.field.rstrip("_")] = (kind | None, attr(name=value.name, default=None))
        for name, below, many in _below(plan):
            if isinstance(below, Plan):
                one = model(below, name)
            else:
                item = model(below[1], below[0])
                one = made(f"ListOf{name}", {"items": (list[item], element(tag=below[0]))}, name)
            hint = list[one] if many else one | None  # type: ignore[valid-type]
            fields[name.lower()] = (hint, element(tag=name, default=[] if many else None))
        return made(plan.cls.__name__, fields, tag)

    parts = {name.lower(): (model(plan, name), element(tag=name)) for name, plan in document_type.parts}
    root = made(document_type.root, parts, document_type.root)
    return lambda: root.from_xml(document)


def _below(plan: Plan) -> list[tuple[str, Any, bool]]:
    """Return name, plan and whether there may be many; a list in an element of its own: item and plan.

    Of a choice in one element the first is taken, as the documents that are measured have it.
    """
    found: list[tuple[str, Any, bool]] = []
    for child in plan.children:
        for name, plans in child.alternatives:
            if child.around is None:
                found.append((name, plans[0], child.many))
            else:
                found.append((child.around, (name, plans[0]), False))
    return found


def _type_of(plan: Plan, field: str, instead: dict[str, type]) -> Any:
    from typing import get_type_hints

    from movehub.records.record import value_type

    kind = value_type(get_type_hints(plan.cls, include_extras=True)[field])
    return instead.get(kind.__name__, kind)
