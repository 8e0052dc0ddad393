"""Parts of a draft as forms: only that part of the text changes, and only into what is right."""

import json
from typing import Any

import pytest
from django.urls import reverse

from troth.access.permissions import Role
from troth.console.conftest import SignIn
from troth.console.programmes.patching import put
from troth.console.programmes.starters import STARTERS
from troth.console.programmes.tests.test_screens import TEXT, asked, do, page, programme
from troth.programs.document.source import parse
from troth.programs.models import Programme

__all__ = ["programme"]  # the fixture

MONDAY = {"all": [{"field": "time.weekday", "operator": "any_of", "value": ["monday"]}]}


def test_changing_a_part_keeps_comments_and_all_other_lines(company: Any):
    text = STARTERS[0].text(programme="a", name="b", name_zh="", currency="CNY", points="points")
    changed = put(text, ("rules", 0, "name"), "Base")
    before, after = text.split("\n"), changed.split("\n")
    assert [line for line in before if line not in after] == [
        '    name: {en: "1 point per 1 spent", zh: 消费 1 元积 1 分}'
    ]
    assert [line for line in after if line not in before] == ["    name: Base"]
    assert parse(put(text, ("rules", 3), None)).value["rules"] == parse(text).value["rules"][:3]
    assert parse(put('{"a": [1, 2]}', ("a", 1), {"b": 3})).value == {"a": [1, {"b": 3}]}
    assert put("a: 1", ("b",), "x") == "a: 1\nb: x\n"


def test_a_rule_is_changed_by_its_form(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    text = page(browser, "part", programme.id, "rule", "1")
    assert 'value="Weekend ×2"' in text
    assert '"time.weekday"' in text
    given = {"code": "weekend", "name-en": "Monday ×3", "effect-type": "multiplier", "effect-factor": "3"}
    extra = {"counts_for_tier": "yes", "definition": json.dumps(MONDAY), "caps-0-points": "500", "caps-0-period": "day"}
    answer = do(browser, "part", programme.id, "rule", "1", **given, **extra)
    assert answer.headers["Location"] == reverse("programmes:edit", args=[programme.id])
    programme.refresh_from_db()
    rules = parse(programme.draft_text).value["rules"]
    assert rules[0] == parse(TEXT).value["rules"][0]
    assert rules[1] == {
        "code": "weekend",
        "name": {"en": "Monday ×3"},
        "when": MONDAY,
        "effect": {"type": "multiplier", "factor": 3},
        "caps": [{"points": 500, "period": "day"}],
    }


def test_a_wrong_value_is_named_and_nothing_saved(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    given = {"code": "Big One", "name-en": "Big", "effect-type": "fixed", "effect-points": "many"}
    answer = do(browser, "part", programme.id, "rule", "new", **given)
    assert answer.status_code == 422
    assert "rules[2].effect.points" in answer.content.decode()
    do(browser, "remove_part", programme.id, "rule", "0")  # nothing would be left to multiply
    programme.refresh_from_db()
    assert programme.draft_text == ""
    assert do(sign_in(Role.AGENT), "part", programme.id, "rule", "0").status_code == 403


@pytest.mark.parametrize(("kind", "place"), [("rule", "9"), ("rule", "x"), ("what", "0"), ("budget", "0")])
def test_a_part_that_is_not_there_is_not_found(sign_in: SignIn, programme: Programme, kind: str, place: str):
    assert sign_in().get(reverse("programmes:part", args=[programme.id, kind, place])).status_code == 404


def test_tiers_and_budgets_are_added_and_taken_out(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    tier = {"code": "gold", "name-en": "Gold", "name-zh": "金卡", "reach-spend": "5000.5"}
    do(browser, "part", programme.id, "tier", "new", **tier)
    do(browser, "part", programme.id, "budget", "new", code="spring", **{"name-en": "Spring"}, points="1000")
    programme.refresh_from_db()
    found = parse(programme.draft_text).value
    assert found["tiers"]["ladder"][2]["name"] == {"en": "Gold", "zh": "金卡"}
    assert str(found["tiers"]["ladder"][2]["reach"]["spend"]) == "5000.5"
    assert found["budgets"] == [{"code": "spring", "name": {"en": "Spring"}, "points": 1000}]
    do(browser, "remove_part", programme.id, "budget", "0")
    programme.refresh_from_db()
    assert "budgets" not in parse(programme.draft_text).value


def test_the_condition_is_said_while_it_is_made(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    assert "Weekday is one of Monday" in asked(browser, "condition", programme.id, definition=json.dumps(MONDAY))
    assert "every order" in asked(browser, "condition", programme.id, definition='{"all": []}')
    wrong = {"all": [{"field": "time.hour", "operator": "at_least"}]}
    assert "Not complete yet" in asked(browser, "condition", programme.id, definition=json.dumps(wrong))
