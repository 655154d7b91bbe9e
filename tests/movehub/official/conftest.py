"""Schemas of the same content are read once: reading one takes a tenth of a second, and a folder has ten."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from movehub.official import folder, tree


@pytest.fixture(scope="session", autouse=True)
def schemas_of_one_content_are_read_once() -> Iterator[None]:
    read, known = tree._schema, dict[bytes, Any]()

    def remembered(path: Path) -> Any:
        files = sorted(folder._with_included(path, {}))
        content = sha256(path.name.encode())
        for file in files:
            content.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        if content.digest() not in known:
            known[content.digest()] = read(path)
        return known[content.digest()]

    with patch.object(tree, "_schema", remembered):
        yield
