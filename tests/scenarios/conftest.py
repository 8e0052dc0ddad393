"""What scenarios share: a database in a file, as in production, and folders of their own."""

import pytest

from troth.conftest import racing_database

__all__ = ["racing_database"]


@pytest.fixture
def folders(settings, tmp_path):
    """Keep uploads, lake and generated files of a scenario apart."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.LAKE_DIR = tmp_path / "lake"
    return tmp_path
