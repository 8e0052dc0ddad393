"""Long runs in slices: each adds itself, and the page says what they come to, failures too."""

import json

import pytest

from bench import crash, ledger_machine, soak
from troth.ledger.tests import test_machine

HEADS = "\n".join(f"{kind.head} | nothing yet |" for kind in (soak.CRASH, soak.MACHINE))
PAGE = f"# Long\n\n| codes | none alike |\n{HEADS}\n\nThe end.\n"


def a_run(**changes):
    run = {"day": "2026-11-22", "machine": "2 cores", "rounds": 2, "calls": 700, "orders": 1_100}
    return run | {"killed": {"web": 1, "worker": 1, "postgres": 0}} | changes


def a_machine_run(**changes):
    run = {"day": "2026-11-22", "machine": "2 cores", "database": "SQLite 3.40.1", "next_seed": 3}
    return run | {"sequences": 40, "batches": 2_000, "operations": 4_800, "refused": 2_400} | changes


@pytest.fixture
def kept(tmp_path):
    """Return a log with one run, and a page."""
    log, page = tmp_path / "soak.json", tmp_path / "soak.md"
    log.write_text(json.dumps({"crash": [a_run()]}), encoding="utf-8")
    page.write_text(PAGE, encoding="utf-8")
    return log, page


def test_a_slice_adds_itself_and_the_page_has_the_sums(kept):
    log, page = kept
    soak.keep(
        soak.CRASH,
        a_run(day="2026-11-23", rounds=3, calls=900, killed={"web": 1, "worker": 1, "postgres": 1}),
        log,
        page,
    )
    assert soak.rounds_done(log) == 5
    text = page.read_text(encoding="utf-8")
    assert "5 of 50 rounds in 2 runs (killed: postgres 1, web 2, worker 2); 1,600 answered calls, 2,200 orders" in text
    assert "orders: 0 lost, 0 done twice" in text
    assert f"| 2026-11-22 to 2026-11-23, 2 cores |\n{soak.MACHINE.head} | nothing yet |\n\nThe end.\n" in text
    assert text.startswith("# Long\n\n| codes | none alike |\n")


def test_a_run_that_failed_stays_in_sight(kept):
    log, page = kept
    soak.keep(soak.CRASH, a_run(rounds=1, failed="7 orders were answered; 6 | stored"), log, page)
    soak.keep(soak.CRASH, a_run(), log, page)
    text = page.read_text(encoding="utf-8")
    assert "**1 of 3 runs failed**, the last so: 7 orders were answered; 6 / stored" in text
    assert "0 lost" not in text


def test_a_page_without_the_line_is_refused():
    with pytest.raises(SystemExit, match="no line that begins"):
        soak.with_row("# Long\n", soak.CRASH, [a_run()])


@pytest.mark.parametrize("kind", [soak.CRASH, soak.MACHINE], ids=lambda kind: kind.name)
def test_the_page_says_what_the_log_holds(kind):
    text = soak.PAGE.read_text(encoding="utf-8")
    assert soak.with_row(text, kind, soak.runs(kind)) == text


@pytest.mark.parametrize(("asked", "ran"), [([], 48), (["--rounds", "10"], 10)])
def test_a_slice_goes_on_where_the_last_ended(monkeypatch, asked, ran):
    monkeypatch.setattr("sys.argv", ["crash.py", "--keep", *asked])
    monkeypatch.setattr(soak, "rounds_done", lambda: 2)
    calls, added = [], []
    monkeypatch.setattr(crash, "run", lambda *given, **named: calls.append((given, named)) or a_run())
    monkeypatch.setattr(soak, "keep", lambda *what: added.append(what))
    crash.main()
    assert calls == [((ran, 3), {"first": 2, "database": "postgresql"})]
    assert added == [(soak.CRASH, a_run())]


def test_runs_of_operations_add_up_by_database_and_leave_the_others_alone(kept):
    log, page = kept
    soak.keep(soak.MACHINE, a_machine_run(), log, page)
    soak.keep(soak.MACHINE, a_machine_run(database="PostgreSQL 15.1", operations=5_200), log, page)
    text = page.read_text(encoding="utf-8")
    assert "10,000 operations (PostgreSQL 15.1 5,200, SQLite 3.40.1 4,800; 4,800 of them refused) in 4,000" in text
    assert "4,000 batches, 80 sequences from an empty ledger, 2 runs: every answer" in text
    assert (soak.runs(soak.CRASH, log), len(soak.runs(soak.MACHINE, log))) == ([a_run()], 2)


@pytest.mark.django_db
@pytest.mark.slow
def test_the_operations_of_a_long_run_are_counted_and_always_others(monkeypatch):
    monkeypatch.setattr(ledger_machine, "AT_ONCE", 3)  # the first is always the plainest
    monkeypatch.setattr(ledger_machine, "STEPS", 10)
    found = ledger_machine.run_here(6, 5)
    assert (found["sequences"] >= 6, found["seed"], found["next_seed"], "failed" in found) == (True, 5, 7, False)
    assert found["operations"] > found["batches"] > found["sequences"] > 0 < found["refused"] < found["operations"]


@pytest.mark.django_db
@pytest.mark.slow
def test_the_first_difference_ends_a_long_run_and_is_told(monkeypatch, capsys):
    monkeypatch.setattr(test_machine.PlainLedger, "balance", lambda *_: 1_000_000)
    found = ledger_machine.run_here(40, 5)
    assert found["next_seed"] == 6
    assert "seed 5: AssertionError" in found["failed"]
    assert "AssertionError" in capsys.readouterr().err
