"""Commands and addresses that pages give as examples exist as they are written there."""

import re
import shlex
from functools import cache

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from tests.house.files import ROOT, shown, tracked
from troth.cli.main import app

PAGES = [path for path in tracked("*.md") if "node_modules" not in path.parts]
# Written from the program itself, and compared with it elsewhere.
GENERATED = {ROOT / "docs" / "cli.md"}
BLOCK_LINE = re.compile(r"^ {4,}troth ([a-z].*)$", re.MULTILINE)
INLINE = re.compile(r"`troth ([a-z-]+[^`]*)`")
CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`\s?]*)[^`]*`")
ADDRESS = re.compile(r"`(/api/v1/[^`\s?]*)`")


def commands(text: str) -> list[str]:
    """Return what stands behind `troth` in blocks and in lines; a mail server's own lines are none."""
    found = [*BLOCK_LINE.findall(text), *INLINE.findall(text)]
    return [part.strip() for line in found if "pipe flags" not in line for part in re.split(r"\s&\s+troth ", line)]


@cache
def group() -> TyperGroup:
    made = get_command(app)
    assert isinstance(made, TyperGroup)
    return made


def refusal(line: str) -> str:
    """Return what the command line says against an example, "" where it would be carried out."""
    words = shlex.split(re.sub(r"\s&\s*$", "", re.sub(r"\s+#.*$|…", "", line)))
    command = group().commands.get(words[0])
    if command is None:
        return f"no command {words[0]}"
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in words[1:] if word.startswith("--") and word not in known]
    if unknown or len(words) < 2:
        return f"no option {unknown}" if unknown else ""
    if words[1].startswith("--") and len(words) == 2:
        return ""  # an option that is spoken of
    try:
        command.make_context(words[0], words[1:], resilient_parsing=False)
    except typer.BadParameter as error:
        return "" if "does not exist" in str(error) else str(error)
    return ""


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=shown)
def test_commands_of_a_page_are_understood(page):
    found = commands(page.read_text(encoding="utf-8"))
    assert [(line, said) for line in found if (said := refusal(line))] == []


def shaped(path: str) -> str:
    """Return an address with every value left open, as the OpenAPI document has it."""
    return re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/api/v1").rstrip("/"))


@pytest.mark.slow
@pytest.mark.django_db
def test_calls_of_all_pages_are_calls_of_the_api(client):
    document = client.get("/api/v1/openapi.json").json()
    known = {(verb.upper(), shaped(path)) for path, verbs in document["paths"].items() for verb in verbs}
    paths = {path for _verb, path in known} | {"/docs", "/openapi.json"}
    wrong = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        wrong += [(shown(page), *call) for call in CALL.findall(text) if (call[0], shaped(call[1])) not in known]
        wrong += [(shown(page), path) for path in ADDRESS.findall(text) if shaped(path) not in paths]
    assert wrong == []
