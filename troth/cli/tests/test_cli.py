"""The command line as a user meets it: what it prints, where, and the exit code."""

import io
import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.utils import translation

from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.cli import choices
from troth.cli.choices import RoleName
from troth.cli.main import run
from troth.cli.starting import language_of
from troth.customers.models import Identity
from troth.imports import options
from troth.kit.ids import new_id
from troth.staff import queries as staff
from troth.staff import services as staff_services

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def troth(monkeypatch, capsys):
    """Return a function that runs a command and returns exit code, output and errors."""

    def call(*arguments: str, stdin: str = "", language: str = "C.UTF-8"):
        monkeypatch.setattr(sys, "argv", ["troth", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.setenv("LC_ALL", language)
        with translation.override(None), pytest.raises(SystemExit) as ended:
            run()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


@pytest.fixture
def company(db):
    return staff_services.set_up_company(actor=system_actor("test"), now=NOW, name="Test Ltd")


@pytest.mark.slow
def test_help_does_not_wait_for_django():
    loaded = "import sys; from troth.cli import main; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_roles_are_those_of_access():
    assert [role.value for role in RoleName] == [role.value for role in Role]


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        (choices.OrderNumbers, options.OrderNumbers),
        (choices.UnknownCustomers, options.OnMissing),
        (choices.ChangedOrders, options.OnConflict),
    ],
)
def test_the_choices_of_an_import_are_those_of_imports(told, taken):
    assert list(told) == list(taken)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_SG"}, "zh-hans"),
    ],
)
def test_the_language_is_the_terminals(variables, language):
    assert language_of(variables) == language


def test_a_wrong_option_is_wrong_use(troth):
    code, _out, err = troth("serve", "--nonsense")
    assert code == 2
    assert "--nonsense" in err


def test_the_first_login_sets_up_the_company(troth, db):
    options = [
        "--company",
        "Test Ltd",
        "--currency",
        "USD",
        "--time-zone",
        "America/New_York",
        "--country",
        "US",
    ]
    code, out, err = troth("createuser", "Boss@Example.com", "--password-stdin", *options, stdin=f"{PASSWORD}\n")
    assert (code, out, err) == (
        0,
        "boss@example.com may sign in as Administrator.\n"
        "Test Ltd: USD, America/New_York, United States, writes to customers in English.\n"
        "Settings, Company changes it; do it before the first import.\n",
        "",
    )
    company = staff.company()
    assert (company.name, company.currency, company.time_zone, company.country) == (
        "Test Ltd", "USD", "America/New_York", "US",
    )  # fmt: skip
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("options", "language"),
    [([], "zh-hans"), (["--country", "DE"], "en"), (["--country", "DE", "--language", "zh-hans"], "zh-hans")],
)
def test_a_company_in_china_writes_chinese_whatever_its_server_speaks(troth, db, options, language):
    code, _out, _err = troth("createuser", "a@example.com", "--link", "--company", "海棠", *options)
    assert (code, staff.company().language) == (0, language)


def test_without_a_company_the_first_login_asks_for_one_and_writes_nothing(troth, db):
    code, out, err = troth("createuser", "boss@example.com", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (code, out) == (2, "")
    assert "--company" in err
    assert not User.objects.exists()


def test_a_refused_company_leaves_no_login(troth, db):
    arguments = [
        "createuser",
        "boss@example.com",
        "--link",
        "--company",
        "Test",
        "--time-zone",
        "Mars/Olympus",
    ]
    code, _out, err = troth(*arguments)
    assert code == 1
    assert "Mars/Olympus" in err
    assert not User.objects.exists()
    assert staff.company_or_none() is None


def test_a_weak_password_is_refused_in_the_terminals_language(troth, company):
    code, out, err = troth("createuser", "a@example.com", "--password-stdin", stdin="x\n", language="zh_CN.UTF-8")
    assert (code, out) == (1, "")
    assert "这个密码太常见" in err
    assert not User.objects.exists()


def test_a_link_instead_of_a_password(troth, company):
    code, out, _err = troth("createuser", "clerk@example.com", "--role", "clerk", "--link")
    assert code == 0
    assert re.search(r"^/welcome/[\w-]{60,}/$", out, flags=re.MULTILINE)
    user = User.objects.get()
    assert (user.role, user.has_usable_password()) == ("clerk", False)


def test_nobody_to_ask_for_a_password(troth, company):
    code, _out, err = troth("createuser", "a@example.com")
    assert code == 1
    assert "--password-stdin" in err
    assert not User.objects.exists()


def test_a_taken_port_is_named_before_anything_starts(troth):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = troth("serve", "--port", str(port))
    assert (code, out) == (1, "")
    assert f"Port {port} on 127.0.0.1 is taken" in err


def test_check_of_an_empty_installation_says_what_to_do(troth, db):
    code, out, _err = troth("check")
    assert code == 3
    assert "✗ No company is set up; “troth createuser” does it." in out
    assert "✓ The database is up to date with this version." in out


def test_check_finds_data_that_disagree(troth, company):
    Identity.objects.create(owner_id=new_id(), identity_kind="card", source="main", value="1", created_at=NOW)
    code, out, _err = troth("check", "--json")
    assert code == 3
    findings = {found["code"]: found for found in json.loads(out)}
    assert findings["customers.owners"]["is_sound"] is False
    assert findings["customers.owners"]["message"].endswith("Broken by 1 rows.")
    assert findings["customers.links"]["is_sound"] is True


@pytest.mark.slow
def test_a_database_without_tables_is_a_sentence(tmp_path):
    """In a process of its own: the tests' database has its tables."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "troth.cli", "report"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("troth: The database refused: no such table")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_production_without_a_secret_is_a_sentence(tmp_path):
    environment = {
        **os.environ,
        "TROTH_ENV": "production",
        "TROTH_SECRET_KEY": "",
        "TROTH_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "troth.cli", "migrate"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("troth: TROTH_SECRET_KEY must be set")
