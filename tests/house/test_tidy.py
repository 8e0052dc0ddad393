"""Files and functions stay short, names say something: traps of large code bases, stopped early."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT, shown, tracked

FILE_LINES = 500
FUNCTION_LINES = 70
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
SOURCES = [path for path in tracked("*.py") if "migrations" not in path.parts]


def functions(parsed: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function below a node. Only statements are looked into: they alone hold functions."""
    for node in ast.iter_child_nodes(parsed):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield from functions(node)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 50
    assert sum(path.read_text(encoding="utf-8").count("\ndef ") for path in SOURCES) > 200


def test_no_file_is_longer_than_500_lines():
    lengths = {shown(path): path.read_text(encoding="utf-8").count("\n") for path in SOURCES}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


@pytest.mark.slow
def test_no_function_is_longer_than_70_lines():
    long = [path for path in SOURCES if path.read_text(encoding="utf-8").count("\n") > FUNCTION_LINES]
    trees = {shown(path): ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in long}
    lengths = {f"{name}: {node.name}": length(node) for name, tree in trees.items() for node in functions(tree)}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_the_longest_function_is_measured_right():
    source = "def one():\n    return 1\n\n\ndef long():\n" + "    x = 1\n" * 70
    assert [length(node) for node in functions(ast.parse(source))] == [2, 71]


def test_functions_are_found_wherever_they_stand():
    source = """
class A:
    def in_class(self):
        try:
            def in_try(): ...
        except ValueError:
            async def in_handler(): ...
match 1:
    case 1:
        def in_case(): ...
with x:
    if y: ...
    else:
        def in_else(): ...
"""
    found = [node.name for node in functions(ast.parse(source))]
    assert found == ["in_class", "in_try", "in_handler", "in_case", "in_else"]


@pytest.mark.slow
def test_no_file_or_folder_has_a_name_that_says_nothing():
    vague = [shown(path) for path in tracked() if {part.split(".")[0] for part in path.parts} & BANNED_NAMES]
    assert vague == []


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["TO" + "DO", "FIX" + "ME", "X" * 3])
def test_nothing_is_left_to_do_in_comments(mark: str):
    found = [shown(path) for path in SOURCES if re.search(rf"\b{mark}\b", path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.slow
def test_checks_are_switched_off_one_by_one_and_with_a_reason():
    """`# noqa: CODE  why` and `# type: ignore[code]  # why`: a bare one hides more than was meant.

    In tests a bare one may stand: there it hides style, not mistakes of the program.
    """
    noqa = r"noqa(?!: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*\s+\S)"
    bare = re.compile(rf"#\s*({noqa}|type:\s*ignore(?!\[[a-z-, ]+\]\s+#))")
    here = Path(__file__)
    found = [
        f"{shown(path)}:{number}"
        for path in SOURCES
        if path != here and "tests" not in path.relative_to(ROOT).parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []
