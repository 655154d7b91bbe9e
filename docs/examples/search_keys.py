"""Get search keys from your own command, then find a misspelt name by custom search."""

from __future__ import annotations

import ssl
import sys

from movehub.names import CommandSearchKeys, HttpSearchKeys, SearchKeys, Wanted, search
from movehub.sandbox import ReferenceRegister, holders

#: A stand-in for your program around the Commission's library: lines in, lines out.
PROGRAM = """
import sys
from movehub.names import family_name_key, first_name_key
for line in sys.stdin:
    kind, name = line.rstrip("\\n").split("\\t")
    print((family_name_key if kind == "full" else first_name_key)(name), flush=True)
"""


def from_a_service(url: str, authority: str) -> SearchKeys:
    context = ssl.create_default_context(cafile=authority)
    with HttpSearchKeys(url, context) as provider:
        return provider.keys("Creighton-Ward", "Penelope Jane")


def from_a_command(*command: str) -> SearchKeys:
    with CommandSearchKeys(command) as provider:
        return provider.keys("Creighton-Ward", "Penelope Jane")


def beside_the_keys() -> None:
    with ReferenceRegister() as register:
        register.add(holders(10_000))
        someone = next(iter(holders(1)))
        misspelt = someone.family_name[:2] + someone.family_name[1:2] + "r" + someone.family_name[2:]
        wanted = Wanted(
            family_name=misspelt, first_name=someone.first_name, date_of_birth=someone.date_of_birth
        )
        for hit in search(register, wanted):
            print(hit.found_by.value, "-", hit.explain())


def main() -> None:
    keys = from_a_command(sys.executable, "-c", PROGRAM)
    print(keys.family_name, keys.first_name)
    beside_the_keys()


if __name__ == "__main__":
    main()
