"""Schemas of the same content are read once: reading one takes a tenth of a second, and a folder has ten."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import pytest
from movehub.codec.schema import Schema
from movehub.official import tree


@pytest.fixture(scope="session", autouse=True)
def schemas_of_one_content_are_read_once() -> Iterator[None]:
    read, known = tree._schema, dict[bytes, Any]()

    def remembered(schema: Schema) -> Any:
        content = sha256(schema.documents.top.encode())
        for name, document in schema.documents.documents.items():
            content.update(name.encode() + b"\0" + document + b"\0")
        if content.digest() not in known:
            known[content.digest()] = read(schema)
        return known[content.digest()]

    with patch.object(tree, "_schema", remembered):
        yield
