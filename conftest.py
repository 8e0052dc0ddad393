"""Rules for every test: what touches the database runs on SQLite and on PostgreSQL, or on the one it is marked for."""

import atexit
import gc
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

SETTINGS = "DJANGO_SETTINGS_MODULE"
PRODUCT_TESTS = Path(__file__).resolve().parent / "tests"
MARKED_WHOLE = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.(\w+)", flags=re.MULTILINE)

EMPTY_THE_FILLED = """
DO $$
DECLARE tables text[] := ARRAY[%s]; one text; is_filled boolean;
BEGIN
  EXECUTE 'LOCK TABLE ' || (SELECT string_agg(quote_ident(name), ', ') FROM unnest(tables) AS name);
  FOREACH one IN ARRAY tables LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', one) INTO is_filled;
    IF is_filled THEN EXECUTE format('DELETE FROM %%I', one); END IF;
  END LOOP;
END $$
"""

# What is drawn must be the same tomorrow: a run is red by what was changed, never by luck. `make explore` draws afresh.
# How long drawing takes says nothing but how busy the machine is.
ALWAYS: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "database": None}
hypothesis_settings.register_profile("whole", derandomize=True, **ALWAYS)
hypothesis_settings.register_profile("quick", derandomize=True, max_examples=15, **ALWAYS)
hypothesis_settings.register_profile("explore", max_examples=1000, print_blob=True, **ALWAYS)


def pytest_configure(config: pytest.Config) -> None:
    """Take what is slow on purpose, and what is read again for every client, out of the way of the tests.

    Property tests take few examples without the slow tests, a hundred in the whole run, and in both always the same
    ones; `--hypothesis-profile=explore` takes fresh ones.
    """
    if SETTINGS not in os.environ:  # kept out of the process that only hands the tests out: its workers need it
        os.environ[SETTINGS] = "troth.config.settings"
        return
    if not config.getoption("--hypothesis-profile"):
        is_quick = "not slow" in config.option.markexpr
        hypothesis_settings.load_profile("quick" if is_quick else "whole")
        # Hypothesis would mix in constants of our modules imported so far: of what this worker happened to run before.
        providers._get_local_constants = Constants
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True  # look a static file up when asked, not all of them for each client
    if connection.vendor == "postgresql":
        pytest.MonkeyPatch().setattr(type(connection.ops), "sql_flush", _emptying)


def _emptying(_operations: Any, _style: Any, tables: list[str], **_options: Any) -> list[str]:
    """Return what empties the tables after a test of transactions: a few have rows, and PostgreSQL truncates all in
    ten times the time. Locked as truncating does it: what somebody who was killed still writes is waited for. Foreign
    keys are looked at when all is gone, for Django defers them; numbers go on counting.
    """
    return [EMPTY_THE_FILLED % ", ".join(f"'{table}'" for table in tables)]


def pytest_collection_finish() -> None:
    """Take what was loaded until now, and stays to the end, out of sight of the garbage collector."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # libraries look at exit whether all they made is gone
    gc.set_threshold(100_000, 50, 50)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave unread the files whose tests are all left out: what they import outlasts many a test.

    The mark that decides stands first in the file's `pytestmark`.
    """
    left_out = set(re.findall(r"not (\w+)", config.option.markexpr))
    if not left_out or not collection_path.name.startswith("test_"):
        return None
    mark = MARKED_WHOLE.search(collection_path.read_text(encoding="utf-8"))
    return True if mark and mark[1] in left_out else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL leave out what touches no database, for SQLite's run has proved it; skip there what needs it.

    The tests of the whole product take up to minutes each: begun first, they leave no core idle at the end.
    """
    items.sort(key=lambda item: not _is_of_the_whole_product(item))
    if connection.vendor == "postgresql":
        apart = [item for item in items if not _touches_database(item)]
        items[:] = [item for item in items if _touches_database(item)]
        if apart:
            config.hook.pytest_deselected(items=apart)
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL; run with DATABASE_URL, or make test"))


def _is_of_the_whole_product(item: pytest.Item) -> bool:
    return PRODUCT_TESTS in item.path.parents and any(item.get_closest_marker(mark) for mark in ("slow", "browser"))


def _touches_database(item: pytest.Item) -> bool:
    marks = ("django_db", "postgres")
    fixtures = {"db", "transactional_db", "django_db_setup"}
    return any(item.get_closest_marker(mark) for mark in marks) or bool(
        fixtures & set(getattr(item, "fixturenames", ()))
    )


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Iterator[None]:
    """Forget the language that a request of the test's client left behind: the next test begins in English."""
    yield
    translation.deactivate()
