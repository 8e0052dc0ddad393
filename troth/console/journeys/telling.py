"""A journey's parts in words: what each step does, who enters, who leaves."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.console import formats

from .names import DATES, ENTRY_KINDS, RULES, STEP_KINDS, WEEKDAYS, Names, named

Values = Mapping[str, Any]


def step(values: Values, names: Names) -> str:
    """Return in a sentence what a step does, "" where its kind says it all."""
    say = _STEPS.get(str(values.get("type", "")))
    return say(values, names) if say else ""


def entry(values: Values, names: Names) -> str:
    """Return in a sentence who enters."""
    kind = ENTRY_KINDS.get(str(values.get("type", "")))
    if kind is None:
        return _("Nobody enters yet: say who.")
    said = _ENTRIES[kind.code](values, names)
    where = names.condition(values.get("where"), of_event=str(values.get("event", "")))
    return f"{said} · {where}" if where else said


def reentry(values: Any) -> str:
    """Return how often somebody may go through."""
    rule = values.get("rule", "never") if isinstance(values, dict) else "never"
    if rule == "after_days" and isinstance(values.get("days"), int):
        days = values["days"]
        return ngettext(
            "Again %(count)d day after the last entry", "Again %(count)d days after the last entry", days
        ) % {"count": days}
    return str(RULES.get(rule, rule))


def exit_(values: Values, names: Names) -> str:
    """Return who leaves at once."""
    said = []
    if event := values.get("event"):
        said.append(_("when it happens: %(event)s") % {"event": event_label(names, event)})
    if sentence := names.condition(values.get("when")):
        said.append(sentence)
    return " · ".join(said)


def goal(values: Values, names: Names) -> str:
    """Return what the journey is for."""
    days, leaving = values.get("within_days", 30), _("whoever reaches it leaves")
    said = _("%(event)s within %(days)s days of entering") % {
        "event": event_label(names, values.get("event", "")),
        "days": days,
    }
    return f"{said} · {leaving}" if values.get("ends") else said


def event_label(names: Names, event: Any) -> str:
    """Return what an event is called."""
    return names.label(ENTRY_KINDS["event"], "event", event)


def length(values: Values) -> str:
    """Return a length of days, hours and minutes; "" for none."""
    found = [
        _UNITS[unit](values[unit]) % {"count": values[unit]}
        for unit in _UNITS
        if isinstance(values.get(unit), int) and values[unit]
    ]
    return " ".join(found)


_UNITS: dict[str, Callable[[int], str]] = {
    "days": lambda count: ngettext("%(count)d day", "%(count)d days", count),
    "hours": lambda count: ngettext("%(count)d hour", "%(count)d hours", count),
    "minutes": lambda count: ngettext("%(count)d minute", "%(count)d minutes", count),
}


def clock_time(value: Any) -> str:
    """Return a time of day without seconds that are none."""
    return str(value)[:5] if str(value).endswith(":00") and len(str(value)) == 8 else str(value)


def _date(values: Values, names: Names) -> str:
    kind = ENTRY_KINDS["date"]
    of = str(values.get("of", ""))
    day = str(DATES.get(of, of))
    if of == "festival":
        day = names.label(kind, "festival", values.get("festival", ""))
    days = values.get("days", 0)
    at = clock_time(values.get("at", "09:00"))
    if not isinstance(days, int) or not days:
        return _("On the day: %(day)s, at %(at)s") % {"day": day, "at": at}
    text = (
        ngettext("%(count)d day before: %(day)s, at %(at)s", "%(count)d days before: %(day)s, at %(at)s", -days)
        if days < 0
        else ngettext("%(count)d day after: %(day)s, at %(at)s", "%(count)d days after: %(day)s, at %(at)s", days)
    )
    return text % {"count": abs(days), "day": day, "at": at}


def _wait(values: Values, names: Names) -> str:
    said = [length(values)]
    if at := values.get("at"):
        said.append(_("until %(time)s") % {"time": clock_time(at)})
    if isinstance(values.get("weekdays"), list) and values["weekdays"]:
        days = ("、" if formats.is_chinese() else ", ").join(str(WEEKDAYS.get(one, one)) for one in values["weekdays"])
        said.append(_("only on %(days)s") % {"days": days})
    return ("，" if formats.is_chinese() else ", ").join(part for part in said if part)


def _wait_for(values: Values, names: Names) -> str:
    event, most = event_label(names, values.get("event", "")), length(values)
    said = _("%(event)s, for at most %(length)s") % {"event": event, "length": most} if most else event
    where = names.condition(values.get("where"), of_event=str(values.get("event", "")))
    return f"{said} · {where}" if where else said


def _survey(values: Values, names: Names) -> str:
    kind = STEP_KINDS["survey"]
    said = [names.label(kind, "survey", values.get("survey", ""))]
    if most := length({"days": 7, **values}):
        said.append(_("waited for at most %(length)s") % {"length": most})
    return " · ".join(said)


def _message(values: Values, names: Names) -> str:
    kind = STEP_KINDS["message"]
    said = [
        names.label(kind, "template", values.get("template", "")),
        names.label(kind, "purpose", values.get("purpose", "marketing")),
    ]
    channels = values.get("channels")
    if isinstance(channels, list) and channels:
        said.append(" → ".join(names.label(kind, "channels", one) for one in channels))
    return " · ".join(part for part in said if part)


def _task(values: Values, names: Names) -> str:
    kind = STEP_KINDS["task"]
    said = [named(values.get("title"))]
    if team := values.get("team"):
        said.append(names.label(kind, "team", team))
    if isinstance(hours := values.get("due_hours", 24), int):
        said.append(ngettext("due within %(count)d hour", "due within %(count)d hours", hours) % {"count": hours})
    return " · ".join(part for part in said if part)


def _points(values: Values, names: Names) -> str:
    amount = values.get("amount", 0)
    shown = formats.count(amount) if isinstance(amount, int) else str(amount)
    return f"{shown} {names.label(STEP_KINDS['points'], 'currency', values.get('currency', ''))}"


def _tag(values: Values, names: Names) -> str:
    text = _("take off “%(tag)s”") if values.get("remove") else _("put on “%(tag)s”")
    return text % {"tag": values.get("tag", "")}


def _attribute(values: Values, names: Names) -> str:
    label = names.label(STEP_KINDS["attribute"], "attribute", values.get("attribute", ""))
    return (
        f"{label} = {values['value']}"
        if values.get("value") not in (None, "")
        else _("empty “%(label)s”") % {"label": label}
    )


def _chosen(kind: str, code: str) -> Callable[[Values, Names], str]:
    return lambda values, names: names.label(STEP_KINDS[kind], code, values.get(code, ""))


def _split(values: Values, names: Names) -> str:
    arms = values.get("arms")
    shares = [str(one.get("share", "?")) for one in arms if isinstance(one, dict)] if isinstance(arms, list) else []
    return " : ".join(shares)


_STEPS: dict[str, Callable[[Values, Names], str]] = {
    "wait": _wait,
    "wait_for": _wait_for,
    "split": _split,
    "message": _message,
    "survey": _survey,
    "task": _task,
    "points": _points,
    "coupon": _chosen("coupon", "campaign"),
    "tag": _tag,
    "attribute": _attribute,
    "webhook": _chosen("webhook", "template"),
    "start": _chosen("start", "journey"),
    "stop": _chosen("stop", "journey"),
}

_ENTRIES: dict[str, Callable[[Values, Names], str]] = {
    "event": lambda values, names: (
        _("When it happens: %(event)s") % {"event": event_label(names, values.get("event", ""))}
    ),
    "segment": lambda values, names: (
        _("Whoever comes into “%(segment)s”")
        % {"segment": names.label(ENTRY_KINDS["segment"], "segment", values.get("segment", ""))}
    ),
    "date": _date,
    "match": lambda values, names: (
        _("Whoever meets this, looked at once a day: %(condition)s")
        % {"condition": names.condition(values.get("when"))}
    ),
    "list": lambda values, names: _("Whoever is put in by hand or by a program"),
}
