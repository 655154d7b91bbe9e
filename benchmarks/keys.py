"""Search keys: names a second on one core, and beside functions that others have written.

Names are of every alphabet of the Union, in equal parts: ASCII, Latin with marks, Greek and Cyrillic. Ours
writes a name in ASCII first; jellyfish and abydos take it as it stands, and their keys of other letters than
A to Z mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import jellyfish
from movehub.sandbox.holders import holders
from movehub.search_keys import family_name_key

from .measuring import Function, compared
from .results import Result

#: Typical names, script by script; measured apart and together.
NAMES = {
    "ASCII": "Kowalski Brown van-der-Berg Schmidt Creighton-Ward O'Brien Rossi Dupont Johansson Popescu",
    "Latin with marks": "Müller Åström Łukasiewicz Žižić Dvořák Sørensen Ştefănescu Gonçalves Núñez Kővári",
    "Greek": "Παπαδόπουλος Γεωργίου Ευαγγέλου Μπακογιάννης Καραγιάννη Οικονόμου Παυλίδης Αγγελόπουλος",
    "Cyrillic": "Иванов Щърбанов Димитрова Георгиев Ковальчук Шевченко Петров Стоянов Николова Живковић",
}

_EVERY = "all four alphabets"


def results() -> Iterator[Result]:
    """Measure each alphabet, all together, and invented holders."""
    groups = {group: names.split() for group, names in NAMES.items()}
    groups[_EVERY] = [name for names in groups.values() for name in names]
    groups["2,000 invented holders"] = [holder.family_name for holder in holders(2_000)]
    for group, names in groups.items():
        found = compared(
            lambda names=names: [jellyfish.nysiis(name) for name in names],  # type: ignore[misc]
            {"ours": lambda names=names: [family_name_key(name) for name in names], **_others(names)},  # type: ignore[misc]
        )
        ours = found["ours"]
        rate, noise = len(names) / ours.seconds, ours.noise / ours.value
        wanted = group == _EVERY
        yield Result(
            "Search keys",
            f"names a second, {group}",
            rate,
            rate * noise,
            "",
            least=250_000 if wanted else None,
        )
        yield Result(
            "Search keys",
            f"beside jellyfish, {group}",
            ours.value,
            ours.noise,
            most=8 if wanted else None,
        )
        if "abydos" in found:
            value, spread = found["abydos"].value / ours.value, found["abydos"].noise / ours.value
            yield Result("Search keys", f"abydos, in times ours, {group}", value, spread)


def _others(names: list[str]) -> dict[str, Function]:
    if not find_spec("abydos"):
        return {}
    from abydos.phonetic import NYSIIS

    encode = NYSIIS(max_length=-1).encode
    return {"abydos": lambda: [encode(name) for name in names]}
