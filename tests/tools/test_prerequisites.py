"""A machine that lacks something is told what, in one sentence."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tools import prerequisites


@pytest.mark.slow
def test_this_machine_lacks_nothing(capsys):
    assert prerequisites.main(["python", "node"]) == 0
    assert capsys.readouterr().err == ""


def test_an_old_python_is_told_which_is_wanted(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert prerequisites.python_lack() == (
        "Troth needs Python 3.11 or newer, this is 3.9. Name another: make PYTHON=python3.12 …"
    )


def test_a_python_without_venv_is_told_the_package(monkeypatch, capsys):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    assert prerequisites.main(["python"]) == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err


@pytest.mark.parametrize(("version", "lack"), [("v18.19.0", True), ("v20.0.0", False), ("v100.1.2", False)])
def test_an_old_node_is_told_which_is_wanted(monkeypatch, tmp_path: Path, version, lack):
    for name, text in (("node", version), ("npm", "10.0.0")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {text}\n", encoding="ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert bool(prerequisites.node_lack()) is lack


def test_no_node_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm" in prerequisites.node_lack()
