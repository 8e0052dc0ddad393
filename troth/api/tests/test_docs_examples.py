"""The examples of docs/api.md work, in their order."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.kit import clock
from troth.ledger import services as ledger
from troth.programs import services as programs

from .conftest import ACTOR

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
EXAMPLE = re.compile(r"```http\n(.*?)```\s*```json (\d+)\n(.*?)```", re.DOTALL)


def matches(expected, found):
    """Tell whether all that is expected is there: "…" stands for any text, objects may hold more."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(matches(one, found.get(name)) for name, one in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(matches, expected, found))
    return isinstance(found, str) and bool(found) if expected == "…" else expected == found


def publish_the_programme(text):
    """Put the page's own programme in force, with the currency that it speaks of."""
    (document,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    now, start = clock.utc_now(), datetime(2026, 1, 1, tzinfo=UTC)
    rules = ledger.CurrencyRules(name="Points", name_zh="积分", shortfall="arrears", adjust_approval_limit=100)
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=rules)
    programs.establish(actor=ACTOR, now=now, text=document, effective_at=start, reviewed_by="user:reviewer")


@pytest.mark.slow
def test_every_example_answers_as_it_says(api):
    text = PAGE.read_text(encoding="utf-8")
    publish_the_programme(text)
    customer_id = ""
    examples = EXAMPLE.findall(text)
    assert len(examples) == text.count("```http") == 35
    for request, status, expected in examples:
        head, _blank, body = request.partition("\n\n")
        (method, path), *headers = [line.split(maxsplit=1) for line in head.splitlines()]
        sent = {name.rstrip(":"): value for name, value in headers}
        sent |= {"Authorization": f"Bearer {api.key}"}
        path, body = (part.replace("{customer_id}", customer_id) for part in (path, body))
        response = api.client.generic(method, path, body.encode(), content_type="application/json", headers=sent)
        assert response.status_code == int(status), (request, response.content.decode())
        assert matches(json.loads(expected), response.json()), (request, response.content.decode())
        customer_id = customer_id or response.json().get("id", "")
