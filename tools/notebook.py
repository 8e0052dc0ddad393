"""Run the notebooks in docs/notebooks, and keep what they print beside their code.

    python -m tools.notebook     run each and write its outputs

Only printing is kept: no pictures, no times, so that a test may hold a fresh run against what is stored.
"""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "notebooks"


def notebooks() -> list[Path]:
    """Return every notebook."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> dict[str, Any]:
    """Return a notebook as its file has it."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def printed(notebook: dict[str, Any]) -> list[str]:
    """Run the cells of code one after the other, and return what each prints."""
    names: dict[str, Any] = {"__name__": "__main__"}
    told = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            heard = io.StringIO()
            with redirect_stdout(heard):
                exec(compile("".join(cell["source"]), cell["id"], "exec"), names)
            told.append(heard.getvalue())
    return told


def stored(notebook: dict[str, Any]) -> list[str]:
    """Return what the file says that each cell of code printed."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return ["".join(line for output in cell["outputs"] for line in output["text"]) for cell in cells]


def write(path: Path) -> None:
    """Run a notebook and store its outputs in it."""
    notebook = read(path)
    told = iter(printed(notebook))
    for number, cell in enumerate(one for one in notebook["cells"] if one["cell_type"] == "code"):
        text = next(told)
        output = {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}
        cell["execution_count"] = number + 1
        cell["outputs"] = [output] if text else []
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for found in notebooks():
        write(found)
        print(found.name)
