"""The programmes in the documentation and in examples/ work, and earn what the page says."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.programs.compiling import compile_programme
from troth.programs.document.reading import read_document, stored_document, to_json
from troth.programs.evaluation import evaluate
from troth.programs.outcomes import Reason
from troth.programs.tests.making import NOBODY, basket, reasons
from troth.programs.tiers import ladder_of

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "programmes.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def test_the_cafe_of_the_page_earns_what_the_page_says():
    (text,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    saturday_afternoon = datetime(2026, 11, 21, 7, tzinfo=UTC)
    bought = basket(("Coffee", "64", "2"), ("Cake", "32", "1"), at=saturday_afternoon)
    found = evaluate(compile_programme(read_document(text)), bought, NOBODY)
    assert [(award.rule, award.amount) for award in found.awards] == [("base", 96), ("weekend", 96), ("cups", 2)]
    assert reasons(found)["early-cake"] == Reason.CONDITION


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_right_bilingual_and_survives_storing(path):
    document = read_document(path.read_text(encoding="utf-8"))
    assert stored_document(to_json(document)) == document
    named = [*document.rules, *document.challenges, *document.streaks, *document.badges]
    assert [one.code for one in named if not one.name.zh or one.name.zh == one.name.en] == []
    compile_programme(document)


def test_the_grocery_programme_explains_a_basket():
    text = (ROOT / "examples" / "neighbour-club.yaml").read_text(encoding="utf-8")
    tuesday_evening = datetime(2026, 11, 17, 11, tzinfo=UTC)  # 19:00 by the store's clock
    lines = (("Produce › Apples", "10", "4"), ("Grocery › Milk", "70", "3"), ("Fuel › Gasoline", "40", "1"))
    document = read_document(text)
    found = evaluate(compile_programme(document), basket(*lines, at=tuesday_evening, currency="USD"), NOBODY)
    fired = {one.rule: one.amount for one in found.outcomes if one.has_fired}
    assert fired == {"base": 80, "fresh": 10, "tuesday-evening": 160, "welcome": 100}
    assert reasons(found)["large-basket"] == "better_rule"
    ladder = ladder_of(document)
    assert ladder is not None
    assert [step.code for step in ladder.steps] == ["member", "silver", "gold", "diamond"]
