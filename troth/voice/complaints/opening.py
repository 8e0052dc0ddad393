"""Opening a case, from whatever channel: one case each, with a number, acknowledged at once where there is a way."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.access.idempotency import fingerprint_of
from troth.customers import queries as customer_queries
from troth.customers import services as customers
from troth.customers.errors import CustomerErasedError, CustomerRefusedError, IdentityRefusedError, IdentityTakenError
from troth.customers.services import NewIdentity
from troth.customers.visible import visible
from troth.kit import clock as calendar_days
from troth.kit.ids import new_id
from troth.staff import queries as staff

from ..calendars import queries as calendars
from ..models import (
    Case,
    CaseArrival,
    CaseCategory,
    CaseNumber,
    CasePhoto,
    CasePolicyVersion,
    Channel,
    ClockKind,
    EntryKind,
    Severity,
    Wish,
)
from . import clocks, telling
from .categories import category_for
from .errors import ArrivalConflictError, CaseRefusedError
from .photos import Photo
from .policies import policy_of, team_for
from .record import UNPROVEN, add_entry, note_act, tell
from .scheduling import schedule_escalation
from .starters import ensure_starters

MOST_SUBJECT, MOST_TEXT = 200, 20_000
ATTEMPTS = 20
_IN_PERSON = {Channel.PHONE, Channel.TILL}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """A complaint as it came in.

    key: names the arrival, at most 200 signs (an e-mail's Message-ID, a form's token): the same again is the same case;
    customer_id: who complains, where known; email, phone, name: else found or added as a customer by them, none for
    somebody who stays unknown; category, store: codes, "" for not said; severity: "" takes the category's; language:
    "" takes the customer's or the company's; is_told: the customer already knows the number (told on the phone, shown
    on the page); is_unproven: nothing proves that it comes from the address it names.
    """

    key: str
    channel: str
    text: str
    subject: str = ""
    customer_id: UUID | None = None
    email: str = ""
    phone: str = ""
    name: str = ""
    category: str = ""
    severity: str = ""
    is_safety: bool = False
    wish: str = ""
    order_ref: str = ""
    store: str = ""
    source_ref: str = ""
    language: str = ""
    is_told: bool = False
    photos: Sequence[Photo] = ()
    is_unproven: bool = False
    is_made_up: bool = False


@transaction.atomic
def open_case(new: NewCase, *, actor: Actor, now: datetime) -> Case:
    """Open a case and return it; what came in under the same key before is returned as it stands.

    Raises:
        CaseRefusedError: a field breaks its rule.
        ArrivalConflictError: something else came in under the key.
        CustomerNotFoundError, StaffNotFoundError: nobody, no store of that id or code.
        IdentityRefusedError: an e-mail address or phone number cannot be read.
    """
    _check(new)
    policy = ensure_starters(actor=actor, now=now)
    case = _case(new, policy, actor, now)
    known = claim_arrival(new.key, case, fingerprint_of(_payload(new)))
    if known is not None:
        return Case.objects.select_related("category", "policy", "calendar", "store").get(id=known)
    if case.customer_id is None:
        case.customer_id = _customer(new, actor, now)
    case.number = _number(case, now)
    case.save(force_insert=True)
    _keep_photos(case, new.photos, now)
    data = {"sender": UNPROVEN} if new.is_unproven else {}
    add_entry(case, EntryKind.IN, actor=actor, now=now, text=case.text, act="opened", data=data)
    clocks.start_clocks(case, list(ClockKind), now)
    tell(case, "opened", actor=actor, now=now)
    _acknowledge(case, new, actor, now)
    schedule_escalation(now)
    return case


def claim_arrival(key: str, case: Case, fingerprint: str) -> UUID | None:
    """Note what came in, or return the case that it made before; of two at once the second waits for the first.

    Raises:
        ArrivalConflictError: something else came in under the key.
    """
    name = sha256(key.encode()).hexdigest()
    try:
        with transaction.atomic():
            CaseArrival.objects.create(key=name, owner_id=case.owner_id, case_id=case.id, fingerprint=fingerprint)
    except IntegrityError:
        found = CaseArrival.objects.get(key=name)
        if found.fingerprint != fingerprint:
            raise ArrivalConflictError(key) from None
        return found.case_id
    return None


def mark_acknowledged(case: Case, *, how: str, actor: Actor, now: datetime) -> None:
    """Note that the customer knows we have it; the first time counts. The case is saved by the caller."""
    if case.acknowledged_at is not None:
        return
    case.acknowledged_at = now
    clocks.stop(case, ClockKind.ACKNOWLEDGE, now)
    note_act(case, "acknowledged", actor=actor, now=now, how=how)
    tell(case, "acknowledged", actor=actor, now=now)


def _case(new: NewCase, policy: CasePolicyVersion, actor: Actor, now: datetime) -> Case:
    rules = policy_of(policy)
    category = category_for(new.category)
    store = staff.store(new.store) if new.store else None
    severity = new.severity or _severity(category, is_safety=new.is_safety)
    customer_id = _known_customer(new)
    case_id = new_id()
    return Case(
        id=case_id,
        owner_id=customer_id or case_id,
        customer_id=customer_id,
        channel=new.channel,
        source_ref=new.source_ref,
        language=new.language or _language(customer_id),
        subject=visible(new.subject)[:MOST_SUBJECT],
        text=visible(new.text),
        category=category,
        severity=severity,
        is_safety=new.is_safety,
        wish=new.wish,
        order_ref=visible(new.order_ref),
        store=store,
        policy=policy,
        calendar=calendars.calendar(rules.calendar),
        team=team_for(rules, category=category, severity=severity, channel=new.channel, store=new.store),
        opened_at=now,
        opened_by=actor.code,
        is_made_up=new.is_made_up,
    )


def _severity(category: CaseCategory, *, is_safety: bool) -> str:
    return Severity.CRITICAL.value if is_safety else category.severity


def _known_customer(new: NewCase) -> UUID | None:
    """Return the customer by id, else by e-mail, else by phone, held until the case is written."""
    if new.customer_id is not None:
        return customers.hold_customer(new.customer_id).id
    for kind, value in (("email", new.email), ("phone", new.phone)):
        found = customer_queries.customer_by_identity(kind, value) if value else None
        if found is not None:
            with suppress(CustomerErasedError):  # at this very moment
                return customers.hold_customer(found.id).id
    return None


def _customer(new: NewCase, actor: Actor, now: datetime) -> UUID | None:
    """Return a new customer for somebody who gave a way to be answered; None for somebody who did not."""
    pairs = (("email", new.email), ("phone", new.phone))
    identities = [NewIdentity(kind, value) for kind, value in pairs if value]
    if not identities:
        return None
    try:
        made = customers.create_customer(
            actor=actor,
            now=now,
            identities=identities,
            on_taken="suggest",
            name=visible(new.name)[:100],
            language=new.language,
            source="complaint",
            is_made_up=new.is_made_up,
        )
    except IdentityTakenError:  # somebody of that address was made at this very moment
        if (known := _known_customer(new)) is None:
            raise
        return known
    except (IdentityRefusedError, CustomerRefusedError) as error:
        raise CaseRefusedError(error.message, **error.fields) from error
    return made.id


def _number(case: Case, now: datetime) -> str:
    """Return a number that is easy to say and tells nobody how many complaints there are; take it for the case."""
    company = staff.company_or_none()
    day = calendar_days.business_date(now, company.time_zone if company else "UTC")
    for _attempt in range(ATTEMPTS):
        number = f"{day:%y%m}-{secrets.randbelow(900_000) + 100_000}"
        try:
            with transaction.atomic():
                CaseNumber.objects.create(number=number, owner_id=case.owner_id, case_id=case.id)
        except IntegrityError:
            continue
        return number
    raise CaseRefusedError(_("No free number was found for the case; try again."))


def _keep_photos(case: Case, photos: Sequence[Photo], now: datetime) -> None:
    CasePhoto.objects.bulk_create(
        CasePhoto(
            id=new_id(),
            owner_id=case.owner_id,
            case_id=case.id,
            content_type=photo.content_type,
            size=len(photo.content),
            content=photo.content,
            created_at=now,
        )
        for photo in photos
    )


def _acknowledge(case: Case, new: NewCase, actor: Actor, now: datetime) -> None:
    is_sent = telling.acknowledge(case, actor=actor, now=now)
    if is_sent or new.is_told:
        how = "message" if is_sent else "person" if new.channel in _IN_PERSON else "page"
        mark_acknowledged(case, how=how, actor=actor, now=now)
        case.save(update_fields=["acknowledged_at"])


def _language(customer_id: UUID | None) -> str:
    company = staff.company_or_none()
    usual = company.language if company else "en"
    customer = customer_queries.customer_or_none(customer_id) if customer_id else None
    return (customer.language if customer else "") or usual


def _check(new: NewCase) -> None:
    if not visible(new.text):
        raise CaseRefusedError(_("Write what happened."), field="text")
    if len(new.text) > MOST_TEXT:
        text = _("The text has %(count)d characters; at most %(limit)d can be kept. Shorten it.")
        values = {"count": len(new.text), "limit": MOST_TEXT}
        raise CaseRefusedError(text % values, field="text", limit=MOST_TEXT)
    for field, most in (("key", 200), ("order_ref", 80), ("source_ref", 120), ("name", 150), ("language", 10)):
        if len(getattr(new, field)) > most:
            text = _("%(field)s: write at most %(limit)d characters.") % {"field": field, "limit": most}
            raise CaseRefusedError(text, field=field, limit=most)
    choices = (("channel", Channel.values), ("severity", ["", *Severity.values]), ("wish", Wish.values))
    for field, allowed in choices:
        if getattr(new, field) not in allowed:
            text = _("%(field)s “%(value)s” is not one of: %(values)s.")
            named = {"field": field, "value": getattr(new, field), "values": ", ".join(filter(None, allowed))}
            raise CaseRefusedError(text % named, field=field, value=getattr(new, field))
    if not new.key:
        raise CaseRefusedError(_("Name the complaint by a key, so that it is opened once."), field="key")


def _payload(new: NewCase) -> dict[str, object]:
    """Return what makes two arrivals the same: what was said, by whom."""
    names = ("channel", "text", "subject", "email", "phone", "category", "wish", "order_ref", "store")
    found: dict[str, object] = {name: getattr(new, name) for name in names}
    found["customer"] = str(new.customer_id or "")
    found["photos"] = [sha256(photo.content).hexdigest() for photo in new.photos]
    return found
