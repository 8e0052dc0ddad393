"""Reading a document: everything wrong is named with its line, its path and the way out, in both languages."""

import json

import pytest
from django.utils import translation

from troth.programs.document.reading import json_schema, read_document, stored_document, to_json
from troth.programs.errors import DocumentInvalidError
from troth.programs.tests.making import BASE, HEAD

pytestmark = pytest.mark.django_db


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(DocumentInvalidError) as caught:
        read_document(text)
    return [(one.line, one.path, one.code) for one in caught.value.problems]


def one_rule(rest: str, head: str = "") -> str:
    return HEAD + head + "rules:\n  - code: one\n    name: One\n" + rest


FIXED = "    effect: {type: fixed, points: 1}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", (1, "", "empty")),
        ("- a", (1, "", "not_a_programme")),
        ("a: [1\nb: 2", (2, "", "not_yaml")),
        ("a: 1\n\na: 2", (3, "a", "key_twice")),
        ("a: &x 1\nb: *x", (2, "", "alias")),
        ("name: A\ncurrency: CNY", (1, "programme", "missing")),
        (HEAD + "rulez: []", (4, "rulez", "extra_forbidden")),
        (HEAD + "time_zone: Shanghai", (4, "time_zone", "unknown_zone")),
        (one_rule(""), (5, "rules[0].effect", "missing")),
        (one_rule("    effect: {points: 1}"), (7, "rules[0].effect", "union_tag_not_found")),
        (one_rule("    effect: {type: fix}"), (7, "rules[0].effect", "union_tag_invalid")),
        (one_rule("    effect:\n      type: fixed\n      points: -1"), (9, "rules[0].effect.points", "greater_than")),
        (
            one_rule("    effect:\n      type: fixed\n      points: 1.5"),
            (9, "rules[0].effect.points", "int_from_float"),
        ),
        (one_rule("    on: dance\n" + FIXED), (7, "rules[0].on", "unknown_event")),
        (one_rule("    on: a.b.c\n" + FIXED), (7, "rules[0].on", "unknown_event")),
        (one_rule("    group: g\n" + FIXED), (7, "rules[0].group", "unknown_code")),
        (one_rule("    budget: b\n" + FIXED), (7, "rules[0].budget", "unknown_code")),
        (one_rule("    exclusive: true\n" + FIXED), (7, "rules[0].exclusive", "exclusive_alone")),
        (one_rule("    nth: {at: 1, every: 2}\n" + FIXED), (7, "rules[0].nth", "nth_one")),
        (one_rule("    caps:\n      - {per: member}\n" + FIXED), (8, "rules[0].caps[0]", "cap_one")),
        (one_rule("    pending: {}\n" + FIXED), (7, "rules[0].pending", "pending_one")),
        (one_rule("    pending: {event: a.b.c}\n" + FIXED), (7, "rules[0].pending.event", "unknown_event")),
        (
            one_rule("    pending: {days: 1, within_days: 2}\n" + FIXED),
            (7, "rules[0].pending.within_days", "pending_within"),
        ),
        (one_rule("    valid: {from: 2026-2-1}\n" + FIXED), (7, "rules[0].valid.from", "date_from_datetime_parsing")),
        (one_rule("    valid: {from: 2026-02-02, until: 2026-02-01}\n" + FIXED), (7, "rules[0].valid", "days_swapped")),
        (one_rule("    effect: {type: badge, badge: b}"), (7, "rules[0].effect.badge", "unknown_code")),
        (one_rule("    effect: {type: multiplier, factor: 2}"), (7, "rules[0].effect", "nothing_multiplied")),
        (
            one_rule("    effect: {type: multiplier, factor: 2, of: [two]}"),
            (7, "rules[0].effect.of[0]", "unknown_code"),
        ),
        (
            one_rule(
                "    effect:\n"
                "      type: stepped\n"
                "      steps:\n"
                "        - {from: 9, points: 2}\n"
                "        - {from: 5, points: 3}"
            ),
            (11, "rules[0].effect.steps[1]", "steps_descend"),
        ),
        (
            one_rule(
                "    when:\n      all:\n        - {field: time.weekday, operator: any_of, value: [sonntag]}\n" + FIXED
            ),
            (9, "rules[0].when.all[0].value", "wrong_value"),
        ),
        (
            one_rule("    lines: {field: line.colour, operator: is, value: red}\n" + FIXED),
            (7, "rules[0].lines.field", "unknown_field"),
        ),
        (
            one_rule("    budget: b\n" + FIXED, head="budgets: [{code: b, money: 5}]\n"),
            (8, "rules[0].budget", "unit_cost_missing"),
        ),
        (HEAD + "budgets:\n  - {code: b}", (5, "budgets[0]", "budget_one")),
        (HEAD + "dayparts:\n  late: {from: 22:00, until: 22:00}", (5, "dayparts.late", "empty_part")),
        (
            HEAD + "tiers:\n  ladder:\n    - {code: a, name: A, reach: {spend: 9}}\n    - {code: b, name: B}",
            (7, "tiers.ladder[1]", "reach_missing"),
        ),
        (
            HEAD + "tiers:\n"
            "  ladder:\n"
            "    - {code: a, name: A, reach: {spend: 9}}\n"
            "    - {code: b, name: B, reach: {spend: 8}}",
            (7, "tiers.ladder[1].reach", "ladder_descends"),
        ),
        (
            HEAD + "tiers:\n  ladder:\n    - {code: a, name: A, reach: {spend: 9}, keep: {spend: 10}}",
            (6, "tiers.ladder[0].keep", "keep_above_reach"),
        ),
        (
            HEAD + "tiers:\n  ladder:\n    - {code: a, name: A, reach: {}}",
            (6, "tiers.ladder[0].reach", "requirement_one"),
        ),
        (
            HEAD + BASE + "challenges:\n  - {code: base, name: B, goal: 2, reward: {type: fixed, points: 1}}",
            (9, "challenges[0].code", "code_twice"),
        ),
        (
            one_rule("    on: customers.tag.added\n    effect: {type: per_item, points: 1}"),
            (8, "rules[0].effect", "needs_order"),
        ),
    ],
)
def test_each_mistake_is_named_where_it_stands(text, wanted):
    assert problems(text) == [wanted]


def test_all_mistakes_are_named_at_once():
    found = problems("programme: X\ncurrency: yuan\nname: {en: A}\nrules: {}\n")
    assert [code for _line, _path, code in found] == [
        "string_pattern_mismatch",
        "string_pattern_mismatch",
        "tuple_type",
    ]


def test_a_mistake_says_the_way_out_in_both_languages():
    with pytest.raises(DocumentInvalidError) as english:
        read_document(one_rule("    group: g\n" + FIXED))
    assert str(english.value) == "line 7: rules[0].group: there is no “g”; it is one of: -"
    with translation.override("zh-hans"), pytest.raises(DocumentInvalidError) as chinese:
        read_document(one_rule("    group: g\n" + FIXED))
    assert str(chinese.value) == "第 7 行：rules[0].group：没有“g”；可选：-"


def test_json_is_read_as_well_and_gives_the_same_programme():
    document = read_document(HEAD + BASE)
    assert read_document(json.dumps(to_json(document), indent=1)) == document
    assert stored_document(json.loads(json.dumps(to_json(document)))) == document


def test_yaml_words_that_mean_other_things_elsewhere_are_texts_here():
    document = read_document(
        HEAD + "dayparts: {late: {from: 22:30, until: 06:00}}\n" + one_rule("    on: order\n" + FIXED)[len(HEAD) :]
    )
    assert document.rules[0].on == "order"
    assert f"{document.dayparts['late'].start:%H:%M}" == "22:30"


def test_amounts_are_exact_however_they_are_written():
    document = read_document(HEAD + "unit_costs: {points: 0.1}\n")
    assert str(document.unit_costs["points"]) == "0.1"


def test_the_schema_can_be_handed_to_an_editor():
    schema = json_schema()
    assert schema["required"] == ["programme", "name", "currency"]
    assert set(schema["properties"]) >= {"rules", "tiers", "budgets", "excludes"}
