"""The catalogue as the editor in the browser needs it: plain data, in the language in force."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.days import PERIODS
from troth.kit.conditions.fields import Choices, Field, Param, choices_of
from troth.kit.conditions.operators import operators_of

Listed = list[list[str]] | None


def payload(fields: Catalogue, currency: str) -> dict[str, Any]:
    """Return fields by group with their operators, choices and params, and the words of the editor."""
    groups: dict[str, dict[str, Any]] = {}
    lists = _Lists()
    for field in fields:
        group = groups.setdefault(field.group.code, {"label": str(field.group.label), "fields": []})
        group["fields"].append(_field(field, currency, lists))
    return {
        "groups": list(groups.values()),
        "periods": [[code, str(label)] for code, label in PERIODS.items()],
        "months": [[number, formats.date_format(date(2000, number, 1), "F")] for number in range(1, 13)],
        "texts": _texts(),
    }


def _field(field: Field, currency: str, lists: "_Lists") -> dict[str, Any]:
    unit = currency if field.type == "money" else str(field.unit)
    return {
        "code": field.code,
        "type": field.type.value,
        "label": str(field.label),
        "unit": unit,
        "description": str(field.description),
        "operators": [[one.code, str(one.label), one.shape.value] for one in operators_of(field)],
        "choices": lists.of(field.choices),
        "names": lists.of(field.names),
        "suggests": field.suggest is not None,
        "params": [_param(param, lists) for param in field.params],
    }


def _param(param: Param, lists: "_Lists") -> dict[str, Any]:
    return {
        "code": param.code,
        "kind": param.kind.value,
        "label": str(param.label),
        "choices": lists.of(param.choices),
        "suggests": param.suggest is not None,
    }


class _Lists:
    """The choices of one payload: many facts offer the same ones, all stores for example, which are read once."""

    def __init__(self) -> None:
        self._read: dict[int, Listed] = {}

    def of(self, choices: Choices) -> Listed:
        if not choices:
            return None
        if id(choices) not in self._read:
            self._read[id(choices)] = [[one.code, str(one.label)] for one in choices_of(choices)]
        return self._read[id(choices)]


def _texts() -> dict[str, str]:
    return {
        "all": _("All of these hold"),
        "any": _("At least one of these holds"),
        "none": _("None of these holds"),
        "not_all": _("Not all of these hold"),
        "group": _("Group of conditions"),
        "condition": _("Condition"),
        "choose": _("Choose a fact …"),
        "add_condition": _("Add a condition"),
        "add_group": _("Add a group"),
        "remove": _("Remove"),
        "remove_group": _("Remove the group"),
        "field": _("Fact"),
        "operator": _("Comparison"),
        "value": _("Value to compare with"),
        "from": pgettext("range", "From"),
        "to": pgettext("range", "To"),
        "days": _("days"),
        "narrow": _("Narrow down …"),
        "add_value": _("Add …"),
        "type_value": _("Type, then Enter"),
        "everybody": _("No condition yet: everybody belongs to it."),
    }
