"""What has to hold between the parts of a journey: ids once, names that lead somewhere, waits that end."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from troth.care.journeys import known
from troth.care.journeys.fields import catalogue_of, event_catalogue, event_fields
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import read
from troth.kit.documents.errors import Problem
from troth.kit.documents.source import Path, Source

from . import shapes
from .shapes import AnyStep, JourneyDocument, lists_of, walk

OTHERWISE = "otherwise"
ACTS = ("message", "survey", "task", "points", "coupon", "tag", "attribute", "webhook", "start", "stop")


def check(document: JourneyDocument, source: Source) -> list[Problem]:
    """Return everything that contradicts itself or leads nowhere."""
    return _Checker(document, source).run()


class _Checker:
    """One check of a document."""

    def __init__(self, document: JourneyDocument, source: Source) -> None:
        self.document = document
        self.source = source
        self.problems: list[Problem] = []
        entry = document.entry
        self.event = entry.event if isinstance(entry, shapes.EventEntry) else ""
        self.has_key = bool(isinstance(entry, shapes.EventEntry) and entry.key)
        self.fields = catalogue_of(self.event)

    def run(self) -> list[Problem]:
        self._condition(self.document.audience, self.fields, ("audience",))
        self._entry()
        self._reentry()
        for index, found in enumerate(self.document.exits):
            self._exit(found, ("exits", index))
        self._once([(found.code, ("exits", index, "code")) for index, found in enumerate(self.document.exits)])
        if self.document.goal:
            self._event(self.document.goal.event, ("goal", "event"))
            self._same_key(self.document.goal.same_key, self.document.goal.event, ("goal", "same_key"))
        self._steps()
        return self.problems

    def _refuse(self, path: Path, code: str, message: str) -> None:
        self.problems.append(self.source.problem(path, code, message))

    def _condition(self, raw: dict[str, Any] | None, catalogue: Catalogue, path: Path) -> None:
        if raw is None:
            return
        try:
            read(raw, catalogue)
        except ConditionInvalidError as error:
            for one in error.problems:
                self._refuse((*path, *_parts(one.path)), one.code, one.message)

    # --- who enters

    def _entry(self) -> None:
        entry = self.document.entry
        if isinstance(entry, shapes.EventEntry):
            self._event_entry(entry)
        elif isinstance(entry, shapes.SegmentEntry):
            self._one_of(entry.segment, known.segments(), ("entry", "segment"))
        elif isinstance(entry, shapes.MatchEntry):
            self._condition(entry.when, self.fields, ("entry", "when"))
        elif isinstance(entry, shapes.DateEntry):
            self._date_entry(entry)

    def _event_entry(self, entry: shapes.EventEntry) -> None:
        fields = event_fields(entry.event)
        self._event(entry.event, ("entry", "event"))
        if entry.key and fields is not None:
            self._one_of(entry.key, fields, ("entry", "key"))
        if fields is not None:
            self._condition(entry.where, event_catalogue(entry.event), ("entry", "where"))

    def _date_entry(self, entry: shapes.DateEntry) -> None:
        if entry.of == "festival":
            self._one_of(entry.festival, known.festivals(), ("entry", "festival"))
        elif entry.festival:
            self._refuse(("entry", "festival"), "festival_unasked", _("only “of: festival” has a festival; remove it"))
        if entry.of == "points_expiry":
            self._one_of(entry.currency, known.currencies(), ("entry", "currency"))
            if entry.days > 0:
                message = _("points that have ended cannot be saved; give a negative number of days, such as −14")
                self._refuse(("entry", "days"), "days_after", message)
        elif entry.currency:
            self._refuse(("entry", "currency"), "currency_unasked", _("only “of: points_expiry” asks for a currency"))
        if entry.of in ("first_purchase", "last_purchase") and entry.days < 0:
            self._refuse(("entry", "days"), "days_before", _("nobody knows a purchase before it; give 0 or more days"))

    def _reentry(self) -> None:
        rule, entry = self.document.reentry, self.document.entry
        is_keyed = self.has_key or isinstance(entry, shapes.DateEntry)
        if rule.rule == "each_key" and not is_keyed:
            message = _("only an event with a “key”, or a date, has occasions that can be told apart")
            self._refuse(("reentry", "rule"), "key_missing", message)
        if rule.rule == "after_days" and rule.days is None:
            self._refuse(("reentry",), "days_missing", _("say after how many days: add “days”"))
        if rule.rule != "after_days" and rule.days is not None:
            self._refuse(("reentry", "days"), "days_unasked", _("only “rule: after_days” takes days; remove them"))

    def _exit(self, found: shapes.Exit, path: Path) -> None:
        if (found.when is None) == (not found.event):
            self._refuse(path, "exit_one", _("give either “when” or “event”"))
        self._condition(found.when, self.fields, (*path, "when"))
        if found.event:
            self._event(found.event, (*path, "event"))
        self._same_key(found.same_key, found.event, (*path, "same_key"))

    def _event(self, name: str, path: Path) -> None:
        if event_fields(name) is None:
            message = _("there is no event “%(name)s” in the log; docs/events.md lists ours, or define one of your own")
            self._refuse(path, "unknown_event", message % {"name": name})

    def _same_key(self, field: str, event: str, path: Path) -> None:
        if not field:
            return
        if not self.has_key:
            self._refuse(path, "key_missing", _("there is no occasion to compare with: the entry has no “key”"))
        if (fields := event_fields(event)) is not None:
            self._one_of(field, fields, path)

    # --- steps

    def _steps(self) -> None:
        found = list(walk(self.document.steps))
        if len(found) > shapes.MAX_STEPS:
            message = _("a journey has at most %(limit)d steps; make two of it") % {"limit": shapes.MAX_STEPS}
            self._refuse(("steps",), "too_many_steps", message)
        self._once([(step.id, (*path, "id")) for step, path in found])
        for step, path in found:
            if sum(1 for part in path if isinstance(part, int)) > 2 * shapes.MAX_DEPTH:
                message = _("branches lie more than %(limit)d deep; make a journey of its own") % {
                    "limit": shapes.MAX_DEPTH
                }
                self._refuse(path, "too_deep", message)
            if self.document.service_only and not _serves(step):
                message = _("a journey for service only neither promotes nor gives nor draws lots; remove this step")
                self._refuse(path, "not_service", message)
            if judge := _JUDGES.get(step.type):
                judge(self, step, path)
            for _code, inner, steps in lists_of(step):
                self._after_end(steps, (*path, *inner))
        self._after_end(self.document.steps, ("steps",))

    def _after_end(self, steps: tuple[AnyStep, ...], path: Path) -> None:
        for index, step in enumerate(steps[:-1]):
            if step.type == "end":
                self._refuse((*path, index + 1), "never_reached", _("nobody comes here: the way has ended before"))
                return

    def _wait(self, step: shapes.Wait, path: Path) -> None:
        if not step.length and step.at is None:
            self._refuse(path, "no_wait", _("say how long: add “days”, “hours” or “minutes”, or a time “at”"))
        if step.weekdays and step.at is None:
            self._refuse((*path, "weekdays"), "weekdays_alone", _("weekdays need a time of day; add “at”"))

    def _wait_for(self, step: shapes.WaitFor, path: Path) -> None:
        self._event(step.event, (*path, "event"))
        self._same_key(step.same_key, step.event, (*path, "same_key"))
        if event_fields(step.event) is not None:
            self._condition(step.where, event_catalogue(step.event), (*path, "where"))
        if not step.length:
            self._refuse(path, "no_end", _("say how long at most: add “days” or “hours”"))

    def _branch(self, step: shapes.Branch, path: Path) -> None:
        for index, way in enumerate(step.ways):
            self._condition(way.when, self.fields, (*path, "ways", index, "when"))
            if way.code == OTHERWISE:
                self._refuse((*path, "ways", index, "code"), "code_taken", _("“otherwise” is the last way of all"))
        self._once([(way.code, (*path, "ways", index, "code")) for index, way in enumerate(step.ways)])

    def _split(self, step: shapes.Split, path: Path) -> None:
        total = sum(arm.share for arm in step.arms)
        if total != 100:
            message = _("the shares make %(total)d percent; make them 100") % {"total": total}
            self._refuse((*path, "arms"), "shares", message)
        self._once([(arm.code, (*path, "arms", index, "code")) for index, arm in enumerate(step.arms)])
        for index, arm in enumerate(step.arms):
            if arm.is_control and any(one.type in ACTS for one, _path in walk(arm.steps)):
                message = _("the control arm gets nothing, or there is nothing to compare with; remove its acts")
                self._refuse((*path, "arms", index, "steps"), "control_acts", message)

    def _message(self, step: shapes.Message, path: Path) -> None:
        self._one_of(step.template, known.templates(), (*path, "template"))
        channels = known.channels()
        for index, channel in enumerate(step.channels):
            self._one_of(channel, channels, (*path, "channels", index))

    def _survey(self, step: shapes.AskSurvey, path: Path) -> None:
        self._one_of(step.survey, known.surveys(), (*path, "survey"))
        if step.template:
            self._one_of(step.template, known.templates(), (*path, "template"))
        channels = known.channels()
        for index, channel in enumerate(step.channels):
            self._one_of(channel, channels, (*path, "channels", index))
        if not step.length:
            self._refuse(path, "no_end", _("say how long at most: add “days” or “hours”"))
        if step.low_to is not None and step.high_from is not None and step.low_to >= step.high_from:
            message = _("a low score ends below where a high one begins; make it less than %(high)d")
            self._refuse((*path, "low_to"), "scores_meet", message % {"high": step.high_from})

    def _webhook(self, step: shapes.Webhook, path: Path) -> None:
        self._one_of(step.template, known.templates(), (*path, "template"))

    def _task(self, step: shapes.Task, path: Path) -> None:
        self._one_of(step.kind, known.task_kinds(), (*path, "kind"))
        if step.team:
            self._one_of(step.team, known.teams(), (*path, "team"))
        if step.script:
            self._one_of(step.script, known.scripts(), (*path, "script"))

    def _points(self, step: shapes.Points, path: Path) -> None:
        self._one_of(step.currency, known.currencies(), (*path, "currency"))

    def _coupon(self, step: shapes.Coupon, path: Path) -> None:
        self._one_of(step.campaign, known.campaigns(), (*path, "campaign"))

    def _attribute(self, step: shapes.Attribute, path: Path) -> None:
        self._one_of(step.attribute, known.attributes(), (*path, "attribute"))
        if (message := known.attribute_refusal(step.attribute, step.value)) is not None:
            self._refuse((*path, "value"), "attribute_value", message)

    def _other(self, step: shapes.Start | shapes.Stop, path: Path) -> None:
        if step.journey == self.document.journey:
            self._refuse((*path, "journey"), "itself", _("a journey neither starts nor stops itself"))
        else:
            self._one_of(step.journey, known.journeys(), (*path, "journey"))

    # --- names

    def _once(self, codes: Iterable[tuple[str, Path]]) -> None:
        listed = list(codes)
        count = Counter(code for code, _path in listed)
        seen: set[str] = set()
        for code, path in listed:
            if count[code] > 1 and code in seen:
                self._refuse(path, "code_twice", _("“%(code)s” is taken; choose another") % {"code": code})
            seen.add(code)

    def _one_of(self, code: str, names: Mapping[str, str], path: Path) -> None:
        if code in names:
            return
        if not code:
            self._refuse(path[:-1], "missing", _("“%(key)s” is missing; add it") % {"key": path[-1]})
            return
        listed = ", ".join(sorted(names)[:30]) or "-"
        message = _("there is no “%(code)s”; it is one of: %(known)s")
        self._refuse(path, "unknown_code", message % {"code": code[:60], "known": listed})


def _serves(step: AnyStep) -> bool:
    """Tell whether a step decides nothing about the person: no promotion, no gift, no draw."""
    if isinstance(step, shapes.Message):
        return step.purpose != "marketing"
    return step.type not in ("points", "coupon", "split", "start")


_JUDGES: Mapping[str, Callable[[_Checker, Any, Path], None]] = {
    "wait": _Checker._wait,
    "wait_for": _Checker._wait_for,
    "branch": _Checker._branch,
    "split": _Checker._split,
    "message": _Checker._message,
    "survey": _Checker._survey,
    "webhook": _Checker._webhook,
    "task": _Checker._task,
    "points": _Checker._points,
    "coupon": _Checker._coupon,
    "attribute": _Checker._attribute,
    "start": _Checker._other,
    "stop": _Checker._other,
}


def _parts(path: str) -> Path:
    """Return the parts of a condition's path such as all[1].value."""
    found: list[str | int] = []
    for part in path.replace("]", "").replace("[", ".").split("."):
        if part:
            found.append(int(part) if part.isdigit() else part)
    return tuple(found)
