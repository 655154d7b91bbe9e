"""Records: frozen values whose types say how they stand in XML.

`record` makes a class a record, and `wire` names a field that breaks the naming rule. `plan_of` says what the
types of a record mean for its element, and `plan_in` what they mean in one edition: the codec compiles its
readers and writers from that. `Uuid` and the functions for instants are the values that Python does not have
in the form of the wire. `PersonalText` and `PersonalDate` mark what may never reach a log.
"""

from movehub.records.editions import plan_in
from movehub.records.extra import (
    Extra,
    as_pairs,
    extra,
    restricted,
    with_extra,
)
from movehub.records.personal import PersonalDate, PersonalText, decoded
from movehub.records.record import (
    Attribute,
    Child,
    Plan,
    paths,
    plan_of,
    record,
    record_fields,
    value_type,
    wire,
)
from movehub.records.values import (
    Kind,
    Uuid,
    VerbatimText,
    collapse,
    is_xml,
    kind_of,
    read_text,
    read_texts,
    write_code,
    write_instant,
    write_text,
)

__all__ = [
    "Attribute",
    "Child",
    "Extra",
    "Kind",
    "PersonalDate",
    "PersonalText",
    "Plan",
    "Uuid",
    "VerbatimText",
    "as_pairs",
    "collapse",
    "decoded",
    "extra",
    "is_xml",
    "kind_of",
    "paths",
    "plan_in",
    "plan_of",
    "read_text",
    "read_texts",
    "record",
    "record_fields",
    "restricted",
    "value_type",
    "wire",
    "with_extra",
    "write_code",
    "write_instant",
    "write_text",
]
