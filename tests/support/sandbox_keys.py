"""The keys of the sandbox's certificates are made once a session, and shared by all processes of the run.

An RSA key takes a twentieth of a second, and a sandbox needs thirty. An authority still gets a new key: two
authorities in one test must never share one by accident.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from movehub.sandbox import pki

#: More than two sandboxes use: then the first ones come again, for the certificates of other authorities.
_HOW_MANY: Final = 64


class _Keys:
    """Hands out one key after the other, from files that the first process to need one writes."""

    def __init__(self, folder: Path, new: Callable[[], RSAPrivateKey]) -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._new, self._numbers = folder, new, count()
        self._known: dict[int, RSAPrivateKey] = {}

    def next(self) -> RSAPrivateKey:
        number = next(self._numbers) % _HOW_MANY
        if number not in self._known:
            self._known[number] = self._read_or_made(self._folder / str(number))
        return self._known[number]

    def _read_or_made(self, path: Path) -> Any:
        if path.exists():
            return load_der_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        key = self._new()
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        beside.replace(path)
        return key


@pytest.fixture(scope="session", autouse=True)
def keys_are_made_once_a_session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # a process of several: they share the folder above
        folder = folder.parent
    new, create = pki._new_key, pki.Authority.create
    keys = _Keys(folder / "sandbox-keys", new)

    def with_a_new_key(*args: Any, **kwargs: Any) -> pki.Authority:
        with patch.object(pki, "_new_key", new):
            return create(*args, **kwargs)

    with patch.object(pki, "_new_key", keys.next), patch.object(pki.Authority, "create", with_a_new_key):
        yield
