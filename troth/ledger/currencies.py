"""Point currencies: made and changed; a change concerns only lots that are earned afterwards."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access import services as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.events import services as events
from troth.kit import clock
from troth.kit.money import minor_unit_places

from .checking import check_expiry
from .errors import CurrencyRefusedError, CurrencyUnknownError
from .models import ExpiryKind, PointCurrency, Shortfall, TransferRule, UnitKind
from .sweeping import ensure_schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyRules:
    """What a currency's fields are (see `models.PointCurrency`); limits of None are none.

    time_zone: in which its days and months end, usually the company's.
    """

    name: str
    name_zh: str = ""
    unit_kind: str = UnitKind.POINTS
    decimals: int = 0
    money_currency: str = ""
    expiry_kind: str = ExpiryKind.NEVER
    expiry_count: int = 0
    shortfall: str = Shortfall.REFUSE
    arrears_limit: int | None = None
    takes_other_lots: bool = True
    grace_days: int = 0
    adjust_approval_limit: int | None = None
    transfer_rule: str = TransferRule.NONE
    transfer_minimum: int = 1
    transfer_day_limit: int | None = None
    time_zone: str = "UTC"
    is_active: bool = True


_NAMES = tuple(one.name for one in fields(CurrencyRules))
_FIXED = ("unit_kind", "decimals", "money_currency")
"""What the amounts mean: it cannot change under those that are stored."""


@transaction.atomic
def create_currency(*, actor: Actor, now: datetime, code: str, rules: CurrencyRules) -> PointCurrency:
    """Make a point currency.

    Raises:
        PermissionMissingError: without `points.configure`.
        CurrencyRefusedError, OperationRefusedError: a value breaks its rule, or the code is taken.
    """
    access.require(actor, Permission.POINTS_CONFIGURE)
    _check_code(code)
    _check(rules)
    values = {name: getattr(rules, name) for name in _NAMES}
    try:
        with transaction.atomic():
            currency = PointCurrency.objects.create(code=code, created_at=now, updated_at=now, **values)
    except IntegrityError as error:
        raise _refuse("code", code, _("is taken")) from error
    ensure_schedule(currency, now)
    events.append("ledger.currency.created", actor=actor, now=now, data={"currency": code})
    return currency


@transaction.atomic
def change_currency(*, actor: Actor, now: datetime, code: str, **changes: Any) -> PointCurrency:
    """Change rules of a currency, named as in `CurrencyRules`, for what is posted from now on.

    Lots keep the end they were earned under; see `request_expiry_change` for those.

    Raises:
        CurrencyUnknownError: no such currency. Others see `create_currency`.
    """
    access.require(actor, Permission.POINTS_CONFIGURE)
    currency = PointCurrency.objects.select_for_update().filter(code=code).first()
    if currency is None:
        raise CurrencyUnknownError(code)
    before = CurrencyRules(**{name: getattr(currency, name) for name in _NAMES})
    for name in _FIXED:
        if name in changes and changes[name] != getattr(before, name):
            raise _refuse(name, changes[name], _("cannot change once the currency exists; make another currency"))
    after = replace(before, **changes)
    _check(after)
    changed = [name for name in _NAMES if getattr(before, name) != getattr(after, name)]
    if not changed:
        return currency
    for name in changed:
        setattr(currency, name, getattr(after, name))
    currency.updated_at, currency.revision = now, currency.revision + 1
    currency.save(update_fields=[*changed, "updated_at", "revision"])
    data = {"currency": code, "fields": changed}
    events.append("ledger.currency.changed", actor=actor, now=now, data=data)
    return currency


def _refuse(field: str, value: Any, message: str) -> CurrencyRefusedError:
    text = _("%(field)s %(value)s: %(message)s") % {"field": field, "value": value, "message": message}
    return CurrencyRefusedError(text, field=field, value=str(value))


def _check_code(code: str) -> None:
    try:
        validate_slug(code)
    except Exception as error:
        raise _refuse("code", code, _("must be letters, digits, hyphens and underscores")) from error
    if len(code) > 40:
        raise _refuse("code", code, _("must have at most 40 characters"))


def _check(rules: CurrencyRules) -> None:
    if not rules.name.strip() or len(rules.name) > 80 or len(rules.name_zh) > 80:
        raise _refuse("name", rules.name, _("must have 1 to 80 characters"))
    for name, choices in (("unit_kind", UnitKind), ("shortfall", Shortfall), ("transfer_rule", TransferRule)):
        if getattr(rules, name) not in choices.values:
            raise _refuse(
                name, getattr(rules, name), _("must be one of %(list)s") % {"list": ", ".join(choices.values)}
            )
    check_expiry(rules.expiry_kind, rules.expiry_count)
    is_money = rules.unit_kind == UnitKind.CASHBACK
    if is_money != (len(rules.money_currency) == 3):
        raise _refuse("money_currency", rules.money_currency, _("must be an ISO code for cashback, empty otherwise"))
    if is_money and rules.decimals != minor_unit_places(rules.money_currency):
        message = _("must be %(places)d, the places in which this money is paid")
        raise _refuse("decimals", rules.decimals, message % {"places": minor_unit_places(rules.money_currency)})
    if not 0 <= rules.decimals <= 4:
        raise _refuse("decimals", rules.decimals, _("must be 0 to 4"))
    for name in ("arrears_limit", "adjust_approval_limit", "transfer_day_limit", "grace_days", "transfer_minimum"):
        limit = getattr(rules, name)
        if limit is not None and not 0 <= limit <= (10**15 if name != "grace_days" else 3650):
            raise _refuse(name, limit, _("must not be negative, nor that large"))
    if rules.time_zone not in clock.time_zones():
        raise _refuse("time_zone", rules.time_zone, _("must be the name of a time zone"))
