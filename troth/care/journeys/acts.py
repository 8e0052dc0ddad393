"""What steps do to people, for everybody at a step at once; each act has a key of its own by run and step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.activity import queries as activity
from troth.customers import services as customers
from troth.ledger import services as ledger
from troth.ledger.operations import Earn, Owner, Reason
from troth.ledger.operations import Outcome as Posting
from troth.messaging import services as messaging
from troth.rewards import services as rewards
from troth.rewards.operations import Assign
from troth.rewards.operations import Outcome as Handing
from troth.staff import queries as staff
from troth.voice.surveys import services as surveys
from troth.worklist import services as worklist

from .compiled import CompiledJourney
from .document import shapes
from .keeping_out import kept_out
from .travelling import Traveller

SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: a code, and ids and codes to find it again."""

    outcome: str = "done"
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """In whose name and when acts are done."""

    actor: Actor
    now: datetime


def key_of(traveller: Traveller) -> str:
    """Return the key under which the act of a step happens once, whatever crashes and comes again."""
    return f"journey:{traveller.run_id}:{traveller.step}"


def act(step: Any, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene) -> list[Done]:
    """Do what a step does to all of them, and return what came of it for each, in their order.

    Raises:
        TrothError: the step itself cannot be done as it stands, such as a template that is gone.
    """
    return _ACTS[step.type](step, journey, travellers, scene)


def intent_of(step: shapes.Message | shapes.Webhook, journey: CompiledJourney, one: Traveller) -> messaging.Intent:
    """Return the message that a step means for somebody."""
    is_message = isinstance(step, shapes.Message)
    hours = step.relevant_hours if isinstance(step, shapes.Message) else journey.document.late_hours
    return messaging.Intent(
        key=key_of(one),
        customer_id=one.person.id,
        purpose=step.purpose if isinstance(step, shapes.Message) else SERVICE,
        template=step.template,
        channels=step.channels if isinstance(step, shapes.Message) else ("webhook",),
        facts={**one.facts, **_constants(step, one), "journey": journey.code, "step": step.id},
        source=f"journey:{journey.journey_id}:{step.id}",
        priority=journey.document.priority,
        relevant_until=one.moment + timedelta(hours=hours),
        group=journey.group if is_message else "",
    )


def invitation_of(step: shapes.AskSurvey, journey: CompiledJourney, one: Traveller) -> messaging.Intent:
    """Return the message that a survey's step would mean for somebody, for rehearsals."""
    return messaging.Intent(
        key=key_of(one),
        customer_id=one.person.id,
        purpose="survey",
        template=step.template or surveys.INVITATION,
        channels=step.channels or surveys.usual_channels(),
        source=f"journey:{journey.journey_id}:{step.id}",
        priority=journey.document.priority,
        relevant_until=one.step_at + step.length,
    )


def _constants(step: shapes.Message | shapes.Webhook, one: Traveller) -> dict[str, str]:
    if not isinstance(step, shapes.Message):
        return {}
    is_chinese = one.person.language.startswith("zh")
    return {code: (name.zh if is_chinese else "") or name.en for code, name in step.facts.items()}


def with_numbers(intents: Sequence[messaging.Intent]) -> list[messaging.Intent]:
    """Return the intents with the numbers that people know orders and cases by, where their facts name one."""
    orders = {order for one in intents if (order := _id(one.facts.get("order"))) is not None}
    numbers = {str(one.id): one.external_id for one in activity.orders_by_id(orders)} if orders else {}
    found = []
    for one in intents:
        more = {}
        if (number := numbers.get(str(one.facts.get("order", "")))) is not None:
            more["order_number"] = number
        if "case" in one.facts and "number" in one.facts:
            more["case_number"] = one.facts["number"]
        found.append(replace(one, facts={**one.facts, **more}) if more else one)
    return found


def _id(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _send(
    step: shapes.Message | shapes.Webhook, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene
) -> list[Done]:
    intents = with_numbers([intent_of(step, journey, one) for one in travellers])
    decisions = messaging.send(intents, actor=scene.actor, now=scene.now)
    return [Done(one.outcome.value, {"contact": str(one.contact_id), **_gate(one.verdicts)}) for one in decisions]


def _gate(verdicts: Sequence[messaging.Verdict]) -> dict[str, str]:
    stopping = next((one.gate for one in verdicts if one.result is messaging.Result.STOP), None)
    delaying = next((one.gate for one in verdicts if one.result is messaging.Result.DELAY), None)
    gate = stopping or delaying
    return {"gate": gate} if gate else {}


def _ask(step: shapes.AskSurvey, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene) -> list[Done]:
    """Invite them to the survey; whoever was asked lately, or may not be written to, is spared."""
    in_time = [one for one in travellers if one.step_at + step.length > scene.now]
    asked = [
        surveys.NewInvitation(
            key=key_of(one),
            customer_id=one.person.id,
            survey=step.survey,
            source=f"journey:{journey.journey_id}:{step.id}",
            subject=f"order:{one.facts['order']}" if one.facts.get("order") else "",
            template=step.template,
            channels=step.channels,
            expires_at=one.step_at + step.length,
        )
        for one in in_time
    ]
    invited = surveys.invite(asked, actor=scene.actor, now=scene.now) if asked else []
    done = {one.run_id: _invited(found) for one, found in zip(in_time, invited, strict=True)}
    return [done.get(one.run_id, Done("late")) for one in travellers]


def _invited(found: surveys.Invited) -> Done:
    detail = {"invitation": str(found.invitation_id)} if found.invitation_id else {}
    return Done("invited", detail) if found.is_invited else Done("not_asked", {**detail, "reason": found.reason})


def _task(step: shapes.Task, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene) -> list[Done]:
    company = staff.company()
    title = step.title.zh if company.language.startswith("zh") and step.title.zh else step.title.en
    drafts = [
        worklist.TaskDraft(
            key=key_of(one),
            kind=step.kind,
            title=title,
            customer_id=one.person.id,
            team=step.team,
            assignee_id=one.person.staff_owner_id if step.to_owner else None,
            due_at=scene.now + timedelta(hours=step.due_hours),
            script=step.script,
            facts=dict(one.facts),
            source=f"journey:{journey.journey_id}",
            priority=step.priority,
        )
        for one in travellers
    ]
    made = worklist.create_tasks(drafts, actor=scene.actor, now=scene.now)
    return [Done("done", {"task": str(task_id)}) for task_id in made]


def _points(step: shapes.Points, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene) -> list[Done]:
    out = kept_out(step, journey.code, [one.person.id for one in travellers], now=scene.now)
    reason = Reason("journey", {"journey": journey.code, "step": step.id, **({"note": step.note} if step.note else {})})
    earns = [
        Earn(
            key=key_of(one),
            owner=Owner("customer", one.person.id),
            currency=step.currency,
            occurred_at=scene.now,
            reason=reason,
            amount=step.amount,
            expires_at=scene.now + timedelta(days=step.expires_days) if step.expires_days else None,
            rule=f"{journey.code}/{step.id}"[:64],
            source=f"journey:{journey.journey_id}",
        )
        for one in travellers
        if one.person.id not in out
    ]
    posts = iter(ledger.post(earns, actor=scene.actor, now=scene.now))
    found = []
    for one in travellers:
        if one.person.id in out:
            found.append(Done("kept_out"))
            continue
        posted = next(posts)
        if posted.outcome is Posting.REFUSED:
            found.append(Done("refused", {"reason": posted.error.code if posted.error else ""}))
        else:
            found.append(Done("done", {"transaction": str(posted.transaction_id), "points": step.amount}))
    return found


def _coupon(step: shapes.Coupon, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene) -> list[Done]:
    wanted = [
        Assign(
            key=key_of(one),
            customer_id=one.person.id,
            campaign=step.campaign,
            occurred_at=scene.now,
            source="journey",
            source_id=journey.code,
            expires_at=scene.now + timedelta(days=step.expires_days) if step.expires_days else None,
        )
        for one in travellers
    ]
    out = kept_out(step, journey.code, [one.person.id for one in travellers], now=scene.now)
    given = [assign for assign in wanted if assign.customer_id not in out]
    handed_over = iter(rewards.post_coupons(given, actor=scene.actor, now=scene.now))
    found = []
    for assign in wanted:
        if assign.customer_id in out:
            found.append(Done("kept_out", {"campaign": step.campaign}))
            continue
        handed = next(handed_over)
        if handed.outcome is Handing.REFUSED:
            found.append(Done("refused", {"reason": handed.error.code if handed.error else ""}))
        else:
            found.append(Done("done", {"coupon": str(handed.coupon_id)}))
    return found


def _tag(step: shapes.TagStep, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene) -> list[Done]:
    if step.remove:
        records = {record for one in travellers for record in one.person.records}
        customers.remove_tag_from_many(actor=scene.actor, now=scene.now, customer_ids=records, name=step.tag)
    else:
        ids = {one.person.id for one in travellers}
        customers.add_tag_to_many(actor=scene.actor, now=scene.now, customer_ids=ids, name=step.tag)
    return [Done()] * len(travellers)


def _attribute(
    step: shapes.Attribute, journey: CompiledJourney, travellers: Sequence[Traveller], scene: Scene
) -> list[Done]:
    ids = {one.person.id for one in travellers}
    customers.set_attribute_of_many(
        actor=scene.actor, now=scene.now, customer_ids=ids, code=step.attribute, value=step.value
    )
    return [Done()] * len(travellers)


_Act = Callable[[Any, CompiledJourney, Sequence[Traveller], Scene], list[Done]]
_ACTS: Mapping[str, _Act] = {
    "message": _send,
    "webhook": _send,
    "survey": _ask,
    "task": _task,
    "points": _points,
    "coupon": _coupon,
    "tag": _tag,
    "attribute": _attribute,
}
