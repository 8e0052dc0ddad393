"""Forms as the template draws them: values, choices, problems at their inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from troth.care.journeys.fields import catalogue_of, event_catalogue
from troth.console.segments import editor
from troth.kit.documents.errors import Problem
from troth.staff import queries as staff

from .forms import Form, Slot, event_of, fields_of
from .names import Names, named
from .places import Place, found, holds


def drawn(
    form: Form, part: Mapping[str, Any], names: Names, place: Place, problems: Sequence[Problem]
) -> dict[str, Any]:
    """Return a form's sections with their inputs, the arms of a split, and the facts that its conditions may ask."""
    left = list(problems)
    sections: list[dict[str, Any]] = []
    for section in form.sections:
        inputs = [_input(form, slot, part, names, place, left) for slot in section.slots]
        is_open = not section.is_more or any(one["errors"] or one["is_filled"] for one in inputs)
        sections.append({"section": section, "inputs": inputs, "is_open": is_open})
    widgets = {one["widget"] for section in sections for one in section["inputs"]}
    asked = next((slot for slot in form.slots() if slot.parameter.kind == "event_condition"), None)
    event = event_of(form, asked, part) if asked else ""
    return {
        "form": form,
        "sections": sections,
        "arms": _arms(part) if form.has_arms else None,
        "other_problems": left,
        "facts": _facts(names) if "condition" in widgets else None,
        "event_facts": _event_facts(event) if "event_condition" in widgets else None,
    }


def _input(
    form: Form, slot: Slot, part: Mapping[str, Any], names: Names, place: Place, left: list[Problem]
) -> dict[str, Any]:
    parameter = slot.parameter
    own = [one for one in left if holds((*place, *slot.path), one.path)]
    for one in own:
        left.remove(one)
    value = found(part, slot.path)
    shown = value if value is not None else parameter.default
    is_hidden = False
    if slot.shown:
        other = next(one for one in form.slots() if one.name == slot.shown[0])
        given = found(part, other.path)
        is_hidden = str(given if given is not None else other.parameter.default) not in slot.shown[1]
    result = {
        "slot": slot,
        "name": slot.name,
        "id": slot.name.replace(".", "-"),
        "widget": _widget(parameter.kind),
        "label": parameter.label,
        "hint": parameter.hint,
        "parameter": parameter,
        "value": "" if shown is None else shown,
        "errors": [one.message for one in own],
        "is_hidden": is_hidden,
        "is_filled": value not in (None, "", [], {}),
    }
    return result | _further(form, slot, part, names, value)


def _widget(kind: str) -> str:
    return {"event": "choice", "event_field": "choice", "value": "text"}.get(kind, kind)


def _further(form: Form, slot: Slot, part: Mapping[str, Any], names: Names, value: Any) -> dict[str, Any]:
    """Return what only some kinds of inputs need."""
    parameter = slot.parameter
    match parameter.kind:
        case "name":
            whole = value if isinstance(value, dict) else {"en": value or ""}
            return {"en": whole.get("en") or "", "zh": whole.get("zh") or ""}
        case "choice" | "event" | "event_field":
            known = (
                fields_of(event_of(form, slot, part)) if parameter.kind == "event_field" else names.choices(parameter)
            )
            chosen = str(value if value is not None else parameter.default or "")
            return {"choices": _options(known, chosen), "chosen": chosen, "is_empty": not known}
        case "choices" | "ordered":
            known = names.choices(parameter)
            chosen_codes = [str(one) for one in value] if isinstance(value, list) else []
            options = _options(known, *chosen_codes)
            picks = [*chosen_codes, *([""] if chosen_codes else ["", ""])][: len(options) + 1]
            return {"choices": options, "chosen": chosen_codes, "picks": picks}
        case "facts":
            return {"rows": _fact_rows(value)}
        case "condition" | "event_condition":
            return {"definition": value if isinstance(value, dict) else {"all": []}}
    return {}


def _fact_rows(value: Any) -> list[dict[str, str]]:
    rows = []
    for code, text in (value if isinstance(value, dict) else {}).items():
        whole = text if isinstance(text, dict) else {"en": text or ""}
        rows.append({"code": code, "en": whole.get("en") or "", "zh": whole.get("zh") or ""})
    return rows


def _options(known: Mapping[str, str], *chosen: str) -> list[tuple[str, str]]:
    """Return what may be chosen, and what is chosen though it is gone."""
    gone = [code for code in chosen if code and code not in known]
    return [*known.items(), *((code, _("%(code)s (gone)") % {"code": code}) for code in gone)]


def _arms(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    arms = part.get("arms")
    listed = [one for one in arms if isinstance(one, dict)] if isinstance(arms, list) else []
    found_arms = []
    for one in listed:
        name = one.get("name")
        whole = name if isinstance(name, dict) else {"en": name or ""}
        found_arms.append(
            {
                "code": one.get("code", ""),
                "en": whole.get("en") or "",
                "zh": whole.get("zh") or "",
                "share": one.get("share", ""),
                "is_control": bool(one.get("is_control")),
                "label": named(name) or one.get("code", ""),
            }
        )
    return found_arms


def _facts(names: Names) -> dict[str, Any]:
    facts = editor.payload(catalogue_of(names.event), staff.company().currency)
    facts["texts"]["everybody"] = _("No condition yet.")
    return facts


def _event_facts(event: str) -> dict[str, Any]:
    facts = editor.payload(event_catalogue(event), staff.company().currency)
    facts["texts"]["everybody"] = _("No condition yet: every time it happens.")
    return facts
