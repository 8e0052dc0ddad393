"""What a journey's document holds: typed and immutable. Times of day are the person's; days the company's."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_STEPS = 200
MAX_DEPTH = 8

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""A name for machines: small letters, digits, hyphens; never changed once published."""
ConditionJson = dict[str, Any]
"""A condition as in troth/kit/conditions; read against the journey's own catalogue."""
EventName = Annotated[str, Field(min_length=1, max_length=80)]
Days = Annotated[int, Field(ge=0, le=1100)]
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


class Shape(BaseModel):
    """A part of the document: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Name(Shape):
    """A name in both languages; written as one text it is the same in both."""

    en: Annotated[str, Field(min_length=1, max_length=200)]
    zh: Annotated[str, Field(max_length=200)] = ""


def _as_name(raw: Any) -> Any:
    return {"en": raw, "zh": raw} if isinstance(raw, str) else raw


Named = Annotated[Name, BeforeValidator(_as_name)]


# --- who enters


class EventEntry(Shape):
    """Whoever an event of the log concerns. key: the field of its data that tells occasions apart, such as order.

    where: a condition over the event's data; stale_days: an event that happened longer ago is let pass.
    """

    type: Literal["event"]
    event: EventName
    key: Annotated[str, Field(max_length=40)] = ""
    where: ConditionJson | None = None
    stale_days: Annotated[int, Field(ge=1, le=90)] = 3


class SegmentEntry(Shape):
    """Whoever enters a segment; those who were in it before are not news."""

    type: Literal["segment"]
    segment: Annotated[str, Field(min_length=36, max_length=36)]
    stale_days: Annotated[int, Field(ge=1, le=90)] = 3


class DateEntry(Shape):
    """Whoever has such a day, `days` after it (negative: before it), at this time of the person's day."""

    type: Literal["date"]
    of: Literal[
        "birthday",
        "lunar_birthday",
        "anniversary",
        "first_purchase",
        "last_purchase",
        "festival",
        "points_expiry",
    ]
    festival: Annotated[str, Field(max_length=40)] = ""
    currency: Annotated[str, Field(max_length=40)] = ""
    days: Annotated[int, Field(ge=-90, le=1100)] = 0
    at: time = time(9)


class MatchEntry(Shape):
    """Whoever meets a condition over the customer; looked for once a day."""

    type: Literal["match"]
    when: ConditionJson
    at: time = time(9)


class ListEntry(Shape):
    """Whoever is put in by hand or by a program."""

    type: Literal["list"]


Entry = Annotated[EventEntry | SegmentEntry | DateEntry | MatchEntry | ListEntry, Field(discriminator="type")]


class Reentry(Shape):
    """How often somebody may go through. Whoever is under way does not enter a second time, whatever the rule.

    never: once in a lifetime. after_days: again so many days after the last entry. each_key: once for each occasion
    (order, birthday), several side by side. each_time: again whenever no run is under way.
    """

    rule: Literal["never", "after_days", "each_key", "each_time"] = "never"
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


# --- steps


class BaseStep(Shape):
    """What every step has: an id, unique in the document, that stays when the document changes; and a name."""

    id: Code
    name: Named | None = None


class Wait(BaseStep):
    """Wait for so long; with `at`, then on until that time of the person's day."""

    type: Literal["wait"]
    days: Days = 0
    hours: Annotated[int, Field(ge=0, le=720)] = 0
    minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    at: time | None = None
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()

    @property
    def length(self) -> timedelta:
        """Return how long at least."""
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes)


class WaitFor(BaseStep):
    """Wait for an event of the person's, at most so long.

    same_key: only one of the same occasion, told by this field of its data; where: a condition over its data. What
    follows is `happened` or `timed_out`.
    """

    type: Literal["wait_for"]
    event: EventName
    same_key: Annotated[str, Field(max_length=40)] = ""
    where: ConditionJson | None = None
    days: Days = 0
    hours: Annotated[int, Field(ge=0, le=720)] = 0
    happened: "tuple[Step, ...]" = ()
    timed_out: "tuple[Step, ...]" = ()

    @property
    def length(self) -> timedelta:
        """Return how long at most."""
        return timedelta(days=self.days, hours=self.hours)


class Way(Shape):
    """One way out of a branch: taken by whoever meets the condition and none of those before."""

    code: Code
    name: Named | None = None
    when: ConditionJson
    steps: "tuple[Step, ...]" = ()


class Branch(BaseStep):
    """The first way whose condition holds, or `otherwise`."""

    type: Literal["branch"]
    ways: Annotated[tuple[Way, ...], Field(min_length=1, max_length=10)]
    otherwise: "tuple[Step, ...]" = ()


class Arm(Shape):
    """A share of a random split. is_control: gets nothing here, to compare with."""

    code: Code
    name: Named | None = None
    share: Annotated[int, Field(ge=1, le=100)]
    is_control: bool = False
    steps: "tuple[Step, ...]" = ()


class Split(BaseStep):
    """By chance, the same for one person each time; `salt` draws anew for this step. Shares are percents."""

    type: Literal["split"]
    salt: Annotated[str, Field(max_length=40)] = ""
    arms: Annotated[tuple[Arm, ...], Field(min_length=2, max_length=10)]


class Message(BaseStep):
    """Send a message by a template; the send decision says whether, when and by which channel.

    facts: what the template is filled with besides the occasion's data, by the person's language.
    """

    type: Literal["message"]
    template: Annotated[str, Field(min_length=1, max_length=64)]
    purpose: Literal["marketing", "service", "survey"] = "marketing"
    channels: tuple[Channel, ...] = ()
    relevant_hours: Annotated[int, Field(ge=1, le=2160)] = 48
    facts: dict[Code, Named] = {}


class Task(BaseStep):
    """Give a person of the staff something to do."""

    type: Literal["task"]
    title: Named
    kind: Annotated[str, Field(max_length=40)] = "call"
    team: Annotated[str, Field(max_length=40)] = ""
    to_owner: bool = True
    script: Annotated[str, Field(max_length=64)] = ""
    due_hours: Annotated[int, Field(ge=1, le=2160)] = 24
    priority: Annotated[int, Field(ge=0, le=100)] = 50


class Points(BaseStep):
    """Give points of a currency; note: which budget pays, for the books.

    promised: members were told that they get them, so that nobody is kept out by chance.
    """

    type: Literal["points"]
    currency: Annotated[str, Field(min_length=1, max_length=40)]
    amount: Annotated[int, Field(gt=0, le=1_000_000)]
    expires_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    note: Annotated[str, Field(max_length=120)] = ""
    promised: bool = False


class Coupon(BaseStep):
    """Give a coupon of a campaign with codes of its own; promised: as with points."""

    type: Literal["coupon"]
    campaign: Annotated[str, Field(min_length=1, max_length=64)]
    expires_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    promised: bool = False


class TagStep(BaseStep):
    """Put a tag on the person, or take it off."""

    type: Literal["tag"]
    tag: Annotated[str, Field(min_length=1, max_length=60)]
    remove: bool = False


class Attribute(BaseStep):
    """Set an attribute of the company's own."""

    type: Literal["attribute"]
    attribute: Annotated[str, Field(min_length=1, max_length=40)]
    value: Any = None


class AskSurvey(BaseStep):
    """Ask for a survey, wait at most so long for the answer, and go on by its score.

    low_to, high_from: the scores of the ways `low` and `high`, by the usual bands of the survey's kind if left out.
    Whoever is spared (asked lately, no consent) or does not answer goes `unanswered`. template: "" for the usual one.
    """

    type: Literal["survey"]
    survey: Annotated[str, Field(min_length=1, max_length=40)]
    template: Annotated[str, Field(max_length=64)] = ""
    channels: tuple[Channel, ...] = ()
    days: Days = 7
    hours: Annotated[int, Field(ge=0, le=720)] = 0
    low_to: Annotated[int, Field(ge=0, le=10)] | None = None
    high_from: Annotated[int, Field(ge=0, le=10)] | None = None
    low: "tuple[Step, ...]" = ()
    middle: "tuple[Step, ...]" = ()
    high: "tuple[Step, ...]" = ()
    unanswered: "tuple[Step, ...]" = ()

    @property
    def length(self) -> timedelta:
        """Return how long the answer is waited for."""
        return timedelta(days=self.days, hours=self.hours)

    def way_of(self, score: int | None, *, is_bad: bool, is_good: bool) -> str:
        """Return which way an answer goes; is_bad, is_good: by the bands of the survey's kind."""
        if is_bad if self.low_to is None or score is None else score <= self.low_to:
            return "low"
        return "high" if (is_good if self.high_from is None or score is None else score >= self.high_from) else "middle"


class Webhook(BaseStep):
    """Tell another system, signed: who, which journey and step, and the occasion."""

    type: Literal["webhook"]
    template: Annotated[str, Field(min_length=1, max_length=64)]


class Start(BaseStep):
    """Put the person into another journey, by its own rules of re-entry."""

    type: Literal["start"]
    journey: Code


class Stop(BaseStep):
    """Take the person out of another journey."""

    type: Literal["stop"]
    journey: Code


class End(BaseStep):
    """The way ends here."""

    type: Literal["end"]


Step = Annotated[
    Wait
    | WaitFor
    | Branch
    | Split
    | Message
    | Task
    | Points
    | Coupon
    | TagStep
    | Attribute
    | AskSurvey
    | Webhook
    | Start
    | Stop
    | End,
    Field(discriminator="type"),
]


# --- the whole


class Exit(Shape):
    """Whoever has the event leaves at once; whoever meets the condition, as soon as a wait of theirs is over.

    same_key: only an event of the same occasion, told by this field of its data.
    """

    code: Code
    name: Named | None = None
    when: ConditionJson | None = None
    event: Annotated[str, Field(max_length=80)] = ""
    same_key: Annotated[str, Field(max_length=40)] = ""


class Goal(Shape):
    """What the journey is for: an event of the person's within so many days of entering. ends: the way ends with it."""

    event: EventName
    same_key: Annotated[str, Field(max_length=40)] = ""
    within_days: Annotated[int, Field(ge=1, le=365)] = 30
    ends: bool = False


class JourneyDocument(Shape):
    """A journey. audience: who may enter at all; group: for control groups and caps; priority: of its messages.

    service_only: it only tells people what they have bought or asked for, so that it takes in those, too, who refuse
    decisions made by machine alone; such a journey neither promotes nor gives nor draws lots.

    late_hours: what falls due and is not done within so long (the system stood still, a backup was restored) is
    let pass: acts are skipped, with the reason, and the person goes on.
    """

    journey: Code
    name: Named
    description: Named | None = None
    group: Annotated[str, Field(max_length=40)] = ""
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    late_hours: Annotated[int, Field(ge=1, le=2160)] = 72
    service_only: bool = False
    audience: ConditionJson | None = None
    entry: Entry
    reentry: Reentry = Reentry()
    exits: Annotated[tuple[Exit, ...], Field(max_length=20)] = ()
    goal: Goal | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MAX_STEPS)]


AnyStep = (
    Wait
    | WaitFor
    | Branch
    | Split
    | Message
    | Task
    | Points
    | Coupon
    | TagStep
    | Attribute
    | AskSurvey
    | Webhook
    | Start
    | Stop
    | End
)


FIXED_LISTS = ("happened", "timed_out", "low", "middle", "high", "unanswered", "otherwise")
"""Names of lists of steps within steps, besides those of ways and arms."""


def lists_of(step: AnyStep) -> list[tuple[str, tuple[str | int, ...], tuple[AnyStep, ...]]]:
    """Return the lists of steps within a step: code of the way, path from the step, its steps."""
    if isinstance(step, WaitFor):
        return [("happened", ("happened",), step.happened), ("timed_out", ("timed_out",), step.timed_out)]
    if isinstance(step, AskSurvey):
        by_score = {"low": step.low, "middle": step.middle, "high": step.high, "unanswered": step.unanswered}
        return [(code, (code,), steps) for code, steps in by_score.items()]
    if isinstance(step, Branch):
        ways = [(way.code, ("ways", index, "steps"), way.steps) for index, way in enumerate(step.ways)]
        return [*ways, ("otherwise", ("otherwise",), step.otherwise)]
    if isinstance(step, Split):
        return [(arm.code, ("arms", index, "steps"), arm.steps) for index, arm in enumerate(step.arms)]
    return []


def walk(
    steps: tuple[AnyStep, ...], path: tuple[str | int, ...] = ("steps",)
) -> Iterator[tuple[AnyStep, tuple[str | int, ...]]]:
    """Yield every step with its path in the document, in the order in which it is written."""
    for index, step in enumerate(steps):
        at = (*path, index)
        yield step, at
        for _code, inner, within in lists_of(step):
            yield from walk(within, (*at, *inner))
