"""The self-test says when a figure is off."""

import math

import pytest

from troth.value import selftest
from troth.value.models.tests.published import DATA


def test_the_renewals_are_as_printed():
    assert all(figure.is_right for figure in selftest.renewals())


@pytest.mark.slow
def test_the_whole_table_is_right():
    written = []
    folder = [str(DATA)] if DATA.exists() else []

    assert selftest.run(folder, written.append) == 0
    assert "OFF" not in written[0]
    assert "sBG renewals, regular" in written[0]


def test_a_figure_that_is_off_is_seen(monkeypatch):
    monkeypatch.setattr(selftest, "made", lambda: iter([selftest.Figure("case", "r", math.nan, 1.0, 0.1)]))
    written = []

    assert selftest.run([], written.append) == 1
    assert written[0].splitlines()[-1].endswith("OFF")


def test_a_folder_without_the_data_is_named(tmp_path):
    written = []

    assert selftest.run([str(tmp_path)], written.append) == 2
    assert "lacks cdnow_sample_summary_39w.csv, donations_bgbb.csv" in written[0]
