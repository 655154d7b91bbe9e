"""The table of infringement codes, and the wording of the law for each."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from lxml import etree
from typer.testing import CliRunner

from erru_client import INFRINGEMENTS, Grade, InfringementCategory, category_of
from erru_client.cli import app
from tests.support.official import REPOSITORY, SCHEMAS

SCHEMA = SCHEMAS / "erru" / "messages" / "infringement_types.xsd"
#: The comparison of codes and rows, with a ground for each pair. It lies beside the project.
FACTS = REPOSITORY.parent / "shared" / "facts" / "erru_infringement_texts.en.tsv"


def test_the_table_has_exactly_the_codes_of_the_schema() -> None:
    listed = [each.get("value") for each in etree.parse(SCHEMA).iter("{*}enumeration")]
    assert list(INFRINGEMENTS) == sorted(map(str, listed))
    assert len(INFRINGEMENTS) == 153


@pytest.mark.parametrize("code", ["502", "830", "831", "000", ""])
def test_a_code_that_was_taken_out_or_never_was_has_no_category(code: str) -> None:
    with pytest.raises(KeyError):
        category_of(code)


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("101", InfringementCategory.MOST_SERIOUS),
        ("702", InfringementCategory.MOST_SERIOUS),
        ("800", InfringementCategory.VERY_SERIOUS),
        ("879", InfringementCategory.VERY_SERIOUS),
        ("900", InfringementCategory.SERIOUS),
        ("952", InfringementCategory.SERIOUS),
    ],
)
def test_the_category_follows_from_the_block(code: str, category: InfringementCategory) -> None:
    assert category_of(code) is category


def test_there_are_as_many_of_each_category_as_rows_in_the_law() -> None:
    """Regulation (EU) 2016/403, Annex I, as amended by 2022/694."""
    counted = Counter(infringement.category.value for infringement in INFRINGEMENTS.values())
    assert counted == {"MSI": 22, "VSI": 78, "SI": 53}


def test_every_row_of_the_law_is_used_and_only_an_open_one_for_several_codes() -> None:
    groups = (41, 28, 12, 10, 2, 4, 2, 2, 24, 7, 8, 5, 1, 7)
    used = Counter(row.row for each in INFRINGEMENTS.values() for row in each.rows)
    assert set(used) == {
        f"{group}/{row}" for group, size in enumerate(groups, 1) for row in range(1, size + 1)
    }
    assert {row for row, codes in used.items() if codes > 1} == {"1/4", "1/7", "1/10", "1/13"}


def test_128_pairs_are_certain_21_very_likely_and_4_open() -> None:
    counted = Counter(each.grade for each in INFRINGEMENTS.values())
    assert counted == {Grade.A: 18, Grade.B: 63, Grade.C: 47, Grade.D: 21, Grade.E: 4}
    assert sum(count for grade, count in counted.items() if grade.certain) == 128


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("101", {"1/10", "1/13"}),
        ("102", {"1/4", "1/7"}),
        ("103", {"1/4", "1/7", "1/10", "1/13"}),
        ("104", {"1/4", "1/7", "1/10", "1/13"}),
    ],
)
def test_an_open_code_has_each_row_that_it_may_be(code: str, rows: set[str]) -> None:
    """101 meant "six-day or fortnightly", 102 any daily limit. 103 and 104 are new, without a public text."""
    assert {each.row for each in INFRINGEMENTS[code].rows} == rows


def test_each_wording_is_that_of_the_law() -> None:
    if not FACTS.is_file():
        pytest.skip(f"the wording of the law is not in {FACTS}")
    with FACTS.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            ours = INFRINGEMENTS[line["code"]]
            row = next(each for each in ours.rows if each.row == line["row"])
            assert (row.wording, row.threshold) == (line["wording"], line["threshold"])
            assert row.legal_basis == line["article"].removeprefix("(no article given) ")
            assert (ours.category.value, ours.grade.value) == (line["category"], line["why"][0])
            assert ours.grade.certain is (line["certain"] == "yes")


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("202", "Having in the vehicle and/or using"),
        ("204", "Having and/or using"),
        ("402", "leads to a decision to immobilise the vehicle"),
        ("403", "leads to a decision to immobilise the vehicle"),
        ("824", "which has an impact on the record of relevant data"),
        ("836", "48h if possibilities to extend to 60h already consumed"),
        ("837", "if no derogation under Article 8 granted"),
        ("840", "if no derogation under Article 8 granted"),
        ("866", "Regular weekly rest period or any"),
        ("871", "within the duration of the roadside check"),
        ("875", "no later than at the commencement of the posting"),
        ("915", "between 22.00 and 6.00"),
        ("918", "if no derogation under Article 8 granted"),
        ("921", "if no derogation under Article 8 granted"),
        ("930", "trailer/semi-trailer"),
        ("947", "outside the vehicle"),
    ],
)
def test_a_wording_keeps_the_condition_that_makes_the_infringement(code: str, condition: str) -> None:
    (row,) = INFRINGEMENTS[code].rows
    assert condition in row.text


def test_a_text_says_which_extent_belongs_to_the_category() -> None:
    assert INFRINGEMENTS["901"].rows[0].text.endswith("(10h ≤ … < 11h)")
    assert INFRINGEMENTS["800"].rows[0].text.endswith("(11h ≤ …)")
    assert INFRINGEMENTS["829"].rows[0].text == "Refusing to be checked"


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        INFRINGEMENTS["830"] = INFRINGEMENTS["829"]  # type: ignore[index]


def show(*codes: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["infringements", *codes])
    return result.exit_code, result.output.splitlines()


def test_the_command_shows_wording_grade_row_and_legal_basis() -> None:
    code, lines = show("901")
    assert code == 0
    (line,) = [line for line in lines if line.startswith("901")]
    assert line.split()[:4] == ["901", "SI", "C", "1/2"]
    assert "Exceed daily driving time of 9h" in line
    assert "(10h ≤ … < 11h)" in line
    assert "Article 6(1), Regulation (EC) No 561/2006" in line


def test_the_command_shows_every_candidate_of_an_open_code() -> None:
    _, lines = show("101")
    assert [line.split()[:4] for line in lines if line.startswith("101")] == [
        ["101", "MSI", "E", "1/10"],
        ["101", "MSI", "E", "1/13"],
    ]


def test_the_command_without_a_code_shows_all() -> None:
    _, lines = show()
    assert {line.split()[0] for line in lines if line[:1].isdigit()} == set(INFRINGEMENTS)


def test_the_command_refuses_a_code_that_does_not_exist() -> None:
    assert show("830")[0] == 4
