"""The part of the measure settings that is about loyalty: weights of the index, where types, clients and advocates
begin, what counts as a hold.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from troth.console.numbers import DecimalField
from troth.console.value import index_words
from troth.insights.models import MeasureSettings
from troth.value.loyalty import CATALOGUE, LoyaltyTerms

HUNDRED = Decimal(100)
MOST = 10
PREFIX = "weight_"
OWN = {one.code: Decimal(str(one.weight)) for one in CATALOGUE}
NORM = ("wallet_mean", "wallet_deviation")
SIDES = ("behaviour_from", "attitude_from", "trust_from")
SHARES = ("incentive_from", "price_from", "convenience_from")
HOLDS = (*SHARES, "inertia_below")


def fields() -> Iterator[tuple[str, forms.Field]]:
    """Yield a weight for each indicator, the edges of types and holds, and where clients and advocates begin."""
    called = index_words.names()
    for one in CATALOGUE:
        yield (
            f"{PREFIX}{one.code}",
            DecimalField(label=called[one.code], min_value=0, max_value=MOST, decimal_places=2),
        )
    yield from _edges()
    yield (
        "client_wallet",
        DecimalField(
            label=_("Client from a share of wallet of, %"), min_value=1, max_value=100, decimal_places=2,
            help_text=_("Who buys that much of what they need from us, and still buys, is a client."),
        ),
    )  # fmt: skip
    yield (
        "advocate_referrals",
        forms.IntegerField(
            label=_("Advocate from so many buyers brought"), min_value=1,
            help_text=_("An advocate is a client who also brought others who bought."),
        ),
    )  # fmt: skip
    for name, label in zip(NORM, (_("Spent in the category in a year, on average"), _("… give or take")), strict=True):
        yield name, DecimalField(label=label, min_value=Decimal("0.01"), decimal_places=2, required=False)


def _edges() -> Iterator[tuple[str, forms.Field]]:
    """Yield where the types begin and what counts as a hold: points of 0 to 100, shares in percent."""
    told = {
        "behaviour_from": (_("Buys much from, points"), _("Of behaviour’s side of the index.")),
        "attitude_from": (_("Likes us from, points"), _("Of attitude’s side of the index.")),
        "trust_from": (
            _("Trusts us from, points"),
            _("True loyalty below that is put down to what we give for the money."),
        ),
        "incentive_from": (
            _("Incentives: from this share of purchases, %"),
            _("Purchases on a day on which points were spent, a reward taken or a coupon used."),
        ),
        "price_from": (
            _("Price: from this share of the full price, %"),
            _("What discounts took off, over all they bought."),
        ),
        "convenience_from": (
            _("Convenience: from this share of purchases, %"),
            _("Purchases in one and the same store of several, by whoever does not like us much."),
        ),
        "inertia_below": (
            _("Inertia: below so many points"),
            _("Of the index’s points for the number of categories bought from."),
        ),
    }
    for name, (label, hint) in told.items():
        yield name, forms.DecimalField(label=label, help_text=hint, min_value=0, max_value=100, decimal_places=2)


def groups(form: forms.Form) -> Iterator[tuple[str, list[forms.BoundField]]]:
    """Yield each side of the index with the weights of its indicators."""
    for group, label in index_words.group_names().items():
        yield label, [form[f"{PREFIX}{one.code}"] for one in CATALOGUE if one.group == group]


def check(form: forms.Form, data: dict[str, Any]) -> None:
    """Say what one value demands of another."""
    weights = [data.get(f"{PREFIX}{code}") for code in OWN]
    if None not in weights and not any(weights):
        form.add_error(f"{PREFIX}{CATALOGUE[0].code}", _("Give at least one indicator a weight above 0."))
    mean, deviation = (data.get(name) for name in NORM)
    if (mean is None) != (deviation is None):
        form.add_error(NORM[1] if deviation is None else NORM[0], _("Give both amounts, or neither."))


def part(data: dict[str, Any], old: MeasureSettings) -> dict[str, Any]:
    """Return the stored form; of the weights only what differs from the catalogue's own."""
    given = {code: data[f"{PREFIX}{code}"] for code in OWN}
    norm = {name: None if data[name] is None else _plain(data[name]) for name in NORM}
    return {
        **old.loyalty,
        "weights": {code: _plain(weight) for code, weight in given.items() if weight != OWN[code]},
        "client_wallet": _plain(data["client_wallet"] / HUNDRED),
        "advocate_referrals": data["advocate_referrals"],
        **{name: _plain(data[name] / _scale(name)) for name in (*SIDES, *HOLDS)},
        **norm,
    }


def shown(stored: MeasureSettings) -> dict[str, Any]:
    """Return the stored settings as the form shows them."""
    known = stored.loyalty
    plain = LoyaltyTerms()
    weights = {f"{PREFIX}{code}": _plain(Decimal(known.get("weights", {}).get(code, own))) for code, own in OWN.items()}
    return {
        **weights,
        "client_wallet": _plain(Decimal(known.get("client_wallet", plain.client_wallet)) * HUNDRED),
        "advocate_referrals": known.get("advocate_referrals", plain.advocate_referrals),
        **{name: _plain(Decimal(known.get(name, getattr(plain, name))) * _scale(name)) for name in (*SIDES, *HOLDS)},
        **{name: _plain(Decimal(known[name])) for name in NORM if known.get(name) is not None},
    }


def _scale(name: str) -> Decimal:
    """Percent a share; points stay points."""
    return HUNDRED if name in SHARES else Decimal(1)


def _plain(number: Decimal) -> str:
    """Write 3.0000 as 3 and 2.50 as 2.5."""
    return f"{number.normalize():f}"
