"""What a schema says of each value, element by element: read from its files, beside the compiled schema.

The compiled schema judges and does not say by which rule. Where the rule for one value has to be known
(`sure_values`), it is read here; and whatever in a schema is not plainly understood raises Unlike, so that
nothing is concluded from it. Understood is what our own schemas are written with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from lxml import etree

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_BUILTIN: Final = "xs:"
#: What says nothing about a value.
_SILENT: Final = "annotation"
#: What changes definitions of other files, or takes in another namespace.
_OTHERWISE: Final = ("redefine", "override", "import")
#: What a list of elements may be written with.
_GROUPS: Final = ("sequence", "choice")
#: Attributes of an attribute or an element that change nothing in what a value must be.
_HARMLESS: Final = {"name", "type", "use", "ref", "minOccurs", "maxOccurs"}


class Unlike(ValueError):
    """The schema has something that is not understood here."""


@dataclass(frozen=True, slots=True)
class SimpleType:
    """The rule for a value. `codes` is empty where any text will do; each of `patterns` must match."""

    primitive: str
    codes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    shortest: int = 0
    longest: int | None = None
    least: str | None = None


@dataclass(frozen=True, slots=True)
class ElementType:
    """What may stand in an element: attributes, elements, and which of those as often as one likes."""

    attributes: Mapping[str, SimpleType]
    elements: Mapping[str, ElementType]
    unbounded: frozenset[str] = frozenset()


#: An element that holds text alone.
_TEXT: Final = ElementType({}, {})


class SchemaTypes:
    """The types of one schema file with all that it includes, which belong to one namespace."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _named(self) -> dict[tuple[str, str], etree._Element]:
        """Every definition at the top of a file, by what it is and its name."""
        found: dict[tuple[str, str], etree._Element] = {}
        todo, seen = [self._path.resolve()], set[Path]()
        while todo:
            path = todo.pop()
            seen.add(path)
            for element in _below(etree.parse(path).getroot()):
                if _is(element, *_OTHERWISE):
                    raise Unlike(_what(element))
                if _is(element, "include"):
                    target = (path.parent / element.get("schemaLocation", "")).resolve()
                    todo += [] if target in seen else [target]
                else:
                    found[_what(element), element.get("name", "")] = element
        return found

    def root(self, name: str) -> ElementType:
        """Return the type of a root element. Raises Unlike."""
        return self._element(self._find("element", name))

    def _find(self, what: str, name: str) -> etree._Element:
        if ":" in name or (what, name) not in self._named:
            raise Unlike(f"{what} {name}")
        return self._named[what, name]

    def _element(self, element: etree._Element) -> ElementType:
        if not _HARMLESS.issuperset(map(str, element.keys())):
            raise Unlike("an element with a default, or one that stands for another")
        named = element.get("type")
        inline = list(_below(element))
        if (named is None) == (not inline) or len(inline) > 1:
            raise Unlike("an element without one plain type")
        if named is not None and (named.startswith(_BUILTIN) or ("simpleType", named) in self._named):
            return _TEXT
        return self._complex(inline[0] if named is None else self._find("complexType", named))

    def _complex(self, kind: etree._Element) -> ElementType:
        attributes: dict[str, SimpleType] = {}
        elements: dict[str, ElementType] = {}
        unbounded: set[str] = set()
        if kind.get("mixed") or not _is(kind, "complexType"):
            raise Unlike("an element that holds text")
        for part in self._parts(kind):
            if _is(part, "attribute"):
                attributes[part.get("name", "")] = self._attribute(part)
                continue
            for element in _elements(part):
                name = element.get("name", "")
                elements[name] = self._element(element)
                if element.get("maxOccurs") == "unbounded":
                    unbounded.add(name)
        return ElementType(attributes, elements, frozenset(unbounded))

    def _parts(self, kind: etree._Element) -> Iterator[etree._Element]:
        """Yield the attributes and the groups of elements of a type, wherever it has them from."""
        for part in _below(kind):
            if _is(part, "attributeGroup"):
                yield from self._parts(self._find("attributeGroup", part.get("ref", "")))
            elif _is(part, "complexContent"):
                [extension] = _below(part)
                if not _is(extension, "extension"):
                    raise Unlike("a type that restricts another")
                yield from self._parts(self._find("complexType", extension.get("base", "")))
                yield from self._parts(extension)
            elif _is(part, "attribute", *_GROUPS):
                yield part
            else:
                raise Unlike(_what(part))

    def _attribute(self, attribute: etree._Element) -> SimpleType:
        if not _HARMLESS.issuperset(map(str, attribute.keys())):
            raise Unlike("an attribute with a default")
        for inline in _below(attribute):
            return self._simple(inline)
        return self._named_simple(attribute.get("type", ""))

    def _named_simple(self, name: str) -> SimpleType:
        if name.startswith(_BUILTIN):
            return SimpleType(name.removeprefix(_BUILTIN))
        return self._simple(self._find("simpleType", name))

    def _simple(self, kind: etree._Element) -> SimpleType:
        [restriction] = _below(kind)
        if not _is(restriction, "restriction"):
            raise Unlike("a type that is a list or a union")
        return _restricted(self._named_simple(restriction.get("base", "")), list(_below(restriction)))


def _restricted(base: SimpleType, facets: list[etree._Element]) -> SimpleType:
    said: dict[str, list[str]] = {}
    for facet in facets:
        said.setdefault(_what(facet), []).append(facet.get("value", ""))
    codes = tuple(said.pop("enumeration", base.codes))
    patterns = base.patterns
    if "pattern" in said:  # of several, one must match
        patterns += ("|".join(said.pop("pattern")),)
    length = said.pop("length", None)
    shortest = said.pop("minLength", length or [str(base.shortest)])
    longest = said.pop("maxLength", length)
    least = said.pop("minInclusive", [base.least])
    if said:
        raise Unlike(", ".join(said))
    return replace(
        base,
        codes=codes,
        patterns=patterns,
        shortest=int(shortest[0]),
        longest=base.longest if longest is None else int(longest[0]),
        least=least[0],
    )


def _elements(group: etree._Element) -> Iterator[etree._Element]:
    for part in _below(group):
        if _is(part, "element"):
            yield part
        elif _is(part, *_GROUPS):
            yield from _elements(part)
        else:
            raise Unlike(_what(part))


def _below(element: etree._Element) -> Iterator[etree._Element]:
    return (part for part in element.iterchildren(etree.Element) if not _is(part, _SILENT))


def _what(element: etree._Element) -> str:
    return etree.QName(element).localname


def _is(element: etree._Element, *names: str) -> bool:
    return element.tag in {_XS + name for name in names}
