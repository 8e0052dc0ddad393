"""The forms of a journey's parts, made from the catalogue of kinds: read from a part, drawn, and put back into it."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.care.journeys import known
from troth.care.journeys.document.kinds import ENTRIES, ENTRY_KINDS, RULES, STEP_KINDS, Parameter
from troth.care.journeys.fields import event_fields
from troth.console.programmes.parts.conditions import posted as posted_condition

from .places import Place, found

Text = str | Promise
MAX_ARMS = 10
MAX_FACTS = 20
MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class Slot:
    """One input: a parameter, where its value stands within the part, and when it belongs.

    shown: the name of another input and the values of it with which this one belongs. renews: the form is asked
    for anew when it changes.
    """

    parameter: Parameter
    path: Place
    shown: tuple[str, tuple[str, ...]] | None = None
    renews: bool = False

    @property
    def name(self) -> str:
        """Return the name in the form."""
        return ".".join(("p", *map(str, self.path)))


@dataclass(frozen=True, slots=True)
class Section:
    """Inputs under a heading; the first has none."""

    title: Text
    slots: Sequence[Slot]
    lead: Text = ""
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a part. has_arms: the rows of a split."""

    title: Text
    sections: Sequence[Section]
    icon: str = "pencil"
    lead: Text = ""
    has_arms: bool = False

    def slots(self) -> list[Slot]:
        """Return every input."""
        return [slot for section in self.sections for slot in section.slots]


def form_of(kind: str, part: Mapping[str, Any], *, is_new: bool = False) -> Form:
    """Return the form of a kind of part: "head", "entry", "goal", "exit", "way", or a kind of step.

    is_new: it is not in the draft yet: a new branch is asked for its first way at once.
    """
    if kind == "entry":
        return _entry_form(part)
    if kind in _FORMS:
        return _FORMS[kind]
    step = STEP_KINDS[kind]
    slots = [Slot(parameter, (parameter.code,), renews=parameter.kind == "event") for parameter in step.parameters]
    if kind == "message":
        slots = [_ordered(slot) for slot in slots]
    more = Section(_("Name of the step"), [Slot(_NAME_OF_STEP, ("name",))], is_more=True)
    first = [Section("", slots)] if slots else []
    if kind == "branch" and is_new:
        first = [Section(_("The first way"), [Slot(_WAY_NAME, ("ways", 0, "name")), Slot(_WHEN, ("ways", 0, "when"))])]
    return Form(step.label, [*first, more], step.icon, step.description, has_arms=step.ways == "arms")


def _ordered(slot: Slot) -> Slot:
    parameter = slot.parameter
    return replace(slot, parameter=replace(parameter, kind="ordered")) if parameter.code == "channels" else slot


_MEMBERS = _(
    "Whoever is in the segment already is no news and does not enter by itself. "
    "Once the journey runs, “Put people in” lets them in."
)


def _entry_form(part: Mapping[str, Any]) -> Form:
    kind = ENTRY_KINDS.get(str(found(part, ("entry", "type"))))
    slots = [Slot(_ENTRY_TYPE, ("entry", "type"), renews=True)]
    for parameter in kind.parameters if kind else ():
        shown = None
        if kind and kind.code == "date" and parameter.code in ("festival", "currency"):
            shown = ("p.entry.of", ("festival" if parameter.code == "festival" else "points_expiry",))
        slots.append(Slot(parameter, ("entry", parameter.code), shown, renews=parameter.kind == "event"))
    return Form(
        _("Who enters"),
        [
            Section("", slots, _MEMBERS if kind and kind.code == "segment" else ""),
            Section(_("Re-entry"), _REENTRY),
            Section(_("Of those, only"), [Slot(_AUDIENCE, ("audience",))], _("Without a condition: everybody.")),
        ],
        "login-2",
    )


def read(form: Form, part: Mapping[str, Any], posted: QueryDict) -> dict[str, Any]:
    """Return the part with what was posted in it; what the form does not know stays."""
    changed: dict[str, Any] = copy.deepcopy(dict(part))
    if any(slot.path == ("entry", "type") for slot in form.slots()):
        changed["entry"] = {"type": posted.get("p.entry.type", "")}
    for slot in form.slots():
        is_away = slot.shown and posted.get(slot.shown[0], "") not in slot.shown[1]
        _put(changed, slot.path, None if is_away else _value(slot, posted))
    if form.has_arms:
        changed["arms"] = _arms(changed.get("arms"), posted)
    return changed


def _value(slot: Slot, posted: QueryDict) -> Any:
    """Return what was posted for an input as the document has it; None for nothing, or for what is meant anyway."""
    parameter, name = slot.parameter, slot.name
    if parameter.kind in _READERS:
        return _READERS[parameter.kind](name, posted)
    if parameter.kind == "yes_no":
        is_on = name in posted
        return None if is_on == bool(parameter.default) else is_on
    text = posted.get(name, "").strip()[:MAX_TEXT]
    if not text or (text == str(parameter.default) and not parameter.is_required):
        return None
    return _whole(text) if parameter.kind == "whole" else text


def _name(name: str, posted: QueryDict) -> dict[str, str] | None:
    return _both(posted.get(f"{name}.en", ""), posted.get(f"{name}.zh", ""))


def _both(english: str, chinese: str) -> dict[str, str] | None:
    """Return a name in both languages; one that is given in Chinese alone is the English one, too."""
    texts = {key: text.strip()[:MAX_TEXT] for key, text in (("en", english), ("zh", chinese)) if text.strip()}
    return texts if not texts or "en" in texts else {"en": texts["zh"], **texts}


def _several(name: str, posted: QueryDict) -> list[str] | None:
    return list(dict.fromkeys(one for one in posted.getlist(name)[:50] if one)) or None


def _facts(name: str, posted: QueryDict) -> dict[str, dict[str, str]] | None:
    """Return names in both languages by the code of a fact; rows without a code or a text are left out."""
    rows = zip(*(posted.getlist(f"{name}.{part}") for part in ("code", "en", "zh")), strict=False)
    found = {}
    for code, english, chinese in list(rows)[:MAX_FACTS]:
        if code.strip() and (texts := _both(english, chinese)):
            found[code.strip()[:60]] = texts
    return found or None


def _condition(name: str, posted: QueryDict) -> Any:
    return posted_condition(posted.get(name, ""))


_READERS: dict[str, Callable[[str, QueryDict], Any]] = {
    "name": lambda name, posted: _name(name, posted) or None,
    "choices": _several,
    "ordered": _several,
    "condition": _condition,
    "event_condition": _condition,
    "facts": _facts,
}


def _whole(text: str) -> int | str:
    try:
        return int(text.replace(",", "").replace("，", "")) if len(text) < 20 else text
    except ValueError:
        return text


def _put(part: dict[str, Any], path: Place, value: Any) -> None:
    """Put a value at a path, making what it stands in; None takes it out, and what becomes empty by that."""
    if value is not None:
        at: Any = part
        for key, following in pairwise(path):
            if isinstance(at, list):
                at = at[int(key)]
            else:
                if not isinstance(at.get(key), dict | list):
                    at[key] = [{}] if isinstance(following, int) else {}
                at = at[key]
        at[path[-1]] = value
        return
    parents = [part, *(found(part, path[: index + 1]) for index in range(len(path) - 1))]
    for parent, key in zip(reversed(parents), reversed(path), strict=True):
        if isinstance(parent, dict):
            parent.pop(key, None) if key == path[-1] or not parent.get(key) else None


def _arms(before: Any, posted: QueryDict) -> list[dict[str, Any]]:
    """Return the arms of a split by the rows posted; each keeps the steps of the arm that it was."""
    known_arms = {str(one.get("code")): one for one in before if isinstance(one, dict)} if before else {}
    rows = zip(
        posted.getlist("arm.code"),
        posted.getlist("arm.en"),
        posted.getlist("arm.zh"),
        posted.getlist("arm.share"),
        posted.getlist("arm.control"),
        strict=False,
    )
    arms: list[dict[str, Any]] = []
    for code, english, chinese, share, control in list(rows)[:MAX_ARMS]:
        if not share.strip() and not english.strip():
            continue
        taken = {one["code"] for one in arms} | known_arms.keys()
        arm = dict(known_arms.get(code, {"code": fresh("arm", taken), "steps": []}))
        name = _both(english, chinese)
        arm |= {"share": _whole(share.strip()[:20])}
        arm.pop("name", None)
        if name:
            arm["name"] = name
        arm.pop("is_control", None)
        if control == "yes":
            arm["is_control"] = True
        arms.append({key: arm[key] for key in ("code", "name", "share", "is_control", "steps") if key in arm})
    return arms


def fresh(stem: str, taken: Any) -> str:
    """Return a code that is not taken."""
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def event_of(form: Form, slot: Slot, part: Mapping[str, Any]) -> str:
    """Return the event whose fields an input offers."""
    path = (*slot.path[:-1], slot.parameter.event_of or "event")
    return str(found(part, path) or "")


def fields_of(event: str) -> dict[str, str]:
    """Return the fields of an event's data with what they mean."""
    return {code: f"{code} – {meaning}" if meaning else code for code, meaning in (event_fields(event) or {}).items()}


_NAME_OF_STEP = Parameter("name", _("Name of the step"), "name", hint=_("Shown instead of its kind."))
_WAY_NAME = Parameter("name", _("Name of the way"), "name", is_required=True)
_WHEN = Parameter("when", _("Who goes this way"), "condition", is_required=True)
_ENTRY_TYPE = Parameter(
    "type",
    _("What lets somebody in"),
    "choice",
    is_required=True,
    choices=lambda: {one.code: one.label for one in ENTRIES},
)
_AUDIENCE = Parameter("audience", _("Who may enter at all"), "condition")
_EVENT = Parameter("event", _("Event"), "event", choices=known.event_names)
_SAME_KEY = Parameter("same_key", _("Of the same occasion, told by"), "event_field", event_of="event")
_REENTRY = (
    Slot(
        Parameter("rule", _("How often one person may enter"), "choice", default="never", choices=lambda: RULES),
        ("reentry", "rule"),
    ),
    Slot(
        Parameter("days", _("Days after the last entry"), "whole", is_required=True, minimum=1, maximum=3650),
        ("reentry", "days"),
        ("p.reentry.rule", ("after_days",)),
    ),
)
_FORMS: dict[str, Form] = {
    "head": Form(
        _("Name and limits"),
        [
            Section(
                "",
                [
                    Slot(Parameter("name", _("Name of the journey"), "name", is_required=True), ("name",)),
                    Slot(Parameter("description", _("What it is for"), "name"), ("description",)),
                ],
            ),
            Section(
                _("Kind of journey"),
                [
                    Slot(
                        Parameter(
                            "service_only", _("Only tells customers what they bought or asked for"), "yes_no",
                            default=False,
                        ),
                        ("service_only",),
                    )
                ],
                _("Then it also takes in those who refuse automated decisions; it may not promote, give or draw lots."),
            ),
            Section(
                _("Limits"),
                [
                    Slot(
                        Parameter(
                            "priority", _("Priority of its messages"), "whole", default=50, minimum=0, maximum=100,
                            hint=_("0 to 100; where a cap leaves room for one message only, the higher one goes."),
                        ),
                        ("priority",),
                    ),
                    Slot(
                        Parameter(
                            "late_hours", _("Skip what is late by so many hours"), "whole", default=72, minimum=1,
                            maximum=2160,
                            hint=_("For example after a standstill: nobody gets last week's greeting."),
                        ),
                        ("late_hours",),
                    ),
                    Slot(
                        Parameter(
                            "group", _("Group of journeys"), "text", maximum=40,
                            hint=_("Journeys of one group share caps and control groups."),
                        ),
                        ("group",),
                    ),
                ],
            ),
        ],
        "adjustments-horizontal",
    ),
    "goal": Form(
        _("Goal"),
        [
            Section(
                "",
                [
                    Slot(replace(_EVENT, is_required=True), ("event",), renews=True),
                    Slot(_SAME_KEY, ("same_key",)),
                    Slot(
                        Parameter("within_days", _("Within days of entering"), "whole", default=30, minimum=1,
                                  maximum=365),
                        ("within_days",),
                    ),
                    Slot(Parameter("ends", _("Whoever reaches it leaves the journey"), "yes_no", default=False),
                         ("ends",)),
                ],
            )
        ],
        "target",
        _("What the journey is for; reaching it is counted."),
    ),
    "exit": Form(
        _("Exit"),
        [
            Section(
                "",
                [
                    Slot(Parameter("name", _("Name of the exit"), "name"), ("name",)),
                    Slot(replace(_EVENT, label=_("Leaves when it happens")), ("event",), renews=True),
                    Slot(_SAME_KEY, ("same_key",)),
                    Slot(Parameter("when", _("Leaves when this holds"), "condition"), ("when",)),
                ],
            )
        ],
        "logout",
        _("Looked at before every step: whoever it concerns leaves at once."),
    ),
    "way": Form(
        _("Way of the branch"), [Section("", [Slot(_WAY_NAME, ("name",)), Slot(_WHEN, ("when",))])], "git-fork",
        _("Taken by whoever meets the condition and none of those before."),
    ),
}  # fmt: skip
