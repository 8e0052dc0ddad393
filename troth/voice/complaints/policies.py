"""How complaints are handled: deadlines, assignment, escalation, limits of remedies. Published as versions; a case
keeps the one it was opened under.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from troth.access.actors import Actor
from troth.events import services as events
from troth.worklist import queries as worklist

from ..calendars import queries as calendars
from ..models import CaseCategory, CasePolicyVersion, Channel, ClockKind, Severity
from .errors import PolicyRefusedError

MOST_MINUTES = 60 * 24 * 365
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Code = Annotated[str, StringConstraints(max_length=60)]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Deadlines(_Part):
    """By when, in minutes of working time."""

    acknowledge: Minutes
    answer: Minutes
    resolve: Minutes

    @model_validator(mode="after")
    def _in_order(self) -> "Deadlines":
        if not self.acknowledge <= self.answer <= self.resolve:
            raise ValueError(_("the acknowledgement comes before the answer, the answer before the resolution"))
        return self

    def seconds(self, kind: ClockKind) -> int:
        """Return one deadline in seconds."""
        return int(getattr(self, kind.value)) * 60


class AssignmentRule(_Part):
    """What is left empty fits everything; category fits those below it too. team: whose case it becomes."""

    category: Code = ""
    severity: Literal["", "low", "medium", "high", "critical"] = ""
    channel: Literal["", "form", "email", "phone", "till", "social", "survey", "other"] = ""
    store: Code = ""
    team: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class EscalationStep(_Part):
    """When so much of a deadline is used up, a task goes to a team."""

    at_percent: Annotated[int, Field(ge=10, le=1000)]
    team: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class RemedyLimits(_Part):
    """How much one person may give in one case, all remedies of a kind together, and how much two may at most.

    Points by currency code, refunds by ISO code; coupons are counted.
    """

    points_alone: dict[Code, Annotated[int, Field(ge=0, le=10**12)]] = {}
    points_most: dict[Code, Annotated[int, Field(ge=0, le=10**12)]] = {}
    refund_alone: dict[CurrencyCode, Annotated[Decimal, Field(ge=0, le=10**9, decimal_places=2)]] = {}
    refund_most: dict[CurrencyCode, Annotated[Decimal, Field(ge=0, le=10**9, decimal_places=2)]] = {}
    coupons_alone: Annotated[int, Field(ge=0, le=20)] = 1
    coupons_most: Annotated[int, Field(ge=0, le=20)] = 3


class LowScores(_Part):
    """Which scores of surveys open a case by themselves: up to and including this one; None for no score at all.

    except_surveys: codes of surveys that never do; team: who calls, "" for the case's team.
    """

    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    csat: Annotated[int, Field(ge=1, le=5)] | None = None
    ces: Annotated[int, Field(ge=1, le=7)] | None = None
    except_surveys: Annotated[list[Code], Field(max_length=200)] = []
    team: Code = ""

    def is_low(self, kind: str, score: int, *, survey: str) -> bool:
        """Tell whether a score is one that opens a case."""
        most = {"nps": self.nps, "csat": self.csat, "ces": self.ces}.get(kind)
        return most is not None and score <= most and survey not in self.except_surveys


class PolicyDocument(_Part):
    """The whole document. word_days: how long the customer's word is waited for."""

    calendar: Code
    low: Deadlines
    medium: Deadlines
    high: Deadlines
    critical: Deadlines
    rules: Annotated[list[AssignmentRule], Field(max_length=100)] = []
    default_team: Annotated[str, StringConstraints(max_length=60)] = ""
    escalation: Annotated[list[EscalationStep], Field(max_length=5)] = []
    limits: RemedyLimits = RemedyLimits()
    low_scores: LowScores = LowScores()
    word_days: Annotated[int, Field(ge=1, le=60)] = 7
    recourse: Annotated[str, StringConstraints(max_length=400)] = ""
    recourse_zh: Annotated[str, StringConstraints(max_length=400)] = ""

    @model_validator(mode="after")
    def _steps_rise(self) -> "PolicyDocument":
        steps = [step.at_percent for step in self.escalation]
        if steps != sorted(set(steps)):
            raise ValueError(_("the steps of escalation rise"))
        return self

    def deadlines(self, severity: str) -> Deadlines:
        """Return the deadlines of a severity."""
        return {"low": self.low, "medium": self.medium, "high": self.high, "critical": self.critical}[severity]


@transaction.atomic
def publish_policy(*, actor: Actor, now: datetime, document: dict[str, Any]) -> CasePolicyVersion:
    """Publish how complaints are handled from now on; open and closed ones keep what they were opened under.

    The same document again publishes nothing.

    Raises:
        PolicyRefusedError: a field breaks its rule, or names what is not there.
    """
    checked = read_policy(document)
    _refuse_unknown(checked)
    kept = checked.model_dump(mode="json")
    newest = CasePolicyVersion.objects.order_by("-number").first()
    if newest is not None and newest.document == kept:
        return newest
    number = newest.number + 1 if newest else 1
    try:
        with transaction.atomic():
            version = CasePolicyVersion.objects.create(
                number=number, document=kept, created_at=now, created_by=actor.code
            )
    except IntegrityError as error:
        text = _("Somebody else published rules at the same moment; reload and look at them.")
        raise PolicyRefusedError(text) from error
    events.append("voice.case_policy.published", actor=actor, now=now, data={"number": number})
    return version


def read_policy(document: dict[str, Any]) -> PolicyDocument:
    """Return the document checked.

    Raises:
        PolicyRefusedError: names the first field that breaks its rule.
    """
    try:
        return PolicyDocument.model_validate(document)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyRefusedError(f"{place}: {first['msg']}", field=place) from invalid


def policy_of(version: CasePolicyVersion) -> PolicyDocument:
    """Return what a version says."""
    return PolicyDocument.model_validate(version.document)


def team_for(policy: PolicyDocument, *, category: CaseCategory, severity: str, channel: str, store: str) -> str:
    """Return the team of the first rule that fits, else the category's own or that of one above it, else the usual."""
    above = _with_above(category)
    codes = {one.code for one in above}
    for rule in policy.rules:
        fits = (
            (not rule.category or rule.category in codes)
            and rule.severity in {"", severity}
            and rule.channel in {"", channel}
            and rule.store in {"", store}
        )
        if fits:
            return rule.team
    return next((one.team for one in above if one.team), policy.default_team)


def _with_above(category: CaseCategory) -> list[CaseCategory]:
    """Return a category and those above it, the nearest first; a tree has no rings, see `categories`."""
    parents = {one.id: one for one in CaseCategory.objects.all()}
    found: list[CaseCategory] = []
    current: CaseCategory | None = category
    while current is not None and current not in found:
        found.append(current)
        current = parents.get(current.parent_id) if current.parent_id else None
    return found


def _refuse_unknown_team(policy: PolicyDocument) -> None:
    """Refuse a team that is not there: its cases and tasks would be nobody's."""
    named = {
        "default_team": {policy.default_team},
        "rules": {rule.team for rule in policy.rules},
        "escalation": {step.team for step in policy.escalation},
        "low_scores": {policy.low_scores.team},
    }
    known = set(worklist.teams(is_active=None).values_list("code", flat=True))
    for field, codes in named.items():
        if unknown := sorted(codes - known - {""}):
            text = _("There is no team “%(code)s”; make it first, under Tasks, Teams.") % {"code": unknown[0]}
            raise PolicyRefusedError(text, field=field, value=unknown[0])


def _refuse_unknown(policy: PolicyDocument) -> None:
    if policy.calendar not in calendars.calendar_codes():
        text = _("There is no working calendar “%(code)s”; make it first.") % {"code": policy.calendar}
        raise PolicyRefusedError(text, field="calendar", value=policy.calendar)
    named = {rule.category for rule in policy.rules if rule.category}
    known = set(CaseCategory.objects.filter(code__in=named).values_list("code", flat=True))
    if unknown := sorted(named - known):
        text = _("There is no category “%(code)s”.") % {"code": unknown[0]}
        raise PolicyRefusedError(text, field="rules", value=unknown[0])
    _refuse_unknown_team(policy)
    for rule in policy.rules:
        if rule.severity not in {"", *Severity.values} or rule.channel not in {"", *Channel.values}:
            raise PolicyRefusedError(_("A rule names a severity or channel that is not there."), field="rules")
