"""A module reads and writes another's tables only through its services and queries; model classes serve as types."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT

PACKAGE = ROOT / "troth"

TOUCHES = {"objects", "_default_manager", "_base_manager"}


def borrowed_models(tree: ast.Module, own: str) -> set[str]:
    """Return the names of other modules' model classes that a source imports."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("troth.")
        if node.module.endswith(".models") and node.module.split(".")[1] != own
        for alias in node.names
    }


def touched(tree: ast.Module, borrowed: set[str]) -> Iterator[tuple[int, str]]:
    """Yield line and name wherever a borrowed model's rows are reached directly."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if node.attr in TOUCHES and node.value.id in borrowed:
            yield node.lineno, node.value.id


def sources() -> Iterator[Path]:
    """Yield the package's own sources: no tests, no migrations."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts) and path.name != "conftest.py":
            yield path


@pytest.mark.slow
def test_nobody_reaches_into_anothers_tables():
    wrong = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        own = path.relative_to(PACKAGE).parts[0]
        if not re.search(rf"from troth\.(?!{own}\.)[\w.]*models import", text):
            continue  # most borrow nothing: to read them as code would take a second
        tree = ast.parse(text)
        for line, name in touched(tree, borrowed_models(tree, own)):
            wrong.append(f"{path.relative_to(PACKAGE)}:{line}: {name}.objects belongs to its own module")
    assert wrong == []


def test_the_check_sees_what_it_should():
    tree = ast.parse("from troth.jobs.models import Job\nJob.objects.count()\n")
    assert list(touched(tree, borrowed_models(tree, "imports"))) == [(2, "Job")]
    assert list(touched(tree, borrowed_models(tree, "jobs"))) == []
