"""The notebooks in docs run from top to bottom, and print what is stored beside their code."""

import json

import polars as pl
import pytest

from tools import notebook


def test_there_is_a_notebook():
    assert [path.name for path in notebook.notebooks()] == ["loyalty-and-value.ipynb"]


@pytest.mark.slow
@pytest.mark.parametrize("path", notebook.notebooks(), ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_says(path):
    found = notebook.read(path)

    with pl.Config():  # notebooks set how tables look; put back afterwards
        assert notebook.printed(found) == notebook.stored(found)


def test_outputs_are_written_beside_their_cells(tmp_path):
    path = tmp_path / "small.ipynb"
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["Words"]},
        {"cell_type": "code", "id": "b", "metadata": {}, "outputs": [], "source": ["x = 2\n"]},
        {"cell_type": "code", "id": "c", "metadata": {}, "outputs": [], "source": ["print(x)"]},
    ]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    notebook.write(path)

    found = notebook.read(path)
    assert notebook.stored(found) == ["", "2\n"]
    assert [cell.get("execution_count") for cell in found["cells"]] == [None, 1, 2]


def test_a_cell_that_fails_is_not_hidden():
    cell = {"cell_type": "code", "id": "b", "metadata": {}, "outputs": [], "source": ["1 / 0"]}

    with pytest.raises(ZeroDivisionError):
        notebook.printed({"cells": [cell]})
