"""What a schema says, as a tree of elements and values. `tree` reads it; here is what it consists of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Facets:
    """The type of a value: its primitive type of XML Schema, its codes if it is a list, its lengths."""

    primitive: str
    codes: tuple[str, ...] = ()
    shortest: int | None = None
    longest: int | None = None

    def __str__(self) -> str:
        """Say it in a few words."""
        lengths = f" of {self.shortest or 0} to {self.longest} characters" if self.longest else ""
        return f"one of {len(self.codes)} codes" if self.codes else f"{self.primitive}{lengths}"


@dataclass(frozen=True)
class Node:
    """An element, with what is below it, or an attribute, whose name begins with `@`.

    `facets` is None for an element that holds no text. `unusual` says what our schemas never have.
    """

    name: str
    required: bool
    many: bool = False
    facets: Facets | None = None
    below: tuple[Node, ...] = ()
    #: What an absent attribute stands for, if the schema says so.
    default: str | None = None
    unusual: tuple[str, ...] = ()

    @property
    def is_attribute(self) -> bool:
        """Whether it is an attribute."""
        return self.name.startswith("@")

    def child(self, name: str) -> Node | None:
        """Return what has a name directly below, an attribute with its `@`."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.below}

    @cached_property
    def shape(self) -> Counter[tuple[int, str]]:
        """What is below, without names: how deep, and of which type."""
        return Counter(self._shapes(0))

    def _shapes(self, depth: int) -> Iterator[tuple[int, str]]:
        yield depth, f"{self.is_attribute} {self.facets}"
        for node in self.below:
            yield from node._shapes(depth + 1)

    def defaults(self, above: str = "") -> Iterator[tuple[str, str]]:
        """Yield the path of every value that has a default, with it."""
        path = above + self.name
        if self.default is not None:
            yield path, self.default
        for node in self.below:
            yield from node.defaults(f"{path}/")


@dataclass(frozen=True, slots=True)
class Official:
    """What must be known of official schemas to read their documents into our classes."""

    trees: Mapping[str, Node]
    #: Paths of theirs that may be left unread.
    ignored: frozenset[str] = frozenset()
    #: What absent attributes stand for, by their path.
    defaults: Mapping[str, str] = field(default_factory=dict)
