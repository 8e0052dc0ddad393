"""The data of the papers where they lie, and the figures they print."""

from pathlib import Path

import polars as pl
import pytest

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"


def data(name):
    """A frame of the published data, or a skip that says what is missing."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not at ../shared/data; the published data are not part of the project")
    return pl.read_csv(path)
