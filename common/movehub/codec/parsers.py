"""The one way in which XML is parsed here: no entity, no network, no repair.

Regulation (EU) 2016/68 and (EU) 2016/480, Annex III, 1.2: UTF-8, whatever a document declares.
"""

from __future__ import annotations

from typing import Any

from lxml import etree


def strict_parser(schema: etree.XMLSchema | None = None, target: Any = None) -> etree.XMLParser:
    """Return a parser of its own, which also validates where a schema is given.

    A `target` takes what is read, and no tree is made.
    """
    return etree.XMLParser(
        encoding="utf-8",
        schema=schema,
        target=target,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        recover=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
