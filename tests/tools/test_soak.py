"""Long runs in slices: each adds itself, and the page says what they come to, failures too."""

import json

import pytest

from bench import crash, soak

PAGE = f"# Long\n\n| codes | none alike |\n{soak.HEAD} | nothing yet |\n\nThe end.\n"


def a_run(**changes):
    run = {"day": "2026-11-22", "machine": "2 cores", "rounds": 2, "calls": 700, "orders": 1_100}
    return run | {"killed": {"web": 1, "worker": 1, "postgres": 0}} | changes


@pytest.fixture
def kept(tmp_path):
    """Return a log with one run, and a page."""
    log, page = tmp_path / "soak.json", tmp_path / "soak.md"
    log.write_text(json.dumps({"crash": [a_run()]}), encoding="utf-8")
    page.write_text(PAGE, encoding="utf-8")
    return log, page


def test_a_slice_adds_itself_and_the_page_has_the_sums(kept):
    log, page = kept
    soak.keep(a_run(day="2026-11-23", rounds=3, calls=900, killed={"web": 1, "worker": 1, "postgres": 1}), log, page)
    assert soak.rounds_done(log) == 5
    text = page.read_text(encoding="utf-8")
    assert "5 of 50 rounds in 2 runs (killed: postgres 1, web 2, worker 2); 1,600 answered calls, 2,200 orders" in text
    assert "orders: 0 lost, 0 done twice" in text
    assert "| 2026-11-22 to 2026-11-23, 2 cores |\n\nThe end.\n" in text
    assert text.startswith("# Long\n\n| codes | none alike |\n")


def test_a_run_that_failed_stays_in_sight(kept):
    log, page = kept
    soak.keep(a_run(rounds=1, failed="7 orders were answered; 6 | stored"), log, page)
    soak.keep(a_run(), log, page)
    text = page.read_text(encoding="utf-8")
    assert "**1 of 3 runs failed**, the last so: 7 orders were answered; 6 / stored" in text
    assert "0 lost" not in text


def test_a_page_without_the_line_is_refused():
    with pytest.raises(SystemExit, match="no line that begins"):
        soak.with_row("# Long\n", [a_run()])


def test_the_page_says_what_the_log_holds():
    text = soak.PAGE.read_text(encoding="utf-8")
    assert soak.with_row(text, soak.runs()) == text


@pytest.mark.parametrize(("asked", "ran"), [([], 48), (["--rounds", "10"], 10)])
def test_a_slice_goes_on_where_the_last_ended(monkeypatch, asked, ran):
    monkeypatch.setattr("sys.argv", ["crash.py", "--keep", *asked])
    monkeypatch.setattr(soak, "rounds_done", lambda: 2)
    calls, added = [], []
    monkeypatch.setattr(crash, "run", lambda rounds, seed, first: calls.append((rounds, seed, first)) or a_run())
    monkeypatch.setattr(soak, "keep", added.append)
    crash.main()
    assert (calls, added) == ([(ran, 3, 2)], [a_run()])
