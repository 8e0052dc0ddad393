"""What the documents claim is so: links lead somewhere, and what exists is told."""

import inspect
import re

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tests.house.files import ROOT, shown, tracked
from tools.reference import PAGES as PAGES_WRITTEN
from troth.cli.main import app

PAGES = [path for path in tracked("*.md") if "node_modules" not in path.parts]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def code_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+\s+(.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=shown)
def test_links_within_the_project_lead_somewhere(document):
    broken = []
    for target in LINK.findall(code_blocks(document.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", [path for path in PAGES if path.parent == ROOT], ids=shown)
def test_make_targets_that_pages_name_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8"))) <= targets


def test_decisions_are_numbered_without_gaps():
    assert [path.name[:5] for path in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("document", DECISIONS, ids=shown)
def test_a_decision_has_its_form_and_fits_a_page(document):
    text = document.read_text(encoding="utf-8")
    number = int(document.name[:4])
    assert re.match(rf"# {number}\. \S", text)
    assert re.search(r"^\*\*Date:\*\* \d{4}-\d\d-\d\d$", text, flags=re.MULTILINE)
    headings = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]
    assert text.count("\n") <= 60


# --- settings

VARIABLE = re.compile(r"""environ(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)["']""")


@pytest.mark.slow
def test_every_variable_that_the_program_reads_is_in_the_docs_and_no_other():
    read = {
        name
        for path in tracked("troth/*.py")
        if "tests" not in path.relative_to(ROOT).parts
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
    } - {"DJANGO_SETTINGS_MODULE"}
    told = set(
        re.findall(r"^\| `([A-Z_]+)` ", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert told == read


# --- pages that follow from the program


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PAGES_WRITTEN))
def test_the_page_says_what_the_program_says(name):
    page = (ROOT / name).read_text(encoding="utf-8")
    assert page == PAGES_WRITTEN[name](), "old; run: python -m tools.reference"


def test_every_command_says_what_it_does_and_every_option_what_it_means():
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        assert inspect.cleandoc(command.help or "").splitlines()[0].endswith("."), name
        assert [parameter.name for parameter in command.params if not getattr(parameter, "help", "")] == []
