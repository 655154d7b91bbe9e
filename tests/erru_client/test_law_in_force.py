"""What the law in force demands beside the schema, point by point: which rule or which test holds it.

Regulation (EU) 2016/480 as amended by (EU) 2023/2381, Regulation (EU) 2017/2205 and Regulation (EU) 2022/695.
"""

from __future__ import annotations

import re
from typing import Final

import pytest

from erru_client.rules import RULES
from tests.support.official import REPOSITORY

TESTS = REPOSITORY / "tests"
#: The points, where the law is compared with this library. It lies beside the project.
FACTS = REPOSITORY.parent / "shared" / "facts" / "erru_in_force.md"

#: Each point of the law, with the rules that hold it and the tests that fail without it.
POINTS: Final[dict[str, tuple[str, ...]]] = {
    "CGR response, `Unfit`": ("CGR-4", "test_an_unfit_manager_needs_both_dates"),
    "CGR response": ("CGR-10", "CGR-11"),
    "NU": (
        "NU-1",
        "test_a_notification_without_a_date_leaves_if_the_call_names_the_rule",
        "test_a_rule_that_the_call_names_does_not_stop_a_posted_notification",
        "test_a_notification_without_a_date_has_both_readings_and_neither_is_chosen",
        "test_a_notification_without_a_date_is_stored_and_the_log_names_both_readings",
        "test_erru_show_prints_a_message_and_the_rules_it_breaks",
        "test_erru_nu_from_a_file_leaves_the_start_out_only_if_told_to",
    ),
    "NCR": ("NCR-1", "NCR-3"),
    "NCR response": (
        "NCRR-3",
        "test_minor_infringements_alone_need_a_response_too",
        "test_a_response_about_a_known_undertaking_is_not_sent_without_it",
        "test_the_response_is_due_six_weeks_after_the_last_final_decision_and_not_after_a_clean_check",
    ),
    "NCR acknowledgement": (
        "test_the_receipt_for_a_response_names_the_authority_that_sent_the_response",
        "test_a_responder_does_not_put_its_own_authority_into_the_receipt_for_a_response",
    ),
    "Penalty requested": ("NCR-12",),
    "CTUD response": (
        "CTUD-2",
        "CTUD-4",
        "test_one_criterion_cannot_even_be_built",
        "test_ctud_finds_an_undertaking_by_the_number_of_a_certified_true_copy",
        "test_every_undertaking_of_the_sandbox_breaks_no_rule_about_its_data",
    ),
    "CTUD search": (
        "test_special_characters_blanks_and_case_do_not_count",
        "test_ctud_finds_an_undertaking_however_its_numbers_are_written",
    ),
    "Risk": ("CTUD-3", "test_a_rating_has_one_band_or_none_without_a_check"),
    "RSI": (
        "test_a_member_state_says_ok_or_not_found_and_has_received_it_in_both_cases",
        "test_rsi_is_ok_where_the_undertaking_is_known_and_received_elsewhere_too",
        "test_rsi_of_one_case_may_have_an_initial_and_a_detailed_message",
    ),
    "Infringement texts": (
        "test_each_wording_is_that_of_the_law",
        "test_a_wording_keeps_the_condition_that_makes_the_infringement",
        "test_128_pairs_are_certain_21_very_likely_and_4_open",
        "test_an_open_code_has_each_row_that_it_may_be",
        "test_the_command_shows_wording_grade_row_and_legal_basis",
        "test_the_page_has_each_code_with_its_wording_and_grade",
    ),
    "Deadlines": (
        "test_a_notification_is_due_within_six_weeks_of_the_final_decision_annex_viii_2_4",
        "test_a_response_is_due_within_six_weeks_of_the_final_decision_annex_viii_2_5",
        "test_an_answer_is_due_within_ten_seconds_annex_vi_1_5_1",
        "test_an_answer_is_due_before_the_hub_stops_waiting",
    ),
}


def test_every_rule_and_every_test_that_holds_a_point_is_there() -> None:
    """Each rule has a message that breaks it, and it alone: `test_rules.py`."""
    text = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    known = {rule.id for rule in RULES} | set(re.findall(r"^def (test_\w+)\(", text, re.MULTILINE))
    assert {name for names in POINTS.values() for name in names} - known == set()


def test_no_point_of_the_comparison_with_the_law_is_missing() -> None:
    if not FACTS.is_file():
        pytest.skip(f"the comparison with the law is not in {FACTS}")
    lines = [line for line in FACTS.read_text("utf-8").splitlines() if line.startswith("| ")]
    points = [line.split("|")[1].strip() for line in lines]
    assert points[1:] == list(POINTS)
