"""Writes the pages of docs/ that follow from the program: events.md, cli.md. A test refuses an old page.

python -m tools.reference
"""

import inspect
import json
import os
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import django
from typer.core import TyperGroup
from typer.main import get_command

ROOT = Path(__file__).resolve().parent.parent
LINE_LENGTH = 120
API_TEXTS_HEAD = '''\
"""What the OpenAPI document says of the API and its operations, for translators.

Written by `python -m tools.reference` from the endpoints' docstrings; a test refuses an old one.
"""

from django.utils.translation import gettext_noop

'''

API_MEANINGS_HEAD = '''\
"""What fields or problems of the API mean, for translators.

Written by `python -m tools.reference` from the schemas and the errors; a test refuses an old one.
"""

from django.utils.translation import gettext_noop

'''

EVENTS_HEAD = """\
# Events

Every change that matters is a row of the event log, written in the transaction of the change by one
function, `troth.events.services.append`. A name is `module.thing.happened`. Events carry ids and codes, never
names, phones or free text: they are never rewritten, so nothing may stand in them that a person can ask to
have erased.

Each has an `id` (UUIDv7), an `owner_id` (the customer, or the company itself), its `name`, `occurred_at`
(when it was true), `recorded_at` (when we knew), the `actor` (`kind:id`) and `data` with the fields below.

This page is written by `python -m tools.reference` from the registry.

| Name | `data` | What happened |
| --- | --- | --- |
"""

CLI_HEAD = """\
# The command line

`troth --help` and `troth COMMAND --help` say what stands here. Reports print text for people, or JSON with
`--json`. A refusal is a sentence on standard error, in Chinese where the terminal's language (`LANG`) is.

| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | could not be done; the message says why |
| 2 | wrong use of the command |
| 3 | done, but for something that is listed: refused rows, problems found |
| 75 | not now: the mail server tries again (`troth mail-in`) |
| 130 | interrupted |

This page is written by `python -m tools.reference` from the program.
"""


def events_page() -> str:
    """Return docs/events.md."""
    from troth.events import registry  # noqa: PLC0415  needs Django to be set up

    rows = []
    for kind in registry.all_types():
        fields = "; ".join(f"`{name}` {meaning}" for name, meaning in kind.fields.items()) or "–"
        rows.append(f"| `{kind.name}` | {fields} | {kind.label} |\n")
    return EVENTS_HEAD + "".join(rows)


def cli_page() -> str:
    """Return docs/cli.md."""
    from troth.cli.main import app  # noqa: PLC0415  beside its like

    group = get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError("troth has commands")
    return CLI_HEAD + "".join(_command(name, command) for name, command in group.commands.items())


def _command(name: str, command: Any) -> str:
    arguments = [found for found in command.params if found.param_type_name == "argument"]
    options = [
        found for found in command.params if found.param_type_name == "option" and not getattr(found, "hidden", False)
    ]
    usage = " ".join(
        ["troth", name, *(_placeholder(found) for found in arguments), *(["[OPTIONS]"] if options else [])]
    )
    usage = usage.replace("\\|", "|")
    parts = [f"\n## troth {name}\n\n    {usage}\n\n{inspect.cleandoc(command.help or '')}\n"]
    if arguments or options:
        parts.append("\n| | |\n| --- | --- |\n")
        parts += [f"| `{_placeholder(found)}` | {_help(found)} |\n" for found in arguments]
        parts += [f"| `{_option(found)}` | {_help(found)} |\n" for found in options]
    return "".join(parts)


def _placeholder(argument: Any) -> str:
    kind = argument.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "\\|".join(str(one.value) for one in kind)
    return str(argument.name).upper()


def _option(option: Any) -> str:
    name: str = max(option.opts, key=len)
    if option.is_flag:
        return name
    return f"{name} {option.metavar or _placeholder(option)}"


def _help(parameter: Any) -> str:
    default = parameter.default
    value = getattr(default, "value", default)
    shown = parameter.param_type_name == "option" and not parameter.is_flag and value not in (None, "", [], ())
    return str(parameter.help) + (f" Default: {value}." if shown and isinstance(value, str | int) else "")


def api_texts() -> str:
    """Return troth/api/texts.py: what the OpenAPI document says, for translators."""
    from troth.api import docs  # noqa: PLC0415  needs Django to be set up

    return _texts(API_TEXTS_HEAD, docs.texts())


def api_meanings(kind: str, *, letters: str = "") -> str:
    """Return what the fields of requests or answers, or the problems, mean, for translators.

    letters: of a kind too long for one file, only the texts that begin with one of these ("*": with none of a to z).
    """
    from troth.api import docs  # noqa: PLC0415  needs Django to be set up

    found = docs.meanings()[kind]
    if letters:
        found = [text for text in found if _first_letter(text) in letters]
    return _texts(API_MEANINGS_HEAD, found)


def _first_letter(text: str) -> str:
    first = text.strip("`")[:1].lower()
    return first if first in ascii_lowercase else "*"


def _texts(head: str, found: list[str]) -> str:
    texts = "".join(f"    gettext_noop({json.dumps(text, ensure_ascii=False)}),\n" for text in found)
    is_long = any(len(line) > LINE_LENGTH for line in texts.splitlines())
    marks = ("# ruff: noqa: E501  a text stands in one line\n" if is_long else "") + "# fmt: off\n"
    return f"{head}{marks}TEXTS = (\n{texts})\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/events.md": events_page,
    "docs/cli.md": cli_page,
    "troth/api/texts.py": api_texts,
    "troth/api/meanings/asked.py": partial(api_meanings, "asked"),
    "troth/api/meanings/answered_a_to_m.py": partial(api_meanings, "answered", letters="*abcdefghijklm"),
    "troth/api/meanings/answered_n_to_s.py": partial(api_meanings, "answered", letters="nopqrs"),
    "troth/api/meanings/answered_t_to_z.py": partial(api_meanings, "answered", letters="tuvwxyz"),
    "troth/api/meanings/problems.py": partial(api_meanings, "problems"),
}


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
    django.setup()
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
