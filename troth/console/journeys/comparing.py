"""What changed between two versions of a journey, a sentence each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from troth.care.journeys.document.shapes import FIXED_LISTS

from . import telling
from .draft import event_of
from .names import STEP_KINDS, Names, named


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed. sign: "+" new, "−" gone, "~" other than before."""

    sign: str
    text: str
    before: str = ""
    after: str = ""


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what became of a journey, the parts around the steps first. Both: plain values of right documents."""
    before, after = Names(event_of(old)), Names(event_of(new))
    found = []
    for label, say in _PARTS:
        was, is_now = say(old, before), say(new, after)
        if was != is_now:
            found.append(Change("~" if was and is_now else "+" if is_now else "−", str(label()), was, is_now))
    return [*found, *_steps(old, new, before, after)]


def _steps(old: Mapping[str, Any], new: Mapping[str, Any], before: Names, after: Names) -> list[Change]:
    was, is_now = _flat(old.get("steps"), ""), _flat(new.get("steps"), "")
    found = []
    for step_id, (step, way) in is_now.items():
        label = _label(step)
        if step_id not in was:
            found.append(Change("+", _("Step added: %(step)s") % {"step": label}, after=telling.step(step, after)))
            continue
        step_before, way_before = was[step_id]
        told, told_before = telling.step(step, after), telling.step(step_before, before)
        if told != told_before or _own(step) != _own(step_before):
            found.append(Change("~", _("Step changed: %(step)s") % {"step": label}, told_before, told))
        elif way != way_before:
            found.append(Change("~", _("Step moved to another way: %(step)s") % {"step": label}))
        found += _ways(step_before, step, before, after)
    kept = [one for one in was if one in is_now]
    if kept != [one for one in is_now if one in was]:
        found.append(Change("~", _("The order of the steps is another.")))
    gone = [step for step_id, (step, _way) in was.items() if step_id not in is_now]
    return [*found, *(Change("−", _("Step taken out: %(step)s") % {"step": _label(one)}) for one in gone)]


def _ways(old: Mapping[str, Any], new: Mapping[str, Any], before: Names, after: Names) -> list[Change]:
    found = []
    for key in ("ways", "arms"):
        was = {one["code"]: one for one in old.get(key, [])}
        is_now = {one["code"]: one for one in new.get(key, [])}
        for code, way in is_now.items():
            label = named(way.get("name")) or code
            if code not in was:
                found.append(Change("+", _("Way added: %(way)s") % {"way": label}, after=_way(way, after)))
            elif _way(was[code], before) != _way(way, after):
                text = _("Way changed: %(way)s") % {"way": label}
                found.append(Change("~", text, _way(was[code], before), _way(way, after)))
        for code, way in was.items():
            if code not in is_now:
                found.append(Change("−", _("Way taken out: %(way)s") % {"way": named(way.get("name")) or code}))
    return found


def _way(way: Mapping[str, Any], names: Names) -> str:
    return f"{way['share']} %" if "share" in way else names.condition(way.get("when"))


def _own(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a step says itself, without the steps of its ways."""
    inner = {"ways", "arms", *FIXED_LISTS}
    return {key: value for key, value in step.items() if key not in inner}


def _flat(steps: Any, way: str) -> dict[str, tuple[dict[str, Any], str]]:
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for one in steps or []:
        found[one["id"]] = (one, way)
        for key in FIXED_LISTS:
            found |= _flat(one.get(key), f"{one['id']}.{key}")
        for key in ("ways", "arms"):
            for inner in one.get(key) or []:
                found |= _flat(inner.get("steps"), f"{one['id']}.{inner['code']}")
    return found


def _label(step: Mapping[str, Any]) -> str:
    return named(step.get("name")) or str(STEP_KINDS[step["type"]].label)


def _exits(values: Mapping[str, Any], names: Names) -> str:
    return "; ".join(telling.exit_(one, names) for one in values.get("exits", []))


_PARTS: tuple[Any, ...] = (
    (lambda: _("Name of the journey"), lambda values, names: named(values.get("name"))),
    (lambda: _("What it is for"), lambda values, names: named(values.get("description"))),
    (lambda: _("Who enters"), lambda values, names: telling.entry(values.get("entry", {}), names)),
    (lambda: _("Who may enter at all"), lambda values, names: names.condition(values.get("audience"))),
    (lambda: _("How often one person may enter"), lambda values, names: telling.reentry(values.get("reentry"))),
    (lambda: _("Exits"), _exits),
    (lambda: _("Goal"), lambda values, names: telling.goal(values["goal"], names) if values.get("goal") else ""),
    (lambda: _("Priority of its messages"), lambda values, names: str(values.get("priority", 50))),
    (lambda: _("Skip what is late by so many hours"), lambda values, names: str(values.get("late_hours", 72))),
    (
        lambda: _("Only tells customers what they bought or asked for"),
        lambda values, names: "✓" if values.get("service_only") else "",
    ),
    (lambda: _("Group of journeys"), lambda values, names: values.get("group", "")),
)
