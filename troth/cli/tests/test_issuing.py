"""`troth codes`: codes for print, by the million."""

import io
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from troth.access.actors import system_actor
from troth.cli.main import run
from troth.rewards import services as rewards
from troth.rewards.models import Benefit, CodeKind, CouponCode
from troth.staff import services as staff

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("test")


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
def campaign(db):
    staff.set_up_company(actor=ACTOR, now=NOW, name="Test", currency="CNY")
    fields = rewards.CampaignFields(
        code="flyer", name="Flyer", code_kind=CodeKind.UNIQUE, size=50, benefit=Benefit.AMOUNT, amount=Decimal(5)
    )
    made = rewards.create_campaign(actor=ACTOR, now=NOW, fields=fields)
    return rewards.start_campaign(actor=ACTOR, now=NOW, campaign_id=made.id)


def test_codes_are_printed_and_the_same_again_written(troth, campaign, tmp_path):
    status, printed, _errors = troth("codes", "flyer", "--count", "40", "--batch", "spring")
    assert status == 0
    codes = printed.split()
    assert len(set(codes)) == 40
    assert {len(code) for code in codes} == {14}  # 12 signs in groups of four
    file = tmp_path / "codes.txt"
    status, printed, told = troth("codes", "flyer", "--count", "40", "--batch", "spring", "--output", str(file))
    assert (status, printed, told) == (0, "", f"40 codes are in {file}.\n")
    assert file.read_text().split() == codes
    assert CouponCode.objects.count() == 0


def test_more_than_there_are_is_a_sentence(troth, campaign):
    status, printed, told = troth("codes", "flyer", "--count", "51", "--batch", "all")
    assert (status, printed) == (1, "")
    assert "The campaign “flyer” has none left." in told
