"""Cases that broke the systems people use today: each has a test of ours that names it, beside what it tests."""

import re

import pytest

from tests.house.files import ROOT

POINTS_AND_MONEY = {
    "buy, earn, return, keep the points",
    "a wallet topped up with itself",
    "two quotes confirmed at once: a 100-point card ends at −100",
    "confirm pressed twice on a bad line counts twice",
    "an offline till's retry doubles the points",
    "a single-use voucher used by two at the same moment",
    "gift card overspent concurrently",
    "float −1e-14 refuses a valid coupon",
    "a 100 % discount leaves 0.01",
    "70 % voucher on goods at 40 % off: free orders",
    "a zero-value discount miscounts usage",
    "a cancellation miscounts usage",
    "whole points cannot clear a decimal bill",
    "earned on one document type, redeemed on another, never deducted",
    "changing the expiry rule rewrites old points",
    "refund rounding",
    "negative silently set to zero",
    "debit larger than the lots leaves no debt",
    "bulk codes stop at 250,000 of 2,500,000 on a collision",
    "tier minimum ignored for years",
    "spending points demotes (tier read from the balance)",
    "returns do not revert tier, limits, counters",
    "editing a tier does not recalculate",
    "visitor's zone against UTC removes a reward after payment",
    "merged customers' second card dead",
    "till loads every card (100,000: stalls)",
    "144 programmes × 6,500 products: 55 s to open",
}
MESSAGES_AND_JOURNEYS = {
    "one rejected recipient: the rest are sent again, for ever",
    "resume restarts the list (five copies); restart skips those fetched but unsent",
    "a restored backup sends long-past campaigns",
    're-entry schedules two runs; "no restart" ignored',
    "hours read in UTC",
    "a window across midnight (22–06) read as 06–22",
    "hour ranges misfire at a clock change",
    "a frequency node that logs an error and lets the person fall out",
    "a GET unsubscribe: mail scanners unsubscribe everyone",
    "an out-of-office reply counted as unsubscribe",
    "a removed and re-added target mailed again",
    "CSAT in the wrong language",
    "40 minutes to rebuild one segment at 260,000 people",
    "a mistaken filter's 20-minute count that cannot be cancelled",
}
PEOPLE_AND_FILES = {
    "a shared computer merges two people",
    "one never subscribed gets mail",
    "a merge drops links",
    "self-merge deletes the contact",
    "an import freezes on one odd character",
    "an import fails halfway and cannot resume",
    "an import duplicates the same e-mail",
    "imported history is dated now",
    "export and erasure disagree; the value profile is in neither",
}
CASES_OF_COMPLAINT = {
    "an SLA ignores business hours, lunch, weekends",
    "hold time added wrongly across holidays",
    "a changed SLA rewrites statistics",
    "one survey's fatigue guard ignores the others",
}
MODELS = {
    "fits that diverge or overflow on large frequency or T",
    "NaN for customers with one purchase",
    "NaN for customers with zero spend",
    "silent wrong units (days, weeks)",
    "a million customers too slow",
    "no covariates",
    "no interval around the number",
}

# A lesson stands in the line above a test, or is the first thing in it.
_NAMED = re.compile(
    r"^[ ]*# lesson: (?P<above>[^\n]+)\n(?:[ ]*[#@][^\n]*\n)*def test_"
    r'|^def test_\w+\((?:[^)]*)\)(?: -> None)?:\n(?:[ ]+[^\n]+\n){0,3}?[ ]+(?:"""|# )lesson: (?P<within>[^\n]+)',
    re.MULTILINE,
)


def named(text: str) -> list[str]:
    """Return the lessons that the tests of a source name."""
    return [(found["above"] or found["within"]).rstrip('"') for found in _NAMED.finditer(text)]


@pytest.mark.slow
def test_every_case_has_a_test_that_names_it():
    sources = [*(ROOT / "troth").rglob("test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    told = "\n".join(lesson for path in sources for lesson in named(path.read_text(encoding="utf-8")))
    cases = POINTS_AND_MONEY | MESSAGES_AND_JOURNEYS | PEOPLE_AND_FILES | CASES_OF_COMPLAINT | MODELS
    assert {case for case in cases if case not in told} == set()


def test_a_lesson_counts_only_where_a_test_stands_under_it():
    assert named("# lesson: a\n@slow\ndef test_x():\n    pass\n") == ["a"]
    assert named('def test_x(b):\n    """lesson: c."""\n') == ["c."]
    assert named("def test_x(b):\n    y = 1\n    # lesson: c\n") == ["c"]
    assert named("# lesson: a\nX = 1\n") == []
