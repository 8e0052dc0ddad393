"""Facts that a company keeps of its customers beyond the fixed ones, each with a type."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..errors import AttributeRefusedError
from ..models import AttributeDefinition, AttributeType, CustomerAttribute
from .records import locked_customer

AttributeValue = str | Decimal | int | date | bool | None
MAX_TEXT = 300

_COLUMNS = {
    AttributeType.TEXT: "text_value",
    AttributeType.CHOICE: "text_value",
    AttributeType.NUMBER: "number_value",
    AttributeType.DATE: "date_value",
    AttributeType.BOOLEAN: "boolean_value",
}


@transaction.atomic
def define_attribute(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    label: str,
    attribute_type: str,
    label_zh: str = "",
    choices: list[str] | None = None,
    unit: str = "",
    is_personal: bool = True,
    is_active: bool = True,
    is_new: bool = False,
) -> AttributeDefinition:
    """Add the attribute of this code, or change it; what is as it was writes nothing.

    The type of an attribute that customers have cannot change, nor can a choice go that somebody has.

    Args:
        is_new: refuse a code that is there already.

    Raises:
        AttributeRefusedError: a field breaks its rule, the code is taken, a choice has no list, the type would
        change under values, or a choice would go that customers have.
    """
    definition = AttributeDefinition.objects.select_for_update().filter(code=code).first()
    if definition is not None and is_new:
        raise AttributeRefusedError(_("The code “%(code)s” is taken.") % {"code": code}, field="code", value=code)
    wanted = {
        "label": label,
        "label_zh": label_zh,
        "attribute_type": attribute_type,
        "choices": choices or [] if attribute_type == AttributeType.CHOICE else [],
        "unit": unit if attribute_type == AttributeType.NUMBER else "",
        "is_personal": is_personal,
        "is_active": is_active,
    }
    definition = definition or AttributeDefinition(code=code)
    _refuse_what_values_forbid(definition, wanted)
    changed = [name for name, value in wanted.items() if definition.pk is None or getattr(definition, name) != value]
    for name in changed:
        setattr(definition, name, wanted[name])
    try:
        definition.full_clean()
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise AttributeRefusedError(f"{field}: {messages[0]}", field=field, errors=invalid.message_dict) from invalid
    if changed:
        definition.save()
        data = {"attribute": code, "fields": changed}
        events.append("customers.attribute.defined", actor=actor, now=now, data=data)
    return definition


def _refuse_what_values_forbid(definition: AttributeDefinition, wanted: Mapping[str, Any]) -> None:
    kind, choices = wanted["attribute_type"], wanted["choices"]
    if kind == AttributeType.CHOICE and not choices:
        message = _("Attribute “%(code)s”: name the values that may be chosen.") % {"code": definition.code}
        raise AttributeRefusedError(message, field="choices")
    if definition.pk is None:
        return
    values = CustomerAttribute.objects.filter(definition=definition)
    if definition.attribute_type != kind and values.exists():
        message = _("Attribute “%(code)s” has values of its type already; make a new one for another type.")
        raise AttributeRefusedError(message % {"code": definition.code}, field="attribute_type", value=kind)
    for choice in definition.choices:
        if choice not in choices and (count := values.filter(text_value=choice).count()):
            message = _("“%(choice)s” cannot go: customers who have it: %(count)s. Change theirs first.")
            raise AttributeRefusedError(message % {"choice": choice, "count": count}, field="choices", value=choice)


@transaction.atomic
def set_attributes(
    *, actor: Actor, now: datetime, customer_id: UUID, values: dict[str, AttributeValue]
) -> list[CustomerAttribute]:
    """Set attributes by code; None or "" removes one. Text is read as the attribute's type.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        AttributeRefusedError: no such attribute, or a value that is not of its type; nothing was set.
    """
    customer = locked_customer(customer_id)
    definitions = {d.code: d for d in AttributeDefinition.objects.filter(code__in=values, is_active=True)}
    if unknown := sorted(values.keys() - definitions.keys()):
        message = _("There is no attribute “%(codes)s”.") % {"codes": ", ".join(unknown)}
        raise AttributeRefusedError(message, field=unknown[0])
    typed = {code: typed_value(definitions[code], value) for code, value in values.items()}
    held = {row.definition_id: row for row in CustomerAttribute.objects.filter(owner_id=customer.id)}
    changed = [
        code for code, value in typed.items() if value_of(definitions[code], held.get(definitions[code].pk)) != value
    ]
    for code in changed:
        _store(definitions[code], customer.id, typed[code], now)
    if changed:
        data = {"attributes": sorted(changed)}
        events.append("customers.attribute.set", actor=actor, now=now, customer_id=customer.id, data=data)
    return list(CustomerAttribute.objects.filter(owner_id=customer.id).select_related("definition"))


@transaction.atomic
def set_attribute_of_many(
    *, actor: Actor, now: datetime, customer_ids: Iterable[UUID], code: str, value: AttributeValue
) -> int:
    """Set one attribute of many customers, given by their canonical ids; return how many had another value.

    Raises:
        AttributeRefusedError: see `set_attributes`.
    """
    definition = AttributeDefinition.objects.filter(code=code, is_active=True).first()
    if definition is None:
        raise AttributeRefusedError(_("There is no attribute “%(codes)s”.") % {"codes": code}, field=code)
    typed, wanted = typed_value(definition, value), sorted(set(customer_ids))
    held = values_held(code, wanted)
    changed = [one for one in wanted if held.get(one) != typed]
    put(code, dict.fromkeys(changed, typed), now=now)
    news = [events.NewEvent("customers.attribute.set", one, {"attributes": [code]}) for one in changed]
    events.append_many(news, actor=actor, now=now)
    return len(changed)


def values_held(code: str, customer_ids: Iterable[UUID]) -> dict[UUID, AttributeValue]:
    """Return the values of one attribute that these canonical records hold, locked."""
    rows = CustomerAttribute.objects.filter(owner_id__among=list(customer_ids), definition__code=code)
    locked = rows.select_related("definition").select_for_update(of=("self",)).order_by("owner_id")
    return {row.owner_id: value_of(row.definition, row) for row in locked}


def put(code: str, values: Mapping[UUID, AttributeValue], *, now: datetime) -> None:
    """Write typed values of one attribute over whatever these canonical records hold; None leaves nothing there."""
    definition = AttributeDefinition.objects.get(code=code)
    column = _COLUMNS[AttributeType(definition.attribute_type)]
    empty: dict[str, Any] = dict.fromkeys(_COLUMNS.values())
    CustomerAttribute.objects.filter(owner_id__among=list(values), definition=definition).delete()
    rows = [
        CustomerAttribute(owner_id=owner, definition=definition, updated_at=now, **(empty | {column: value}))
        for owner, value in values.items()
        if value is not None
    ]
    CustomerAttribute.objects.bulk_create(rows, batch_size=1_000)


def value_of(definition: AttributeDefinition, row: CustomerAttribute | None) -> AttributeValue:
    """Return the value that a row holds in the column of its type."""
    if row is None:
        return None
    value: AttributeValue = getattr(row, _COLUMNS[AttributeType(definition.attribute_type)])
    return value


def typed_value(definition: AttributeDefinition, value: AttributeValue) -> AttributeValue:
    """Return the value as the attribute's type; empty text is None.

    Raises:
        AttributeRefusedError: it is not of the type, not one of the choices, or too long.
    """
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return None
    match definition.attribute_type:
        case AttributeType.NUMBER:
            return _number(definition, text)
        case AttributeType.DATE:
            return _date(definition, text)
        case AttributeType.BOOLEAN:
            return _boolean(definition, text)
        case AttributeType.CHOICE if str(text) not in definition.choices:
            raise _refused(definition, text, _("one of: %(choices)s") % {"choices": ", ".join(definition.choices)})
    if len(str(text)) > MAX_TEXT:
        raise _refused(definition, str(text)[:40], _("text of at most %(limit)s signs") % {"limit": MAX_TEXT})
    return str(text)


def _number(definition: AttributeDefinition, value: Any) -> Decimal:
    try:
        number = Decimal(str(value).replace(",", "")).quantize(Decimal("0.0001"))
        if not isinstance(value, bool) and abs(number) < 10**14:
            return number
    except InvalidOperation:
        pass
    raise _refused(definition, value, _("a number with at most four decimal places"))


def _date(definition: AttributeDefinition, value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise _refused(definition, value, _("a day as 2026-11-21")) from None


def _boolean(definition: AttributeDefinition, value: Any) -> bool:
    words = {
        "true": True,
        "yes": True,
        "1": True,
        "是": True,
        "false": False,
        "no": False,
        "0": False,
        "否": False,
    }
    found = value if isinstance(value, bool) else words.get(str(value).lower())
    if found is None:
        raise _refused(definition, value, _("yes or no"))
    return found


def _refused(definition: AttributeDefinition, value: Any, expected: str) -> AttributeRefusedError:
    message = _("%(label)s: “%(value)s” does not fit; expected is %(expected)s.")
    values = {"label": definition.label, "value": value, "expected": expected}
    return AttributeRefusedError(message % values, field=definition.code, value=str(value))


def _store(definition: AttributeDefinition, owner_id: UUID, value: AttributeValue, now: datetime) -> None:
    if value is None:
        CustomerAttribute.objects.filter(owner_id=owner_id, definition=definition).delete()
        return
    empty: dict[str, Any] = dict.fromkeys(_COLUMNS.values())
    column = _COLUMNS[AttributeType(definition.attribute_type)]
    CustomerAttribute.objects.update_or_create(
        owner_id=owner_id, definition=definition, defaults={**empty, column: value, "updated_at": now}
    )
