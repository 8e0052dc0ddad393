"""Parts of a draft as forms: only that part of the text changes, and only into what is right."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from django.urls import reverse
from pydantic import BaseModel

from troth.access.permissions import Role
from troth.console.conftest import Browser, SignIn
from troth.console.programmes.parts.forms import FORMS
from troth.console.programmes.patching import move, put
from troth.console.programmes.starters import STARTERS
from troth.console.programmes.tests.test_screens import ACTOR, FRIDAY, TEXT, asked, do, page, programme
from troth.programs import services
from troth.programs.document import shapes
from troth.programs.document.reading import parse
from troth.programs.models import Programme

__all__ = ["programme"]  # the fixture

MONDAY = {"field": "time.weekday", "operator": "any_of", "value": ["monday"]}
EXAMPLE = Path(__file__).parents[4] / "examples" / "neighbour-club.yaml"
MODELS: dict[str, type[BaseModel]] = {
    "rule": shapes.Rule,
    "group": shapes.RuleGroup,
    "cap": shapes.ProgrammeCap,
    "budget": shapes.Budget,
    "challenge": shapes.Challenge,
    "streak": shapes.Streak,
    "badge": shapes.Badge,
    "tier": shapes.Tier,
    "excludes": shapes.Excludes,
}


class Form(HTMLParser):
    """What a browser would send of the form of a part: inputs that do not belong are left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.definitions: dict[str, str] = {}
        self.select = self.script = ""
        self.skipped = 0
        self.inside = 0
        self.feed(html)
        for name, text in self.definitions.items():
            self.sent[name] = [text]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form" and given.get("id") == "part-form":
            self.inside = 1
        if not self.inside:
            return
        if tag == "template" or (tag == "div" and (self.skipped or "hidden" in given)):
            self.skipped += 1
        name = given.get("name", "")
        if tag == "script":
            self.script = given.get("id", "")
        elif tag == "select":
            self.select = "" if self.skipped else name
        elif tag == "option" and self.select and "selected" in given:
            self.sent.setdefault(self.select, []).append(given["value"])
        elif tag == "input" and not self.skipped and (given.get("type") != "checkbox" or "checked" in given):
            if given.get("id", "").endswith("-input"):
                self.definitions.setdefault(name, "")
            else:
                self.sent.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and tag in ("template", "div"):
            self.skipped -= 1
        if tag == "form":
            self.inside = 0
        if tag == "script":
            self.script = ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.script.endswith("-definition") and not self.skipped:
            self.definitions[list(self.definitions)[-1]] = data


def opened(browser: Browser, found: Programme, kind: str, place: str) -> dict[str, list[str]]:
    return Form(page(browser, "part", found.id, kind, place)).sent


def sent(browser: Browser, found: Programme, kind: str, place: str, **changed: Any) -> Any:
    """Open a form, change some of it and send it."""
    return do(browser, "part", found.id, kind, place, **(opened(browser, found, kind, place) | changed))


def draft(found: Programme) -> Any:
    found.refresh_from_db()
    return parse(found.draft_text).value


@pytest.fixture
def club(programme: Programme) -> Programme:
    """The programme with the demo's document as its draft: every kind of part stands in it."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("programme: neighbour-club", "programme: club")
    return services.save_draft(actor=ACTOR, now=FRIDAY, programme_id=programme.id, text=text)


# --- the text


@pytest.mark.slow
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


def test_what_stands_in_brackets_is_written_anew_no_wider_than_needed():
    text = "# head\na: {b: 1, c: 2}  # gone\n# foot\nd: 3\n"
    assert put(text, ("a", "b"), 5) == "# head\na: {b: 5, c: 2}\n# foot\nd: 3\n"


def test_an_entry_changes_places_with_the_comments_above_it():
    text = "a:\n  # one\n  - x: 1\n  # two\n  - x: 2\n  - x: 3\nb: 1\n"
    assert move(text, ("a", 1), -1) == "a:\n  # two\n  - x: 2\n  # one\n  - x: 1\n  - x: 3\nb: 1\n"
    assert parse(move("a: [1, 2]", ("a", 0), 1)).value == {"a": [2, 1]}
    with pytest.raises(LookupError):
        move(text, ("a", 2), 1)


# --- the forms say everything


def test_every_key_of_every_part_has_an_input():
    for kind, model in MODELS.items():
        named = {field.alias or name for name, field in model.model_fields.items()}
        asked_for = {str(one.path[0]) for one in FORMS[kind].inputs() if one.path}
        either = {key for one in FORMS[kind].inputs() for key, _label in getattr(one, "keys", ()) if not one.path}
        assert named - asked_for - either == set(), kind
    head = {name for name in shapes.ProgrammeDocument.model_fields if name not in ("excludes", "tiers")}
    lists = {form.path[0] for form in FORMS.values() if form.is_list and form.path}
    assert head - {str(one.path[0]) for one in FORMS["head"].inputs()} == lists - {"tiers"}


@pytest.mark.parametrize(("kind", "union"), [("rule", shapes.Effect), ("challenge", shapes.Reward)])
def test_every_key_of_every_effect_has_an_input(kind: str, union: Any):
    key = "effect" if kind == "rule" else "reward"
    inputs = [one for one in FORMS[kind].inputs() if one.path[:1] == (key,)]
    for model in get_args(get_args(union)[0]):
        of = get_args(model.model_fields["type"].annotation)[0]
        given = {str(one.path[1]) for one in inputs if one.shown is None or of in one.shown.values}
        left = {"per", "amount", "rounding"} if key == "reward" else set()  # a reward is given once
        assert set(model.model_fields) - given <= left, of


@pytest.mark.slow
def test_opening_and_saving_any_form_changes_nothing(sign_in: SignIn, club: Programme):
    browser, before = sign_in(), club.draft_text
    value = parse(before).value
    places = [("head", "one"), ("excludes", "one"), ("ladder", "one")]
    for kind, form in FORMS.items():
        parts = value
        for key in form.path:
            parts = parts.get(key, [])
        places += [(kind, str(index)) for index in range(len(parts))] if form.is_list else []
    assert len(places) == 22
    for kind, place in places:
        answer = sent(browser, club, kind, place)
        assert answer.status_code == 302, (kind, place)
        club.refresh_from_db()
        assert club.draft_text == before, (kind, place)


# --- single forms


@pytest.mark.slow
def test_a_rule_is_changed_by_its_form(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    given = {"name-en": "Monday ×3", "name-zh": "", "effect-factor": "3", "when": json.dumps(MONDAY)}
    caps = {"caps.limit": "500", "caps.unit": "points", "caps.per": "member", "caps.period": "day"}
    answer = sent(browser, programme, "rule", "1", **given, **caps)
    assert answer.headers["Location"] == reverse("programmes:edit", args=[programme.id]) + "#part-rule-1"
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


@pytest.mark.slow
def test_a_rule_in_steps_over_some_goods_is_made(sign_in: SignIn, programme: Programme):
    fruit = {"field": "line.category", "operator": "is", "value": "Fruit"}
    given = {
        "code": "fruit",
        "name-en": "Fruit",
        "effect-type": "stepped",
        "effect-by": "items",
        "effect-steps.from": ["5", "10"],
        "effect-steps.points": ["20", "50.0"],
        "lines": json.dumps({"all": [fruit]}),
        "nth": "3",
        "nth-key": "every",
        "nth-period": "month",
        "pending-days": "14",
        "expires_days": "90",
        "counts_for_tier": [],
    }
    assert sent(sign_in(), programme, "rule", "new", **given).status_code == 302
    assert draft(programme)["rules"][2] == {
        "code": "fruit",
        "name": {"en": "Fruit"},
        "effect": {"type": "stepped", "by": "items", "steps": [{"from": 5, "points": 20}, {"from": 10, "points": 50}]},
        "lines": fruit,
        "counts_for_tier": False,
        "nth": {"every": 3, "period": "month"},
        "pending": {"days": 14},
        "expires_days": 90,
    }


@pytest.mark.slow
def test_another_effect_leaves_nothing_of_the_one_before(sign_in: SignIn, programme: Programme):
    given = {"effect-type": "fixed", "effect-points": "30"}
    assert sent(sign_in(), programme, "rule", "1", **given).status_code == 302
    assert draft(programme)["rules"][1]["effect"] == {"type": "fixed", "points": 30}


@pytest.mark.slow
def test_a_wrong_value_is_named_at_its_field_and_nothing_saved(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    given = {"code": "Big One", "name-en": "Big", "effect-type": "fixed", "effect-points": "many"}
    answer = do(browser, "part", programme.id, "rule", "new", **given)
    assert answer.status_code == 422
    text = answer.content.decode()
    wrong = json.loads(text.split('<script id="part-wrong" type="application/json">')[1].split("</script>")[0])
    assert [(one["name"], one["label"]) for one in wrong] == [("code", "Code"), ("effect-points", "How many points")]
    do(browser, "remove_part", programme.id, "rule", "0")  # nothing would be left to multiply
    programme.refresh_from_db()
    assert programme.draft_text == ""
    assert do(sign_in(Role.AGENT), "part", programme.id, "rule", "0").status_code == 403


@pytest.mark.parametrize(
    ("kind", "place"),
    [("rule", "9"), ("rule", "x"), ("what", "0"), ("budget", "0"), ("head", "0"), ("tier", "2"), ("ladder", "new")],
)
def test_a_part_that_is_not_there_is_not_found(sign_in: SignIn, programme: Programme, kind: str, place: str):
    assert sign_in().get(reverse("programmes:part", args=[programme.id, kind, place])).status_code == 404


@pytest.mark.slow
def test_basics_and_what_earns_nothing(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    day = {"dayparts.code": "evening", "dayparts.from": "18:00", "dayparts.until": "22:00"}
    costs = {"unit_costs.code": "points", "unit_costs.cost": "0.02"}
    assert sent(browser, programme, "head", "one", **day, **costs).status_code == 302
    sent(browser, programme, "excludes", "one", categories=["Tobacco", " "], tax=[])
    found = draft(programme)
    assert found["dayparts"] == {"evening": {"from": "18:00", "until": "22:00"}}
    assert str(found["unit_costs"]["points"]) == "0.02"
    assert found["excludes"] == {"categories": ["Tobacco"], "tax": False}
    assert found["rules"] == parse(TEXT).value["rules"]


@pytest.mark.slow
def test_goals_and_limits_are_made_and_taken_out(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    sent(browser, programme, "badge", "new", code="hero", **{"name-en": "Hero", "name-zh": "达人"})
    goal = {"goal": "10", "counts": "amount", "period": "month", "reward-type": "badge", "reward-badge": "hero"}
    sent(browser, programme, "challenge", "new", code="ten", **{"name-en": "Ten"}, **goal)
    row = {"length": "4", "every": "week", "repeats": "yes", "reward-type": "fixed", "reward-points": "40"}
    sent(browser, programme, "streak", "new", code="weeks", **{"name-en": "Weeks"}, **row)
    sent(browser, programme, "group", "new", code="offers", take="best")
    sent(browser, programme, "cap", "new", code="daily", limit="300", period="day", rules=["base"], per="member")
    sent(browser, programme, "budget", "new", code="spring", limit="99.5", **{"limit-key": "money"})
    found = draft(programme)
    assert found["badges"] == [{"code": "hero", "name": {"en": "Hero", "zh": "达人"}}]
    [challenge] = found["challenges"]
    assert (challenge["goal"], challenge["counts"], challenge["period"]) == (10, "amount", "month")
    assert challenge["reward"] == {"type": "badge", "badge": "hero"}
    [streak] = found["streaks"]
    assert (streak["length"], streak["every"], streak["repeats"]) == (4, "week", True)
    assert streak["reward"] == {"type": "fixed", "points": 40}
    assert found["groups"] == [{"code": "offers", "take": "best"}]
    assert found["caps"] == [{"code": "daily", "points": 300, "period": "day", "rules": ["base"]}]
    assert str(found["budgets"][0]["money"]) == "99.5"
    do(browser, "remove_part", programme.id, "badge", "0")  # the challenge gives it
    assert draft(programme)["badges"] == found["badges"]
    do(browser, "remove_part", programme.id, "cap", "0")
    assert "caps" not in draft(programme)


@pytest.mark.slow
def test_a_tier_with_two_ways_and_benefits(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    reach = {"reach.spend": ["5000.5", ""], "reach.points": ["", ""], "reach.visits": ["", "80"]}
    benefits = {"benefits.en": ["Free delivery"], "benefits.zh": ["免运费"]}
    sent(browser, programme, "tier", "new", code="gold", **{"name-en": "Gold"}, **reach, **benefits)
    sent(
        browser, programme, "ladder", "one", **{"window-type": "calendar", "window-period": "quarter"}, grace_days="30"
    )
    found = draft(programme)["tiers"]
    gold = found["ladder"][2]
    assert (str(gold["reach"]["any"][0]["spend"]), gold["reach"]["any"][1]) == ("5000.5", {"visits": 80})
    assert gold["benefits"] == [{"en": "Free delivery", "zh": "免运费"}]
    assert (found["window"], found["grace_days"]) == ({"type": "calendar", "period": "quarter"}, 30)


@pytest.mark.slow
def test_rules_change_places(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    do(browser, "move_part", programme.id, "rule", "1", to="up")
    assert [one["code"] for one in draft(programme)["rules"]] == ["weekend", "base"]
    assert do(browser, "move_part", programme.id, "rule", "0", to="up").status_code == 404


# --- while it is filled in


@pytest.mark.slow
def test_the_form_is_said_in_words_and_tried_before_it_is_saved(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    given = opened(browser, programme, "rule", "1") | {"effect-factor": ["3"], "touched": ["yes"]}
    url = reverse("programmes:part_preview", args=[programme.id, "rule", "1"])
    answer = browser.post(url, given, headers={"HX-Request": "true"}).content.decode()
    assert "3 times the points" in answer
    assert "factor: 3" in answer.split('<textarea id="text"')[1]
    wrong = browser.post(url, given | {"effect-factor": ["x"]}).content.decode()
    assert 'data-field="effect-factor"' in wrong
    programme.refresh_from_db()
    assert programme.draft_text == ""


@pytest.mark.slow
def test_conditions_know_their_facts(sign_in: SignIn, programme: Programme):
    browser = sign_in()
    found = browser.get(reverse("programmes:facts", args=[programme.id]), {"on": "customers.customer.created"}).json()
    codes = {field["code"] for group in found["groups"] for field in group["fields"]}
    assert "order.net_amount" not in codes
    assert "time.weekday" in codes
    lines = browser.get(reverse("programmes:facts", args=[programme.id]), {"on": "lines"}).json()
    assert [group["fields"][1]["code"] for group in lines["groups"]] == ["line.category"]
    assert browser.get(reverse("programmes:suggest"), {"field": "nothing"}).json() == {"values": []}


@pytest.mark.slow
def test_the_draft_is_listed_in_words_with_ways_to_its_forms(sign_in: SignIn, club: Programme):
    text = page(sign_in(language="zh-hans"), "edit", club.id)
    assert reverse("programmes:part", args=[club.id, "streak", "0"]) in text
    assert "连续四周" in text
    wrong = asked(sign_in(), "check", club.id, text="rules: [")
    assert 'id="outline"' not in wrong
    assert "Fresh hero" in asked(sign_in(Role.MANAGER), "check", club.id, text=club.draft_text)


@pytest.mark.slow
def test_forms_wait_while_the_text_is_wrong(sign_in: SignIn, programme: Programme):
    services.save_draft(actor=ACTOR, now=FRIDAY, programme_id=programme.id, text="rules: [")
    browser = sign_in()
    answer = browser.get(reverse("programmes:part", args=[programme.id, "rule", "0"]), follow=True)
    assert "forms open once they are mended" in answer.content.decode()
