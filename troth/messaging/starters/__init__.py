"""Ready-made texts in both languages, for companies to begin with: installed once, then theirs to change."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from troth.access.actors import Actor

from ..models import Template
from ..templates.document import LANGUAGES
from ..templates.editing import create_template, publish

_FOLDER = Path(__file__).parent


@cache
def starters() -> dict[str, dict[str, Any]]:
    """Return every ready-made text by its code, in the order in which a customer might meet them."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("relationship", "keeping", "service"):
        found |= yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def document_of(code: str) -> dict[str, Any]:
    """Return the document of a ready-made text."""
    starter = starters()[code]
    languages = {language: starter[language] for language in LANGUAGES if language in starter}
    return {"languages": languages, "facts": starter.get("facts", [])}


@transaction.atomic
def install(*, actor: Actor, now: datetime, codes: Collection[str] | None = None) -> list[str]:
    """Make and publish those of the ready-made texts that are not there yet; return their codes.

    One that is there stays as it is, whatever was made of it.
    """
    wanted = [code for code in starters() if codes is None or code in codes]
    there = set(Template.objects.filter(code__in=wanted).values_list("code", flat=True))
    made = [code for code in wanted if code not in there]
    for code in made:
        starter = starters()[code]
        create_template(
            actor=actor,
            now=now,
            code=code,
            name=starter["name"],
            name_zh=starter["name_zh"],
            purpose=starter["purpose"],
            document=document_of(code),
        )
        publish(actor=actor, now=now, code=code, note="")
    return made
