"""make test says what it could not do, and in CI that is a failure."""

import pytest

from tools import prove
from tools.prove import Report, _counts


def test_what_could_not_be_done_is_named_and_counts_only_where_nothing_may_be_left_out(capsys):
    for is_strict in (False, True):
        report = Report(is_strict=is_strict)
        report.lines.append(("ruff", 1.0, "ok"))
        report.lack("browser tests: Chromium missing")
        report.show()
        assert report.failed is is_strict
        assert capsys.readouterr().out.count("browser tests: Chromium missing") == 2


def test_one_failure_fails_the_run():
    report = Report(is_strict=False)
    report.lines += [("ruff", 1.0, "ok"), ("mypy", 2.0, "FAILED"), ("layers", 1.0, "ok")]
    assert report.failed


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ('tests="12" failures="2" errors="1" skipped="3"', "6 passed, 3 failed, 3 skipped"),
        ('tests="5" failures="0" errors="0" skipped="0"', "5 passed, 0 failed, 0 skipped"),
    ],
)
def test_counts_of_a_junit_file(tmp_path, attributes, sentence):
    results = tmp_path / "pytest.xml"
    results.write_text(f"<testsuites><testsuite {attributes}/></testsuites>", encoding="utf-8")
    assert _counts(results) == sentence


def test_everything_runs_what_it_can_and_names_the_rest(monkeypatch, capsys):
    done = []
    monkeypatch.setattr(prove, "run", lambda _report, name, *_command, **_environment: done.append(name))
    monkeypatch.setattr(prove, "static_checks_aside", lambda: ([("mypy", 1.0, "FAILED")], "not typed"))
    monkeypatch.setattr(
        prove, "pytest", lambda _report, name, selection, *_more, **_given: done.append((name, selection))
    )
    lacks = {
        "spark_lack": "no Java",
        "browser_lack": "no Chromium",
        "postgres_lack": "no server",
        "containers_lack": "",
    }
    for name, lack in lacks.items():
        monkeypatch.setattr(prove, name, lambda lack=lack: lack)
    report = Report(is_strict=False)
    prove.everything(report)
    assert done[-1] == ("tests on SQLite", "not postgres and not browser")
    assert [sentence.rpartition(": ")[2] for sentence in report.lacks] == ["no Java", "no Chromium", "no server"]
    assert report.lines == [("mypy", 1.0, "FAILED")]
    assert report.failed
    assert "not typed" in capsys.readouterr().out
