"""The official schemas of ERRU, to compare ours with.

They are the Commission's and not part of this project. Whoever has them lays them beside the repository, in
`../shared/wire/erru-<version>`; without them the comparison is skipped.
"""

import re
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

REPOSITORY = Path(__file__).resolve().parents[2]
WIRE = REPOSITORY.parent / "shared" / "wire"
SPECIMENS = REPOSITORY / "tests" / "specimens"
#: Ours, as installed: from the checkout or from a wheel.
SCHEMAS = Path(str(files("movehub_xsd")))


@cache
def official_schema(version: str, root: str) -> etree.XMLSchema:
    """Return the official schema of one message: each root has its own, and they cannot be joined."""
    folder = WIRE / f"erru-{version}"
    if not folder.is_dir():
        pytest.skip(f"the official schemas of ERRU {version} are not in {folder}")
    return etree.XMLSchema(etree.parse(folder / f"{root}.xsd"))


@cache
def our_schema(system: str, version: str) -> etree.XMLSchema:
    """Return our schema of one edition: all its messages in one."""
    return etree.XMLSchema(etree.parse(our_schema_path(system, version)))


def our_schema_path(system: str, version: str) -> Path:
    """Return where our schema of an edition lies."""
    return SCHEMAS / system / version / f"{system}.xsd"


def schema_folder(folder: Path, system: str, version: str) -> Path:
    """Copy our schema of one edition into a folder, as if it were an official one, and return the folder."""
    for part in ("common", f"{system}/messages", f"{system}/{version}"):
        shutil.copytree(SCHEMAS / part, folder / part)
    return folder


def specimens(system: str, version: str) -> dict[str, bytes]:
    """Return the specimens of a system by file name, as one of its editions writes them.

    A folder named after a version has what this edition writes otherwise.
    """
    paths = (*(SPECIMENS / system).glob("*.xml"), *(SPECIMENS / system / version).glob("*.xml"))
    found = {path.name: in_edition(version, path.read_bytes()) for path in paths}
    return dict(sorted(found.items()))


def in_edition(version: str, document: bytes) -> bytes:
    """Return a document with the namespace and the version of another edition."""
    text = re.sub(r"/move-hub/(erru|tachonet)/[0-9.]+", rf"/move-hub/\1/{version}", document.decode())
    return re.sub(r'(<[\w:]*Header version=)"[0-9.]+"', rf'\1"{version}"', text).encode()
