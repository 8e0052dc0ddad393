"""What every command does first: make Django ready, in the language of the terminal."""

import os
from collections.abc import Mapping
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def set_up() -> None:
    """Make Django ready and speak the language of the terminal."""
    import django
    from django.utils import translation

    django.setup()
    translation.activate(language_of(os.environ))


def language_of(environment: Mapping[str, str]) -> str:
    """Return the language that a terminal's variables ask for: zh-hans for any Chinese one, else en."""
    wanted = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh-hans" if wanted.lower().startswith("zh") else "en"
