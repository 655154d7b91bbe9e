"""Whether the names of an edition are all there: checked once, when it is taken into use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..binding import Plan, paths, plan_of
from ..errors import InvalidConfiguration
from ..message import Body, Header
from ..spelling import anywhere

if TYPE_CHECKING:
    from ..edition import Edition


def check_names(edition: Edition, bodies: Sequence[type[Body]]) -> None:
    """Raise InvalidConfiguration for a path that no message has, or a name that the schema lacks."""
    parts = [(plan_of(cls), path) for body in bodies for cls, path in _parts(body)]
    known = {path for plan, top in parts for path in paths(plan, top)} | {body.root for body in bodies}
    known |= set(map(anywhere, known))
    for spoken_of in (edition.spelling.names, edition.spelling.codes):
        for path in spoken_of:
            if path not in known:
                raise InvalidConfiguration(f"the mapping names {path}, which is in no message")
    lacking = [path for plan, top in parts if _spoken(edition, top) for path in _lacking(edition, plan, top)]
    if lacking:
        raise InvalidConfiguration(
            f"the schema has no name for {lacking[0]}, which is needed: name it in the mapping"
            f" ({len(lacking)} such)"
        )


def _parts(body: type[Body]) -> tuple[tuple[type, str], ...]:
    return (Header, f"{body.root}/Header"), (body, f"{body.root}/Body")


def _spoken(edition: Edition, path: str) -> bool:
    """Whether the schema has the message at all. One that it has not cannot be sent or received."""
    return edition.spelling.name(path.partition("/")[0]) in edition.schema.names


def _lacking(edition: Edition, plan: Plan, path: str) -> Iterator[str]:
    names, name = edition.schema.names, edition.spelling.name
    values = [f"{path}/@{value.name}" for value in plan.attributes if not value.optional]
    values += [f"{path}/{value.name}" for value in plan.texts if not value.optional]
    yield from (value for value in values if name(value) not in names)
    for child in plan.children:
        above = path if child.around is None else f"{path}/{child.around}"
        for element, plans in child.alternatives:
            if name(f"{above}/{element}") in names:
                for below in plans:
                    yield from _lacking(edition, below, f"{above}/{element}")
            elif not child.optional:
                yield f"{above}/{element}"
