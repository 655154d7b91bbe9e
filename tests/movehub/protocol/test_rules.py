"""The table of rules: which apply, and what is reported."""

from __future__ import annotations

from movehub.protocol.message import ErrorNotification
from movehub.protocol.rules import Level, Rule, broken_rules

from tests.support.examples import FI_ERRU, cgr_request

ALWAYS = Rule("X-1", "never right", "nowhere", Level.WARNING, (type(cgr_request()),), lambda _: True)
NEVER = Rule("X-2", "always right", "nowhere", Level.ERROR, (type(cgr_request()),), lambda _: False)
OTHER = Rule("X-3", "for others", "nowhere", Level.ERROR, (ErrorNotification,), lambda _: True)


def test_only_the_rules_that_apply_and_are_broken_are_reported_in_the_order_of_the_table() -> None:
    message = FI_ERRU.request(cgr_request(), to="DK")
    assert broken_rules((NEVER, OTHER, ALWAYS), message) == (ALWAYS,)


def test_a_rule_is_told_in_one_line_with_its_source() -> None:
    assert str(ALWAYS) == "X-1: never right [nowhere]"
