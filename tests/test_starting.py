"""What starts, starts without what only computing needs: a second of work and 150 MB in each process."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

HEAVY = ("duckdb", "ibis", "implicit", "jieba", "numpy", "pandas", "polars", "pyarrow", "scipy", "sklearn", "splink")

BEGIN = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "troth.config.settings"
"""
SET_UP = """
import django
django.setup()
"""
SERVE = """
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from troth.config import wsgi

settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
call_command("migrate", run_syncdb=True, verbosity=0)

from troth.access import services as access
from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import KEY_PERMISSIONS, Role
from troth.kit import clock
from troth.staff import services as staff

told = {"actor": system_actor("test"), "now": clock.utc_now()}
staff.set_up_company(name="Test", **told)
_key, text = access.create_api_key(name="test", scopes=KEY_PERMISSIONS, **told)
answer = Client().get("/api/v1/customers", headers={"Authorization": f"Bearer {text}"})
assert answer.status_code == 200, answer.content
clerk = Client()
clerk.force_login(User.objects.create_user("ann@example.org", name="Ann", role=Role.ADMIN))
for page in ("/customers/", "/imports/", "/segments/"):
    shown = clerk.get(page)
    assert shown.status_code == 200, (page, shown.status_code)
"""
TELL = f"""
print(json.dumps(sorted({set(HEAVY)!r} & sys.modules.keys())))
"""


def loaded(code):
    """Return which of the packages a new process has loaded when it is done."""
    command = [sys.executable, "-c", BEGIN + code + TELL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_command_line_starts_without_them():
    assert loaded("import troth.cli.main") == []


def test_a_process_starts_without_them():
    assert loaded(SET_UP + "import troth.cli.serving") == []


def test_the_library_is_named_without_them_and_loads_what_is_used():
    assert loaded("from troth import value; value.Terms(); value.Margin") == []
    assert loaded("from troth import value; value.retention_gains") == []
    counted = """
import polars
from troth import value
value.Facts(orders=polars.DataFrame({"customer_id": ["a"], "order_date": ["2024-01-01"], "net_amount": [1]})).check()
"""
    assert {"duckdb", "ibis", "polars", "pyarrow"} <= set(loaded(counted))


def test_pages_and_the_api_are_served_without_them(tmp_path, monkeypatch):
    monkeypatch.setenv("TROTH_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert loaded(SET_UP + SERVE) == []
