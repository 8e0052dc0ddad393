"""Ready-made segments to begin with: each shows only where the catalogue has all the fields it needs."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.fields import Text
from troth.kit.conditions.reading import read


@dataclass(frozen=True, slots=True)
class Starter:
    """A definition to start from, with what it is good for."""

    code: str
    name: Text
    purpose: Text
    icon: str
    definition: dict[str, Any]


def _is(field: str, operator: str, value: Any = None, **params: Any) -> dict[str, Any]:
    leaf: dict[str, Any] = {"field": field, "operator": operator}
    if value is not None:
        leaf["value"] = value
    return {**leaf, "with": params} if params else leaf


def _all(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"all": list(parts)}


STARTERS = (
    Starter(
        "first-buyers",
        _("First-time buyers of the last 30 days"),
        _("Welcome them while the first purchase is fresh: the second one makes a customer."),
        "user-plus",
        _all(_is("orders.count", "equals", 1), _is("orders.first_date", "in_last_days", 30)),
    ),
    Starter(
        "valuable-quiet",
        _("Valuable customers gone quiet"),
        _("They spent well this year and have not come for two months: call the best ones first."),
        "bell",
        _all(
            _is("orders.spend", "at_least", "1000", days=365),
            _is("orders.last_date", "at_least_days_ago", 60),
        ),
    ),
    Starter(
        "upper-bands-leaving",
        _("Diamond and gold customers falling asleep"),
        _("By their own rhythm they should have been back. One lost costs as much as many ordinary ones."),
        "diamond",
        _all(
            _is("score.band", "any_of", ["diamond", "gold"]),
            _is("score.status", "any_of", ["sleeping", "lost"]),
        ),
    ),
    Starter(
        "birthday-next-month",
        _("Birthday next month"),
        _("Prepare presents and greetings in good time."),
        "cake",
        _all(_is("customer.birthday", "anniversary_in_period", "next_month")),
    ),
    Starter(
        "one-and-gone",
        _("Bought once, not seen for 90 days"),
        _("The largest leak of most companies: ask why, or make the second visit worth while."),
        "user-minus",
        _all(_is("orders.count", "equals", 1), _is("orders.last_date", "at_least_days_ago", 90)),
    ),
    Starter(
        "regulars",
        _("Regulars"),
        _("At least six orders in 90 days: the people to thank, and to ask for a friend."),
        "refresh",
        _all(_is("orders.count", "at_least", 6, days=90)),
    ),
    Starter(
        "many-returns",
        _("Many returns"),
        _("Three or more returns in half a year: find out what disappoints them."),
        "receipt-refund",
        _all(_is("orders.returns", "at_least", 3, days=180)),
    ),
    Starter(
        "reachable",
        _("Agreed to offers by SMS"),
        _("A known phone, and consent to offers by SMS or by any channel."),
        "message",
        _all(
            _is("contact.known_by", "has_any_of", ["phone"]),
            _is("contact.consents", "has_any_of", ["marketing.sms", "marketing.any"]),
        ),
    ),
)


def starters(fields: Catalogue) -> list[Starter]:
    """Return the starters that this catalogue can express."""
    return [one for one in STARTERS if _is_readable(one, fields)]


def starter(code: str, fields: Catalogue) -> Starter | None:
    """Return the starter of this code, None if there is none or it cannot be expressed."""
    return next((one for one in starters(fields) if one.code == code), None)


def _is_readable(one: Starter, fields: Catalogue) -> bool:
    try:
        read(one.definition, fields)
    except ConditionInvalidError:
        return False
    return True
