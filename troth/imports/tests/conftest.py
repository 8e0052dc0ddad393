import datetime as dt

import pytest

from troth.access.actors import system_actor
from troth.imports import queries, services
from troth.staff.models import Company

NOW = dt.datetime(2024, 6, 1, 8, tzinfo=dt.UTC)
ACTOR = system_actor("test")


@pytest.fixture
def company(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")


@pytest.fixture
def bring(company, tmp_path):
    """Import a file whole and return its run."""

    def bring(content, shape=None, *, name="file.csv", **choices):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        run = services.import_file(path, shape=shape, actor=ACTOR, now=NOW, **choices)
        services.work_off(run)
        state = queries.progress(run)
        assert state.status == "succeeded", state.error
        return run

    return bring


def noted_of(run):
    """Return (row, column) -> reason code of the cells that were left empty."""
    return {(note["row"], note["values"]["column"]): note["code"] for note in run.report["notes"]}


def refused_of(run):
    """Return row number -> reason codes."""
    return {row["row"]: [reason["code"] for reason in row["reasons"]] for row in run.report["sample"]}
