"""`measure`: the rules by which customers are measured, shown and changed."""

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.insights import measuring
from troth.insights import services as insights
from troth.insights.models import MeasureSettings
from troth.kit import clock
from troth.value import Margin
from troth.value.loyalty import CATALOGUE

MARGIN = "assumed_margin"
PARTS = ("bands", "rhythm", "rfm", "loyalty")
BY_NAME = ("weights", "competition")
"""Settings of loyalty that are themselves named: by indicator, by market."""


def measure(changes: Sequence[str], *, as_json: bool) -> int:
    """Change settings ("bands.gold=0.12"; nothing behind the sign: as at first), then print those in force."""
    actor, now = system_actor("measure"), clock.utc_now()
    stored = insights.settings_in_force(actor=actor, now=now)
    try:
        changed = _changed(stored, changes)
    except ValueError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.USAGE
    new = insights.change_settings(actor=actor, now=now, **changed) if changed else stored
    if as_json:
        typer.echo(json.dumps(_plain(new), ensure_ascii=False, indent=2))
        return Exit.DONE
    if new.version != stored.version:
        typer.echo(_("Saved. The next analysis measures by these rules: “troth analyse”."))
    Console(width=100).print(_table(new))
    return Exit.DONE


def _changed(stored: MeasureSettings, changes: Sequence[str]) -> dict[str, Any]:
    """Return what the service is to be told: each part that is touched, whole.

    Raises:
        ValueError: a change that is no NAME=VALUE, or of a name that is none.
    """
    found: dict[str, Any] = {}
    for change in changes:
        name, sign, given = change.partition("=")
        part, _dot, setting = name.strip().partition(".")
        if not sign:
            raise ValueError(_("“%(change)s”: write NAME=VALUE, such as bands.gold=0.12.") % {"change": change})
        if name.strip() == MARGIN:
            found[MARGIN] = _number(change, given.strip())
        elif part in PARTS and setting:
            values = found.setdefault(part, dict(getattr(stored, part)))
            _set(values, setting, given.strip())
        else:
            known = {"name": name.strip(), "parts": ", ".join(f"{one}.…" for one in PARTS)}
            raise ValueError(_("“%(name)s” is no setting; there are assumed_margin, %(parts)s.") % known)
    return found


def _set(values: dict[str, Any], setting: str, given: str) -> None:
    head, _dot, inner = setting.partition(".")
    if head in BY_NAME and inner:
        values[head] = {name: old for name, old in values.get(head, {}).items() if name != inner}
        values[head] |= {inner: given} if given else {}
    elif not given:
        values.pop(setting, None)
    else:
        values[setting] = given.split(",") if "," in given else given


def _number(change: str, given: str) -> Decimal:
    try:
        return Decimal(given)
    except InvalidOperation:
        raise ValueError(_("“%(change)s”: this takes a number.") % {"change": change}) from None


def _plain(stored: MeasureSettings) -> dict[str, Any]:
    weights = {one.code: str(one.weight) for one in measuring.loyalty_of(stored).catalogue}
    return {
        "version": stored.version,
        "created_at": stored.created_at.isoformat(),
        "created_by": stored.created_by,
        MARGIN: str(stored.assumed_margin),
        **{part: getattr(stored, part) for part in PARTS},
        "loyalty": stored.loyalty | {"weights": weights},
    }


def _table(stored: MeasureSettings) -> Table:
    drawn = Table(
        title=_("Rules of measuring, version %(version)s") % {"version": stored.version}, title_justify="left"
    )
    for head in (_("Setting"), _("In force"), _("At first")):
        drawn.add_column(head)
    first = _flat(_first())
    for name, text in _flat(_plain(stored)).items():
        drawn.add_row(name, text, "" if first.get(name) == text else first.get(name, "–"))
    return drawn


def _first() -> dict[str, Any]:
    """The settings of a company that changed none."""
    terms = measuring.terms_from(Margin().assumed, {})
    parts = {part: measuring.stored(getattr(terms, part)) for part in measuring.PARTS}
    loyal = measuring.stored(measuring.loyalty_from({}))
    weights = {one.code: str(one.weight) for one in CATALOGUE}
    return {MARGIN: str(terms.margin.assumed), **parts, "loyalty": loyal | {"weights": weights}}


def _flat(given: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in given.items():
        if not before and name in ("version", "created_at", "created_by"):
            continue
        if isinstance(one, dict):
            found |= _flat(one, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = _text(one)
    return found


def _text(one: Any) -> str:
    if one is None or one == "":
        return "–"
    if isinstance(one, list):
        return ",".join(map(str, one))
    try:
        return f"{Decimal(str(one)).normalize():f}"
    except InvalidOperation:
        return str(one)
