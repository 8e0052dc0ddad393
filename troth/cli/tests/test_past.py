"""`troth simulate` and `troth award-history`: what a draft would have given, and letting the past earn."""

import io
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from troth.access.actors import system_actor
from troth.activity import services as activity
from troth.activity.orders import NewLine, NewOrder
from troth.cli.main import run
from troth.customers.models import Customer
from troth.ledger import services as ledger
from troth.ledger.models import Entry
from troth.programs import services as programs
from troth.staff import services as staff

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
THEN = datetime(2025, 6, 3, 4, tzinfo=UTC)
ACTOR = system_actor("test")
CLUB = """
programme: club
name: Club
currency: CNY
rules: [{code: base, name: Base, effect: {type: points_per_amount, points: 1}}]
"""
YEAR = ("--from", "2025-01-01", "--to", "2025-12-31")


@pytest.fixture
def troth(monkeypatch, capsys):
    """Return a function that runs a command and returns exit code, output and errors."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["troth", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
        with translation.override(None), pytest.raises(SystemExit) as ended:
            run()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


@pytest.fixture
def past(db):
    """A year with one order of 80, recorded as history, and a programme in force since its start."""
    staff.set_up_company(actor=ACTOR, now=NOW, name="Test", currency="CNY", time_zone="Asia/Shanghai")
    ledger.create_currency(actor=ACTOR, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))
    began = datetime(2025, 1, 1, tzinfo=UTC)
    programs.establish(actor=ACTOR, now=NOW, text=CLUB, effective_at=began, reviewed_by="user:reviewer")
    buyer = Customer.objects.create(created_at=THEN, updated_at=THEN).id
    line = NewLine(1, Decimal(1), Decimal(80), Decimal(80))
    order = NewOrder("web", "1", buyer, THEN, "CNY", (line,), is_history=True)
    activity.record_orders([order], actor=ACTOR, now=NOW)


@pytest.mark.slow
def test_the_past_is_awarded_once(troth, past):
    status, printed, _errors = troth("award-history", *YEAR, "--approved-by", "Li Na", "--json")
    found = json.loads(printed)
    assert (status, found["orders"], found["points"], found["refused"]) == (0, 1, {"points": 80}, 0)
    status, _printed, errors = troth("award-history", *YEAR, "--approved-by", "Li Na")
    assert (status, "nothing to award" in errors) == (1, True)
    assert sum(Entry.objects.filter(purpose="").values_list("amount", flat=True)) == 80


@pytest.mark.slow
def test_what_a_draft_costs_is_printed_as_the_currency_is_paid(troth, past, tmp_path):
    draft = tmp_path / "new.yaml"
    costly = CLUB.replace("programme: club", "programme: new") + "unit_costs: {points: 15.4321}\n"
    draft.write_text(costly)
    status, printed, _errors = troth("simulate", str(draft), *YEAR)
    assert (status, "1,234.57" in printed, "1234.568" in printed) == (0, True, False)
    assert "the draft costs 1,234.57 CNY more" in printed


@pytest.mark.slow
def test_a_draft_of_another_programme_stands_beside_the_one_in_force(troth, past, tmp_path):
    draft = tmp_path / "new.yaml"
    draft.write_text(CLUB.replace("programme: club", "programme: new").replace("points: 1}", "points: 3}"))
    status, printed, _errors = troth("simulate", str(draft), *YEAR, "--beside", "club", "--json")
    found = json.loads(printed)
    assert (status, found["draft"]["points"], found["compared"]["points"]) == (0, {"points": 240}, {"points": 80})
    status, printed, _errors = troth("simulate", str(draft), *YEAR, "--json")
    assert (status, json.loads(printed)["compared"]) == (0, None)
    status, _printed, errors = troth("simulate", str(draft), *YEAR, "--beside", "nothing")
    assert (status, errors) == (1, "troth: There is no programme “nothing”.\n")
