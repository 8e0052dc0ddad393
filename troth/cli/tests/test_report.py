"""`troth report --out`: what it writes, what it refuses."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from troth.access.actors import system_actor
from troth.cli import reporting
from troth.cli.exits import Exit
from troth.insights import services
from troth.insights.tests.making import NOW, make_company, make_customer, make_order

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)


@pytest.fixture
def analysed(tmp_path_factory, settings):
    settings.LAKE_DIR = tmp_path_factory.mktemp("lake")
    make_company(as_of_date=TODAY)
    make_order(make_customer(), TODAY - timedelta(days=5), "100")
    services.analyse(actor=system_actor("test"), now=NOW)


@pytest.mark.parametrize(
    ("name", "why"), [("report.docx", "as .html or as .pdf"), ("no/report.html", "no such folder")]
)
def test_the_command_refuses_other_files(tmp_path, capsys, name, why):
    assert reporting.write_report(tmp_path / name, "both") == Exit.USAGE
    assert why in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_command_writes_the_terminals_language_first(analysed, tmp_path, capsys):
    target = tmp_path / "report.html"
    with translation.override("zh-hans"):
        assert reporting.write_report(target, "both") == Exit.DONE
    document = target.read_text(encoding="utf-8")

    assert '<html lang="zh-Hans">' in document
    assert document.index('id="in-zh-hans"') < document.index('id="in-en"')
    assert "已写入" in capsys.readouterr().out

    assert reporting.write_report(target, "en") == Exit.DONE
    assert "in-zh-hans" not in target.read_text(encoding="utf-8").split("<body>")[1]
