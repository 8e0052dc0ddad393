"""Locked versions name packages, never the place one machine happened to download them from."""

import json
import re

import pytest

from tests.house.files import ROOT, shown, tracked

LOCKS = [*ROOT.glob("requirements/*.txt"), *tracked("*package-lock.json")]
ADDRESS = re.compile(r"\w+://|--(extra-)?index-url|--find-links|--trusted-host", re.IGNORECASE)


def test_there_are_locks():
    wanted = {
        "requirements/base.txt",
        "requirements/dev.txt",
        "requirements/demo.txt",
        "frontend/package-lock.json",
    }
    assert {shown(path) for path in LOCKS} >= wanted


@pytest.mark.parametrize("path", [path for path in LOCKS if path.suffix == ".txt"], ids=shown)
def test_requirements_are_pinned_and_name_no_address(path):
    text = path.read_text(encoding="utf-8")
    assert not ADDRESS.search(text)
    wanted = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[A-Za-z0-9._-]+==\S+", line)] == []


@pytest.mark.parametrize("path", [path for path in LOCKS if path.suffix == ".json"], ids=shown)
def test_npm_locks_hold_hashes_and_no_address(path):
    lock = json.loads(path.read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
